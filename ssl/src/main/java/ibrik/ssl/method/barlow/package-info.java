/// **Barlow Twins** Zbontar, Jing, Misra, LeCun and Deny, *Barlow Twins: Self-Supervised Learning
/// via Redundancy Reduction*, ICML 2021, arXiv:2103.03230.
///
/// | paper | here |
/// |---|---|
/// | loss, eq. 1; cross-correlation, eq. 2 | [ibrik.ssl.method.barlow.BarlowTwinsLoss], the op [ibrik.tensor.op.Redundancy.BarlowTwins] |
/// | algorithm 1 | [ibrik.ssl.method.barlow.BarlowTwins] |
/// | projector, section 2.2 | [ibrik.nn.MlpHead], built in [ibrik.ssl.method.barlow.BarlowTwins] |
/// | LARS, rates of weights and of biases, section 2.2 | recipes and `biasLrFactor` in [ibrik.ssl.method.barlow.BarlowTwinsFactory] |
/// | views, appendix A | [ibrik.ssl.augment.Views], `asymmetric` |
///
/// **Official code** facebookresearch/barlowtwins (commit and licence not verified here): known for
/// what it does, nothing of it is used.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | lambda | 0.005 | 0.0051 | 0.0051; 0.005 for small images |
/// | standardising | biased variance | batch norm without affine, eps 1e-5 | the same |
/// | cross-correlation | divided by B | divided by B, over all devices | the same |
/// | several devices | not said | embeddings of all | both views gathered |
/// | batch | 2048 | 2048 | 256 or 128, the rate scaled |
/// | weight decay of biases and norms | none | none | none; small images: all, as in lightly |
/// | start of Linears | not said | the framework's default | uniform by fan-in ([ibrik.nn.Linear]) |
/// | crop beyond the image | drawn again | drawn again, up to 10 times | side cut to the image |
/// | edges in the blur | not said | not verified | edge pixels repeated |
///
/// Small images follow lightly's CIFAR-10 benchmark in widths, batch, rate and lambda. solo-learn
/// multiplies the loss by 0.1 there, which is `scale`. Tiny and grey presets are ours, chosen for
/// minutes on a CPU; they stand in no paper.
///
/// **Collapse value of the loss** `scale D`: equal embeddings have no correlations, so each
/// diagonal entry costs 1 and none other anything. Monitors watch the embedding of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published by others:
/// ImageNet, ResNet-50, 1000 epochs, 73.5 % linear (official repository); CIFAR-10, ResNet-18, 200
/// epochs at batch 128, 84.2 % k-NN of the best epoch (lightly); 1000 epochs, 92.1 % linear
/// (solo-learn).
@NullMarked
package ibrik.ssl.method.barlow;

import org.jspecify.annotations.NullMarked;
