/// **TWIST** Wang et al., *Self-Supervised Learning by Estimating Twin Class Distributions*, 2021,
/// arXiv:2110.07402.
///
/// | paper | here |
/// |---|---|
/// | consistency, sharpness and diversity | [ibrik.ssl.method.twist.TwistLoss] |
/// | batch norm before the softmax | `lastNorm` in [ibrik.ssl.method.twist.TwistConfig] |
/// | multi-crop | [ibrik.ssl.method.MultiCrop]; pairs of either large view with every later view |
/// | self-labelling | [ibrik.ssl.method.twist.SelfLabels] |
///
/// **Official code** bytedance/TWIST: everything here is written from the paper and a description
/// of what the code does. Licence and commit are not recorded.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | weights | alpha, beta | `1 + lam1`, `lam2` | `sharpness`, `diversity` |
/// | 1e-5 inside logarithms | not said | yes | yes |
/// | several devices | not said | terms summed: gradients of the whole batch | logits gathered: the same gradients |
/// | last batch norm | not said | over bunches of 256 images | over all views of the batch |
/// | self-labelling | a second stage | harder crops, a rate of its own that climbs anew | the same crops, the rate falls on |
/// | equal largest probabilities | not said | not known | the first view is the surer one |
/// | momentum teacher | for transformers | for transformers | none |
/// | end of the learning rate | not said | a thousandth of the peak | the same for large images |
/// | batch | 2048 | 2048 | 256 |
/// | colour arithmetic | not said | of common image libraries | BYOL's |
///
/// The defaults are the run with multi-crop and labels, 800 and 50 epochs. In batches much smaller
/// than C diversity is bounded by `ln B`: with 256 images take fewer classes than 4096, or larger
/// batches. The official code trains on ImageNet alone; settings for small, tiny and grey images
/// are ours.
///
/// **Collapse value of the loss** `(sharpness - diversity) ln C`, 0 with the defaults; the least
/// value is `-diversity min(ln B, ln C)`. Monitors watch the logits of the first view.
///
/// **Checked in tests** without diversity one class takes all; without sharpness distributions stay
/// flat; with both each is sharp and all classes are used.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published, ResNet-50 on
/// ImageNet, linear: 72.6 % with two crops, 75.5 % with multi-crop and labels. Published numbers
/// for CIFAR: unknown.
@NullMarked
package ibrik.ssl.method.twist;

import org.jspecify.annotations.NullMarked;
