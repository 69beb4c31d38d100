/// **SimSiam** Chen and He, *Exploring Simple Siamese Representation Learning*, CVPR 2021,
/// arXiv:2011.10566.
///
/// | paper | here |
/// |---|---|
/// | negative cosine, eq. 1; symmetric loss, eq. 2 | [ibrik.ssl.method.simsiam.SimSiamLoss] |
/// | stop-gradient, eq. 3 and 4; algorithm 1 | [ibrik.ssl.method.simsiam.SimSiam], its forward pass |
/// | projector and predictor, section 3 | [ibrik.nn.MlpHead], built in [ibrik.ssl.method.simsiam.SimSiam] |
/// | no stop-gradient, figure 2 | `stopGradient = false` in [ibrik.ssl.method.simsiam.SimSiamConfig] |
/// | no predictor; predictor with a constant rate, table 1 | `predictor`, `steadyPredictor` |
/// | SGD, cosine, section 3 | recipes in [ibrik.ssl.method.simsiam.SimSiamFactory] |
/// | views, section 3 | [ibrik.ssl.augment.Views], `mocoV2` |
///
/// **Official code** facebookresearch/simsiam (commit and licence not verified here): known for
/// what it does, nothing of it is used.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | bias before the projector's last norm | not said | there, but frozen | none |
/// | batch norm | over all devices | over all devices | over the batch of one device, one view at a time |
/// | several devices | not said | not looked up | predictions and targets gathered |
/// | learning rate | per epoch | changes once per epoch | changes at every step |
/// | batch | 512 | 512 | 256 or 128, the rate scaled |
/// | start of Linears | not said | the framework's default | uniform by fan-in ([ibrik.nn.Linear]) |
/// | crop beyond the image | drawn again | drawn again, up to 10 times | side cut to the image |
/// | edges in the blur | not said | not verified | edge pixels repeated |
///
/// Small images follow lightly's CIFAR-10 benchmark in widths, batch and rate; the predictor's rate
/// falls there like all others. SimSiam's own CIFAR-10 recipe (0.03 per 256 images, decay 5e-4, 800
/// epochs, 91.8 % linear) is unverified and not used. Tiny and grey presets are ours, chosen for
/// minutes on a CPU; they stand in no paper.
///
/// **Collapse value of the loss** -1, its smallest value; a fresh network has about 0. A good run
/// falls toward -1, too: only the spread of the embeddings tells the two apart. After normalisation
/// it stays near `1 / sqrt(D)`. Monitors watch the projection of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published by others:
/// ImageNet, ResNet-50, 100 epochs, 68.1 % linear (official repository); CIFAR-10, ResNet-18, 200
/// epochs at batch 128, 81.9 % k-NN of the best epoch (lightly); 1000 epochs, 90.5 % linear
/// (solo-learn).
@NullMarked
package ibrik.ssl.method.simsiam;

import org.jspecify.annotations.NullMarked;
