/// **NNCLR** Dwibedi, Aytar, Tompson, Sermanet and Zisserman, *With a Little Help from My Friends:
/// Nearest-Neighbor Contrastive Learning of Visual Representations*, ICCV 2021, arXiv:2104.14548.
///
/// | paper | here |
/// |---|---|
/// | nearest neighbour in the support set | [ibrik.ssl.method.nnclr.NearestNeighbors] |
/// | loss | [ibrik.ssl.method.BatchContrast], neighbours as queries, predictions as keys; [ibrik.ssl.method.nnclr.NnClr] |
/// | support set as a queue | [ibrik.ssl.method.Queue] |
/// | projector and predictor | [ibrik.nn.MlpHead], built in [ibrik.ssl.method.nnclr.NnClr] |
/// | views | [ibrik.ssl.augment.Views], `asymmetric` |
///
/// **Official code** None is known to us.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | what enters the queue | first views | none known | projections of first views, of unit length |
/// | several devices | not said | none known | neighbours, predictions and what enters the queue gathered |
/// | symmetric loss | mean of both directions | none known | mean of both directions |
/// | gradient | through the prediction only | none known | through the prediction only; the neighbour is a constant |
/// | rate, decay | not verified: 0.3 per 256 images, 1e-6 | none known | 0.3 per 256 images, 1e-6, LARS |
/// | batch | 4096 | none known | 256 or 128, the rate scaled |
/// | start of Linears | not said | the framework's default | uniform by fan-in ([ibrik.nn.Linear]) |
/// | crop beyond the image | drawn again | drawn again, up to 10 times | side cut to the image |
/// | edges in the blur | not said | not verified | edge pixels repeated |
///
/// Small images follow lightly's CIFAR-10 benchmark in heads, queue, batch and rate, with
/// solo-learn's temperature of 0.2 and views. Tiny and grey presets are ours, chosen for minutes on
/// a CPU; they stand in no paper.
///
/// **Queue** The log has the mean age of its rows in steps, `queue_age`.
///
/// **Collapse value of the loss** `ln B`. Monitors watch the projection of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published by others:
/// ImageNet, ResNet-50, 1000 epochs, 75.4 % linear (from memory, unverified); CIFAR-10, ResNet-18,
/// 200 epochs at batch 128, 83.4 % k-NN of the best epoch (lightly); 1000 epochs, 91.9 % linear
/// (solo-learn).
@NullMarked
package ibrik.ssl.method.nnclr;

import org.jspecify.annotations.NullMarked;
