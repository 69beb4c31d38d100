/// **MoCo v2+ and BYOL, a fair pair** Huang, Kong and Zhang, *Revisiting the Critical Factors of
/// Augmentation-Invariant Representation Learning*, ECCV 2022, arXiv:2208.00275.
///
/// One method with one switch for the loss, `objective`, and one for the symmetry of the networks,
/// `targetPredictor`: encoder, heads, slow copy, schedules, views and optimiser are the same.
///
/// | paper | here |
/// |---|---|
/// | InfoNCE of MoCo v2+ | [ibrik.ssl.method.mocov2.QueueLoss], both directions summed |
/// | BYOL's loss | [ibrik.ssl.method.byol.ByolLoss], both directions summed |
/// | asymmetric and symmetric networks | `predictor`, `targetPredictor` in [ibrik.ssl.method.fair.FairConfig] |
/// | training step | [ibrik.ssl.method.fair.Fair] |
/// | rise of the target's rate | [ibrik.ssl.method.MomentumTarget], `byolTau` |
/// | NormRescale | [ibrik.ssl.method.fair.NormRescale] |
/// | SGD for both | recipes in [ibrik.ssl.method.fair.FairFactory] |
///
/// **Official code** megvii-research/revisitAIRL (commit and licence not verified here): known for
/// what it does, nothing of it is used.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | last Linears | not known | bias for BYOL, none for MoCo v2+ | the same |
/// | what enters the queue | not known | keys of the first or the second view, by a toss per step | the same; the toss is named by seed and step |
/// | pairing for the target | not known | by order, predictor last | by name |
/// | batch norm | over all devices | over all devices | over the batch of one device, one view at a time |
/// | several devices | not known | not looked up | predictions and targets gathered, also for the queue |
/// | start of the warm-up | not known | 1e-6 | 0 |
/// | NormRescale | online network | all that it finds, failures skipped in silence | weights, or all; a zero norm is left alone, another form is an error |
/// | start of Linears | not said | the framework's default | uniform by fan-in ([ibrik.nn.Linear]) |
/// | crop beyond the image | drawn again | drawn again, up to 10 times | side cut to the image |
/// | edges in the blur | not said | not verified | edge pixels repeated |
///
/// The paper's LARS runs (0.3 or 0.45 per 256 images, decay 1e-6) are `--optimizer lars` with these
/// numbers. Small images: no recipe is published; widths, rate and decay are what lightly and
/// solo-learn use for either method. Tiny and grey presets are ours, chosen for minutes on a CPU;
/// they stand in no paper. MoCo v1 of the same paper is not here.
///
/// **Collapse value of the loss** `2 ln(1 + K)` for `moco`, 0 for `byol`. Monitors watch the
/// projection of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published by others:
/// ImageNet, ResNet-50, 200 epochs, linear (official repository): MoCo v2+ 72.4 %, symmetric 71.2
/// %, BYOL with SGD 72.1 %, MoCo v2 67.2 %. The paper's tables of transfer and of long-tailed sets
/// are unknown here.
@NullMarked
package ibrik.ssl.method.fair;

import org.jspecify.annotations.NullMarked;
