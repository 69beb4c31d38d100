/// **SimCLR** Chen et al., *A Simple Framework for Contrastive Learning of Visual Representations*,
/// ICML 2020, arXiv:2002.05709.
///
/// | paper | here |
/// |---|---|
/// | NT-Xent, eq. 1 | [ibrik.ssl.method.simclr.NtXent] |
/// | framework, section 2.1 | [ibrik.ssl.method.simclr.SimClr] |
///
/// **Official code** google-research/simclr (Apache-2.0), read through its description only.
///
/// **Deviations** Widths, epochs and learning rates of the small recipes are ours, chosen for
/// minutes on a CPU; they stand in no paper.
///
/// **Collapse value of the loss** `ln(2B - 1)`.
@NullMarked
package ibrik.ssl.method.simclr;

import org.jspecify.annotations.NullMarked;
