/// **BYOL** Grill et al., *Bootstrap Your Own Latent: A new approach to self-supervised learning*,
/// NeurIPS 2020, arXiv:2006.07733.
///
/// | paper | here |
/// |---|---|
/// | loss, eq. 2 and its symmetric form | [ibrik.ssl.method.byol.ByolLoss] |
/// | online and target networks, section 3.1 | [ibrik.ssl.method.byol.Byol] |
/// | target update, section 3.1; tau schedule, section 3.2 | [ibrik.ssl.method.byol.Byol] |
///
/// **Official code** deepmind/deepmind-research, folder `byol` (Apache-2.0), read through its
/// description only.
///
/// **Deviations** The target starts as a copy of the online network; the official code starts it
/// from another seed, with no noted difference. Widths, epochs and learning rates of the small
/// recipes are ours, chosen for minutes on a CPU; they stand in no paper.
///
/// **Collapse value of the loss** 0.
@NullMarked
package ibrik.ssl.method.byol;

import org.jspecify.annotations.NullMarked;
