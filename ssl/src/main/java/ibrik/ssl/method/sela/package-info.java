/// **SeLa-v2** Caron et al., *Unsupervised Learning of Visual Features by Contrasting Cluster
/// Assignments*, NeurIPS 2020, arXiv:2006.09882, appendix: SeLa (Asano et al. 2020,
/// arXiv:1911.05371) with the parts of SwAV.
///
/// | paper | here |
/// |---|---|
/// | cross entropy with the labels of an epoch | [ibrik.ssl.method.cluster.ClusterLoss] |
/// | embeddings and labels of all images | [ibrik.ssl.method.cluster.ClusterBank] |
/// | even assignment of all images | [ibrik.tensor.op.Transport.SinkhornKnopp] over the bank, then the largest code |
/// | prototypes that are trained | [ibrik.ssl.method.Prototypes] |
/// | multi-crop | [ibrik.ssl.method.MultiCrop] |
///
/// **Official code** none: facebookresearch/swav has checkpoints, not the training. What the paper
/// leaves open is chosen here and marked.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | labels | even clusters | unknown | the prototype of the largest code (choice) |
/// | smoothness and iterations | unknown | unknown | 0.05 as in SwAV, 10 (choice) |
/// | heads | 3 of 3000 prototypes | unknown | the same, crops in turn as in DeepCluster-v2 (choice) |
/// | first bank | not said | unknown | a pass in train mode over the views of the first epoch (choice) |
/// | optimiser, rate, norms | as SwAV | unknown | as [ibrik.ssl.method.swav] |
/// | prototypes | trained | unknown | trained, rows put back to unit length after each step |
/// | several devices | not said | unknown | scores, embeddings and image numbers gathered; each keeps the whole bank |
///
/// Scores of all images with all prototypes are in memory at once while labels are found: 4 bytes
/// each, 600 MB for 50,000 images and 3000 prototypes. Settings for small, tiny and grey images are
/// ours.
///
/// **Collapse value of the loss** `ln K`. Monitors watch the embedding of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published with the official
/// checkpoints, linear top-1 on ImageNet, ResNet-50 after 400 epochs: 67.2 % with two crops, 71.8 %
/// with four more of 96 pixels.
@NullMarked
package ibrik.ssl.method.sela;

import org.jspecify.annotations.NullMarked;
