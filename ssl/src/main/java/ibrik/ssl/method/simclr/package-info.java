/// **SimCLR** Chen et al., *A Simple Framework for Contrastive Learning of Visual Representations*,
/// ICML 2020, arXiv:2002.05709.
///
/// | paper | here |
/// |---|---|
/// | NT-Xent, eq. 1 | [ibrik.ssl.method.simclr.NtXent] |
/// | framework, section 2.1, algorithm 1 | [ibrik.ssl.method.simclr.SimClr] |
/// | projection head, section 4.2 | [ibrik.nn.MlpHead], `Config.simclr` |
/// | LARS, warm-up and cosine, section 2.2 | [ibrik.nn.optim.Lars], recipes in [ibrik.ssl.method.simclr.SimClrFactory] |
/// | views, appendix A; CIFAR-10, appendix B.9 | [ibrik.ssl.augment.Views], `simclr` |
///
/// **Official code** google-research/simclr, commit 244e712 (Apache-2.0): read for what it does,
/// nothing of it is used.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | loss | mean over 2B rows | sum of the means of both views: twice that | mean over 2B rows |
/// | a row with itself | left out | logit lowered by 1e9 | logit lowered by 1e9 + 2 / t |
/// | start of the head | not said | normal, deviation 0.01 | uniform by fan-in ([ibrik.nn.Linear]) |
/// | batch norm | over all devices | over all devices, both views at once | over the batch of one device, both views at once |
/// | several devices | not said | negatives of all | both views gathered: the same |
/// | contrast | not said | around the mean of each channel | around the grey mean |
/// | saturation | not said | in HSV | by mixing with grey |
/// | brightness | not said | times a factor (v2) or added (v1) | times a factor |
/// | crop beyond the image | drawn again | drawn again, up to 100 times | side cut to the image |
/// | shrinking crops | not said | bicubic, aliased | bicubic, antialiased; no difference where crops grow |
/// | edges in the blur | not said | zeros | edge pixels repeated |
/// | weight decay | 1e-6 | 1e-4 in its README | 1e-6 |
/// | batch | 4096 | 4096 | 256 or 128 |
///
/// Contrast and saturation are those of common image libraries, which most later results were
/// reached with. Small images follow lightly's CIFAR-10 benchmark in widths, batch, rate and decay,
/// with the temperature of the paper's appendix B.9. Widths, views, epochs and rates for grey
/// images are ours, chosen for minutes on a CPU; they stand in no paper.
///
/// **Collapse value of the loss** `ln(2B - 1)`. Monitors watch the embedding of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** See the README's table.
@NullMarked
package ibrik.ssl.method.simclr;

import org.jspecify.annotations.NullMarked;
