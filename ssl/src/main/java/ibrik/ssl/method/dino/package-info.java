/// **DINO** Caron et al., *Emerging Properties in Self-Supervised Vision Transformers*, ICCV 2021,
/// arXiv:2104.14294.
///
/// | paper | here |
/// |---|---|
/// | cross entropy over views, eq. 3 | [ibrik.ssl.method.dino.DinoLoss] |
/// | centre, eq. 4 | `Center` in this package, moved after the step |
/// | sharpening, eq. 1 | temperatures in [ibrik.ssl.method.dino.DinoConfig] |
/// | teacher as a moving average | [ibrik.ssl.method.MomentumTarget] |
/// | head: MLP, unit length, weight-normalised layer | `DinoHead` in this package |
/// | multi-crop | [ibrik.ssl.method.MultiCrop] |
/// | last layer frozen for an epoch | `frozenSteps` of its group, [ibrik.nn.optim.Gated] |
/// | gradients clipped per parameter | [ibrik.nn.optim.ClipEach] |
///
/// **Official code** facebookresearch/dino (Apache-2.0): read for what it does, nothing of it is
/// used. The commit it was looked up in is not recorded.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | encoder | transformers, ResNet-50 | the same | any [ibrik.nn.model.Encoder] |
/// | GELU | not said | exact | exact |
/// | start of the head | not said | normal 0.02 cut off, biases 0 | normal 0.02, biases uniform by fan-in |
/// | start of the last layer | not said | the framework's default | uniform by fan-in |
/// | teacher | a copy at first | a copy at first | a copy at first |
/// | running statistics of the teacher | not said | its own | its own |
/// | batch norm | over all devices | over all devices | over the batch of one device, one size at a time |
/// | several devices | not said | not looked up | outputs of both networks gathered, for the centre as well |
/// | decay of biases and norms | not said | none | none |
/// | decay over time | 0.04 to 0.4 for transformers | the same | the same by flags, see below |
/// | end of the learning rate | 1e-6 | the same | the same for large images |
/// | clipping | not said | per parameter | per parameter, 1e-6 added to the length as there |
/// | colour arithmetic | BYOL's | of common image libraries | BYOL's |
///
/// What the table says of the official code's start of weights and its decay of biases is from
/// memory and unverified, and so is the exact GELU. 100 epochs are ours.
///
/// The defaults are those for ResNet-50, plain momentum, with batches of 256. For transformers take
/// `--optimizer adamw --base-lr 5e-4 --lr-end 0.002 --weight-decay 0.04 --decay-end 10` (both ends
/// are shares of the start) and crops of 0.4 to 1 and 0.05 to 0.4. Small images follow solo-learn
/// with two views; its temperature climbs over no epochs, so that it is 0.07 from the start;
/// whether it clips is not known, here it does not. Settings for tiny and grey images are ours;
/// their heads have batch norms, without which the few steps they make lead nowhere.
///
/// **Collapse value of the loss** `ln K` where all outputs are equal and centred: 11.09 for 65536.
/// An output that wins everywhere while the centre lags costs less, down to 0. Monitors watch the
/// unit rows before the last layer.
///
/// **Checked in tests** without centring one output wins; without sharpening targets become flat;
/// with both neither happens (section 5.3). The network that is kept is the teacher.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the teacher, as in the paper (figure 6)
/// and by the official code's default; `--keep-student` evaluates the student.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published, ResNet-50 on
/// ImageNet: linear 75.3 %, k-NN 67.5 %; solo-learn, ResNet-18 on CIFAR-10 after 1000 epochs: 89.52
/// %.
@NullMarked
package ibrik.ssl.method.dino;

import org.jspecify.annotations.NullMarked;
