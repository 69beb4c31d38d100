/// **MoCo v3** Chen, Xie and He, *An Empirical Study of Training Self-Supervised Vision
/// Transformers*, ICCV 2021, arXiv:2104.02057. Here with any encoder; the paper's ResNet-50 results
/// use this form as well.
///
/// | paper | here |
/// |---|---|
/// | loss, eq. 1; `ctr` of algorithm 1 | [ibrik.ssl.method.mocov3.MoCoV3Loss], [ibrik.ssl.method.BatchContrast] |
/// | algorithm 1 | [ibrik.ssl.method.mocov3.MoCoV3] |
/// | momentum encoder with a rising rate | [ibrik.ssl.method.MomentumTarget], `byolTau` |
/// | heads, section 3 | [ibrik.nn.MlpHead], built in [ibrik.ssl.method.mocov3.MoCoV3] |
/// | LARS for ResNet-50 | recipes in [ibrik.ssl.method.mocov3.MoCoV3Factory] |
/// | views | [ibrik.ssl.augment.Views], `asymmetric` |
///
/// **Official code** facebookresearch/moco-v3 (commit and licence not verified here): written from
/// the paper, nothing of it is used.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | factor 2 t on the loss | in algorithm 1 | there | there |
/// | move of the key network | after the step | before the next step's keys, with that step's rate | after the step, with the next step's rate: the same weights |
/// | batch norm | over all devices | over all devices | over the batch of one device, one view at a time |
/// | several devices | negatives of all | negatives of all | predictions and keys gathered: the same |
/// | batch | 4096 | 4096 | 256, the rate scaled |
/// | temperature of ResNet-50 | not said | 1.0 | 1.0 |
/// | frozen patch projection, AdamW | for ViT | for ViT | the same by flags, see below |
/// | norm at the end of the predictor | not said | for ViT | the same by flags |
/// | start of Linears | not said | the framework's default | uniform by fan-in ([ibrik.nn.Linear]) |
/// | crop beyond the image | drawn again | drawn again, up to 10 times | side cut to the image |
/// | edges in the blur | not said | not verified | edge pixels repeated |
///
/// The defaults are those for ResNet-50. For a vision transformer as in the paper take `--model
/// vit-small --position sincos --frozen-patch --projector-layers 3 --predictor-norm --temperature
/// 0.2 --optimizer adamw --base-lr 1.5e-4 --weight-decay 0.1 --warm-up-epochs 40`, with large
/// batches: 4096 there.
///
/// Small images follow solo-learn's CIFAR recipe, for 200 epochs instead of 1000. Tiny and grey
/// presets are ours, chosen for minutes on a CPU; they stand in no paper.
///
/// **Collapse value of the loss** `4 t ln B`. Monitors watch the projection of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published by others:
/// ImageNet, ResNet-50, 100 / 300 / 1000 epochs, 68.9 / 72.8 / 74.6 % linear (official repository);
/// CIFAR-10, ResNet-18, 1000 epochs, 93.1 % linear (solo-learn).
@NullMarked
package ibrik.ssl.method.mocov3;

import org.jspecify.annotations.NullMarked;
