/// **SwAV** Caron et al., *Unsupervised Learning of Visual Features by Contrasting Cluster
/// Assignments*, NeurIPS 2020, arXiv:2006.09882.
///
/// | paper | here |
/// |---|---|
/// | swapped prediction, eq. 1 and 2; multi-crop, section 3.3 | [ibrik.ssl.method.swav.SwavLoss] |
/// | codes by optimal transport, eq. 3 to 5 | [ibrik.tensor.op.Transport.SinkhornKnopp] |
/// | prototypes of unit length | [ibrik.ssl.method.Prototypes] |
/// | queue for small batches | [ibrik.ssl.method.Queue], one per large view |
/// | one pass per size of crops | [ibrik.ssl.method.MultiCrop] |
/// | prototypes frozen at first | `frozenSteps` of their group, [ibrik.nn.optim.Gated] |
/// | views | [ibrik.ssl.augment.Views], `swav`, `swavCifar` |
///
/// **Official code** facebookresearch/swav, NC-licensed: everything here is written from the paper
/// and a description of what the code does. The commit it was looked up in is not recorded.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | codes | in exponentials | in exponentials, f32 | in exponentials where they fit, else in logarithms |
/// | several devices | not said | not verified | scores and what enters the queues gathered: codes of all images |
/// | rows of prototypes | unit length | before each step | before the first step and after each one: the same |
/// | queue before it is full | not said | not there | there, and left out by a number on the device |
/// | order in the queue | not said | newest first | a ring: codes do not depend on it |
/// | first prototypes | not said | uniform, then unit length | the same |
/// | optimiser | LARS | SGD inside LARC, on biases and norms as well | LARS that leaves biases and norms alone |
/// | trust ratio | not said | over the sum of the lengths of gradient and decay | over the length of their sum |
/// | learning rate | cosine | climb from 0.3 at batch 4096, end at a thousandth | climb from 0, end at a thousandth; at 0 for tiny and grey images |
/// | batch norm | over all devices | over all devices | over the batch of one device, one size at a time; in the projector over all views |
/// | large views | 224 pixels | 224 | the size of the data |
/// | crop beyond the image | not said | drawn again | side cut to the image |
/// | deviation of red | not said | 0.228 | that of the data |
///
/// Batches of 4096 need no queue; the defaults are those of the official code for 256, with a queue
/// of 3840 from epoch 15 on. Small images follow solo-learn: LARS that is clipped, 1000 epochs, a
/// queue from epoch 50 on, crops of 18 pixels. It fills its queue from the first step on; here it
/// is used once it holds only what came after its start, which is the same. solo-learn
/// differentiates through the length of prototypes; here as in the official code. Settings for tiny
/// and grey images are ours: 64 prototypes and codes at 0.01, because at 0.05 a small encoder's
/// scores lie so close together that codes are nearly even, and the loss stays at `ln K` (seen on
/// CIFAR-10, preset `tiny`, at three learning rates; the official code's page advises a smaller
/// value there).
///
/// **A queue and short runs** Prototypes are used evenly by old embeddings and new ones together,
/// so a batch that has moved away from a long queue may crowd onto few of them. CIFAR-10, preset
/// `tiny`, 8 epochs of 10,000 images in batches of 64: k-NN 42.2 % without a queue; 41.1 % with one
/// of 64 and a lower loss; 25.0 % with one of 1024 from the third epoch on, at whose start the loss
/// rises above `ln K`. The official code's page advises a later start or a shorter queue then.
///
/// **Collapse value of the loss** `ln K`: 8.006 for 3000 prototypes. A run that stays there has
/// collapsed. Monitors watch the embedding of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published with the official
/// code, linear top-1 on ImageNet, ResNet-50, batches of 256: 72.7 % after 200 epochs, 74.3 % after
/// 400; solo-learn, ResNet-18 on CIFAR-10 after 1000 epochs: 89.17 %.
@NullMarked
package ibrik.ssl.method.swav;

import org.jspecify.annotations.NullMarked;
