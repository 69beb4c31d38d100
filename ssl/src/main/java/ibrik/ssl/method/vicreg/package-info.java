/// **VICReg** Bardes, Ponce and LeCun, *VICReg: Variance-Invariance-Covariance Regularization for
/// Self-Supervised Learning*, ICLR 2022, arXiv:2105.04906.
///
/// | paper | here |
/// |---|---|
/// | variance, eq. 1 and 2 | [ibrik.tensor.op.Redundancy.VicregVariance] |
/// | covariance, eq. 3 and 4 | [ibrik.tensor.op.Redundancy.VicregCovariance] |
/// | invariance, eq. 5; loss, eq. 6 | [ibrik.ssl.method.vicreg.VicRegLoss] |
/// | algorithm 1 | [ibrik.ssl.method.vicreg.VicReg] |
/// | expander, section 4.2 | [ibrik.nn.MlpHead], built in [ibrik.ssl.method.vicreg.VicReg] |
/// | LARS, section 4.2 | recipes in [ibrik.ssl.method.vicreg.VicRegFactory] |
///
/// **Official code** facebookresearch/vicreg (commit and licence not verified here): known for what
/// it does, nothing of it is used.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | variance of both views | summed | halved: the mean of both | the mean of both; CIFAR preset with twice the weight, as in solo-learn |
/// | invariance | mean over the batch of squared distances | mean over batch and dimensions | mean over batch and dimensions |
/// | variance and covariance | B - 1 | B - 1, over all devices | the same |
/// | several devices | not said | embeddings of all | both views gathered |
/// | end of the cosine | not said | a thousandth of the peak | the same for large images |
/// | batch | 2048 | 2048 | 256, the rate scaled |
/// | views | BYOL's | BYOL's | BYOL's; CIFAR: solo-learn's, crops from 0.2, both solarised at 0.1 |
/// | start of Linears | not said | the framework's default | uniform by fan-in ([ibrik.nn.Linear]) |
/// | crop beyond the image | drawn again | drawn again, up to 10 times | side cut to the image |
/// | edges in the blur | not said | not verified | edge pixels repeated |
///
/// Small images follow solo-learn's CIFAR recipe, for 200 epochs instead of 1000. Tiny and grey
/// presets are ours, chosen for minutes on a CPU; they stand in no paper.
///
/// **Collapse value of the loss** `0.99 variance`: the hinge of a deviation of `sqrt(0.0001)` in
/// both views, nothing else. Monitors watch the embedding of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published by others:
/// ImageNet, ResNet-50, 1000 epochs, 73.2 % linear (official repository); CIFAR-10, ResNet-18, 1000
/// epochs, 92.1 % linear (solo-learn).
@NullMarked
package ibrik.ssl.method.vicreg;

import org.jspecify.annotations.NullMarked;
