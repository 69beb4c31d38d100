/// **Fast-MoCo** Ci, Lin, Bai and Ouyang, *Fast-MoCo: Boost Momentum-based Contrastive Learning
/// with Combinatorial Patches*, ECCV 2022, arXiv:2207.08220.
///
/// | paper | here |
/// |---|---|
/// | split and combine, section 3.2 | [ibrik.ssl.method.fastmoco.Patches] |
/// | training step | [ibrik.ssl.method.fastmoco.FastMoCo] |
/// | contrastive loss | [ibrik.ssl.method.BatchContrast], all choices of patches at once |
/// | momentum target | [ibrik.ssl.method.MomentumTarget] |
/// | clipping at length 1 | [ibrik.nn.optim.ClipNorm], `clip_norm` |
/// | constant rate of the predictor | `steadyPredictor` in [ibrik.ssl.method.fastmoco.FastMoCoConfig] |
///
/// **Official code** orashi/Fast-MoCo (commit and licence not verified here): known for what it
/// does, nothing of it is used.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | move of the target | not said | in the forward pass, with the weights of the step before | after the step: the same weights |
/// | batch norm | over all devices | over all devices | over the batch of one device, one view at a time |
/// | several devices | negatives of all | negatives of all | predictions and keys gathered: the same |
/// | start of the warm-up | not said | a quarter of the peak, one epoch | 0, one epoch |
/// | guard of lengths | not said | none | 1e-12 |
/// | crops | not said | bicubic | bicubic |
/// | batch | 512 | 512 | 256 or 128, the rate scaled |
/// | start of Linears | not said | the framework's default | uniform by fan-in ([ibrik.nn.Linear]) |
/// | crop beyond the image | drawn again | drawn again, up to 10 times | side cut to the image |
/// | edges in the blur | not said | not verified | edge pixels repeated |
///
/// Small images: no recipe is published; they keep the form and the rate with the decay that is
/// usual there. Tiny and grey presets are ours, with temperature 0.2, chosen for minutes on a CPU;
/// they stand in no paper. Features that monitors see are the mean over the patches of a view.
///
/// **Collapse value of the loss** `ln B`, from which a fresh network starts. Monitors watch the
/// projection of the first choice of patches.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published by others:
/// ImageNet, ResNet-50, 100 / 200 / 400 epochs, 73.5 / 75.1 / 75.5 % linear (official repository).
/// Numbers of its ablations and of transfer are unknown here.
@NullMarked
package ibrik.ssl.method.fastmoco;

import org.jspecify.annotations.NullMarked;
