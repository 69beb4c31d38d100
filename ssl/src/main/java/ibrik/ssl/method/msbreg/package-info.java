/// **MSBReg** Moon, Buracas, Park, Kim and Canny, *An Embedding-Dynamic Approach to Self-supervised
/// Learning*, WACV 2023, arXiv:2207.03552.
///
/// | paper | here |
/// |---|---|
/// | multi-view centroid loss | [ibrik.ssl.method.msbreg.MsbRegLoss], `attraction`, `centroid` |
/// | singular value loss | [ibrik.ssl.method.msbreg.MsbRegLoss], `dispersion` and, explicitly, `singularValues`: reconstructions |
/// | Brownian diffusive loss | [ibrik.ssl.method.msbreg.MsbRegLoss], `diffusion` |
/// | training step | [ibrik.ssl.method.msbreg.MsbReg] |
/// | delayed-parameter network | [ibrik.ssl.method.MomentumTarget], `byolTau` |
///
/// **Official code** None found. A public module with the classes CentroidDiffusionEMALoss and
/// CentroidDiffusionLoss (author not identified) has the centroid and the Brownian term.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | singular value loss | formula and weight not confirmed | none | `D |Z^T Z / n|_F^2 - 1`, weight 0.05: derived from the description |
/// | Brownian loss | direction shared by an image's views | module: sometimes one direction for the whole batch | shared by an image's views, fresh at every step |
/// | weight of the Brownian loss | not confirmed | module: 0.1 | 0.1 |
/// | centroid | of the target's views | module: normalised again | normalised again, a view's own target included |
/// | centroids of both sides compared | in the introduction | module, without slow copy | not here |
/// | several devices | not said | not looked up | predictions and centroids gathered, directions drawn for all |
/// | heads, schedule | not confirmed | none | BYOL's |
/// | views per image | several | module: two | two; the loss takes any number |
/// | explicit singular values | not confirmed | none | `dispersion` `explicit`: `1/D sum_k (s_k / sqrt(n) - 1 / sqrt(D))^2` through the sum of singular values, which a Newton-Schulz iteration gives |
/// | start of Linears | not said | the framework's default | uniform by fan-in ([ibrik.nn.Linear]) |
/// | crop beyond the image | drawn again | drawn again, up to 10 times | side cut to the image |
/// | edges in the blur | not said | not verified | edge pixels repeated |
///
/// With `headNorm` off, the heads have no batch norms and the two dispersive losses must do their
/// work, which is the paper's point. Tiny and grey presets are ours, chosen for minutes on a CPU;
/// they stand in no paper.
///
/// **Collapse value of the loss** `singular (D - 1)`, with `explicit` `singular 2/D (1 -
/// 1/sqrt(D))`, the mean over random directions; the centroid loss is 0 then. Monitors watch the
/// projection of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`; the paper's are unknown here.
@NullMarked
package ibrik.ssl.method.msbreg;

import org.jspecify.annotations.NullMarked;
