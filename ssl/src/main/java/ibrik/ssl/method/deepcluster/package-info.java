/// **DeepCluster-v2** Caron et al., *Unsupervised Learning of Visual Features by Contrasting
/// Cluster Assignments*, NeurIPS 2020, arXiv:2006.09882, appendix: DeepCluster (2018) with the
/// parts of SwAV.
///
/// | paper | here |
/// |---|---|
/// | cross entropy with the clusters of an epoch | [ibrik.ssl.method.cluster.ClusterLoss] |
/// | embeddings and labels of all images | [ibrik.ssl.method.cluster.ClusterBank] |
/// | spherical k-means | `SphericalKMeans` in this package |
/// | centroids as prototypes that stand still | [ibrik.ssl.method.Prototypes], in no group |
/// | multi-crop | [ibrik.ssl.method.MultiCrop] |
///
/// **Official code** facebookresearch/swav, NC-licensed: everything here is written from the paper
/// and a description of what the code does. The commit it was looked up in is not recorded.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | first bank | not said | a pass in train mode | a pass in train mode over the views of the first epoch |
/// | images of an incomplete batch | not said | no label in the next epoch | the label of their last embedding; none before the first |
/// | start of centroids | not said | random members | random members, by seed, epoch and head |
/// | heads | 3 | crops 0, 1, 0 | `heads`, crops in turn |
/// | optimiser, rate, norms | as SwAV | as SwAV | as [ibrik.ssl.method.swav] |
/// | bank on the device | not said | yes | yes, rewritten once per step and view |
/// | several devices | not said | not looked up | scores, embeddings and image numbers gathered; each keeps the whole bank |
///
/// Rewriting the bank costs a pass over it in each step: small beside a step for tens of thousands
/// of images, not for ImageNet. Small images: views and optimiser of SwAV without small crops,
/// ours. Tiny and grey: ours.
///
/// **Collapse value of the loss** `ln K`. Monitors watch the embedding of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published with the official
/// code, linear top-1 on ImageNet, ResNet-50: 75.2 % after 800 epochs with multi-crop, 70.2 % after
/// 400 with two crops; solo-learn, ResNet-18 on CIFAR-10 after 1000 epochs: 88.85 %.
@NullMarked
package ibrik.ssl.method.deepcluster;

import org.jspecify.annotations.NullMarked;
