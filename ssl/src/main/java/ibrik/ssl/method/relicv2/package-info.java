/// **ReLICv2** Tomasev et al., *Pushing the limits of self-supervised ResNets: Can we outperform
/// supervised learning without labels on ImageNet?*, 2022, arXiv:2201.05119; after ReLIC, Mitrovic
/// et al., ICLR 2021, arXiv:2010.07922.
///
/// | paper | here |
/// |---|---|
/// | contrastive and invariance term | [ibrik.ssl.method.relicv2.RelicLoss] |
/// | few negatives, drawn from the batch | `negatives` in [ibrik.ssl.method.relicv2.Relic] |
/// | target network | [ibrik.ssl.method.MomentumTarget] |
/// | views without background | `mask` of [ibrik.ssl.augment.View]; masks by `--saliency`: [ibrik.ssl.augment.BorderSaliency], a folder of files ([ibrik.ssl.data.MaskFiles]), or none |
/// | large and small crops | [ibrik.ssl.method.MultiCrop] |
///
/// **Official code** google-deepmind/relicv2 holds the linear evaluation and BYOL's augmentation,
/// no pre-training. Most numbers of the pre-training are not published with code: each is a
/// setting.
///
/// **How sure** Known from abstract and published pseudo-code: the terms, subsampled negatives, an
/// independent choice per large crop whether the background goes, small crops through the online
/// network only, the sum over all pairs. Unverified: 4 crops of 224 and 2 of 96 pixels, 10
/// negatives, masks in a tenth of the large crops, grey for the background, weights of 1, head of
/// 4096 and 512 with a batch norm, tau from 0.996, LARS with 0.3 per 256 images and a decay of
/// 1.5e-6 for 1000 epochs, which factor of the KL carries the gradient. Unknown: the temperature
/// (0.2 here), how two recipes alternate over four crops (in turn here), sizes of crops (SwAV's
/// here).
///
/// **Deviations**
///
/// | | paper | public re-implementation | here |
/// |---|---|---|---|
/// | a crop with its own target | summed | left out | left out; `sameCrop` |
/// | divisor | `(L + S) L` | not said | the pairs summed |
/// | reference for small crops | unknown | none | another large crop with the same target |
/// | gradient of the KL | entropy part stopped; rest unverified | both factors | only through the log of the learner |
/// | temperature | unknown | learned | fixed |
/// | masks | of a saliency network trained without labels, made once | none | colour distance to the rim, Otsu's threshold, largest part ([ibrik.ssl.augment.BorderSaliency]), at each view |
/// | batch | 4096 (unverified) | 256 | 256 |
/// | batch norm | unknown | none in the head | over all views of the batch, one size at a time in the encoder |
/// | several devices | unknown | not looked up | embeddings gathered, negatives drawn among all |
///
/// Small images follow the widths and the rate of the public re-implementation filipbasara0/relic,
/// with AdamW for Adam and crops of BYOL's colours. Tiny and grey: ours.
///
/// **Collapse value of the loss** `contrast_weight ln(N + 1)` for N negatives; with the invariance
/// term alone it is 0, and nothing prevents it. Monitors watch the embedding of the first view.
///
/// **Checked in tests** the invariance term alone lets embeddings collapse, the contrastive term
/// prevents it.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published, linear top-1 on
/// ImageNet, ResNet-50: 77.1 %. The public re-implementation reports 82.53 % on CIFAR-10 with
/// ResNet-18 after 100 epochs (logistic regression).
@NullMarked
package ibrik.ssl.method.relicv2;

import org.jspecify.annotations.NullMarked;
