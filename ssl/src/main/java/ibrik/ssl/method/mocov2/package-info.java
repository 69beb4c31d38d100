/// **MoCo v2** Chen, Fan, Girshick and He, *Improved Baselines with Momentum Contrastive Learning*,
/// 2020, arXiv:2003.04297; queue, slow copy and shuffling from **MoCo** He et al., CVPR 2020,
/// arXiv:1911.05722.
///
/// | paper | here |
/// |---|---|
/// | InfoNCE, eq. 1 of MoCo | [ibrik.ssl.method.mocov2.QueueLoss] |
/// | queue, section 3.1 | [ibrik.ssl.method.Queue], written after the step |
/// | momentum update, eq. 2 | [ibrik.ssl.method.MomentumTarget] |
/// | shuffled batch norm, section 3.3 | [ibrik.ssl.method.SplitBatch], `normParts` |
/// | algorithm 1 | [ibrik.ssl.method.mocov2.MoCoV2] |
/// | MLP head, temperature, stronger views, table 1 of v2 | presets in [ibrik.ssl.method.mocov2.MoCoV2Factory] |
/// | symmetric form, of the authors' CIFAR demo | `symmetric` in [ibrik.ssl.method.mocov2.MoCoV2Config] |
///
/// **Official code** facebookresearch/moco (commit and licence not verified here): written from the
/// papers, nothing of it is used.
///
/// **Deviations**
///
/// | | paper | official code | here |
/// |---|---|---|---|
/// | move of the key network | after the step | before the next step's keys: the same weights | after the step |
/// | parts of the batch | 8 devices, apart by nature | 8 devices | 8 parts one after the other; the running statistics move 8 times a step |
/// | several devices | shuffled over all | not verified | queries and keys gathered; shuffled within each device |
/// | start of the queue | not said | normal rows of unit length | the same |
/// | schedule | cosine | cosine, per epoch | cosine, per step |
/// | symmetric loss | none | demo: one per direction | mean of both; keys of both views enter the queue, which halves their age |
/// | weight decay | 1e-4 | on everything | on everything |
/// | start of Linears | not said | the framework's default | uniform by fan-in ([ibrik.nn.Linear]) |
/// | crop beyond the image | drawn again | drawn again, up to 10 times | side cut to the image |
/// | edges in the blur | not said | not verified | edge pixels repeated |
///
/// Small images follow the authors' CIFAR-10 demo (batch 512, rate 0.06, decay 5e-4, queue 4096,
/// temperature 0.1, momentum 0.99) with the MLP head of lightly's benchmark, where the demo has one
/// Linear. Tiny and grey presets are ours, chosen for minutes on a CPU; they stand in no paper.
///
/// **Queue** The log has the mean age of its keys in steps, `queue_age`; full, it is `(K / B + 1) /
/// 2`. A target that is slow beside this age keeps old keys comparable.
///
/// **Collapse value of the loss** `ln(1 + K)`, when queries, keys and queue are all equal; a fresh
/// network starts near it. Monitors watch the query of the first view.
///
/// **Evaluations** k-NN, linear probe and the health of the representation
/// ([ibrik.ssl.eval.KnnClassifier], [ibrik.ssl.eval.LinearProbe],
/// [ibrik.ssl.eval.RepresentationHealth]), on features of the encoder.
///
/// **Numbers reached** Ours: see the README, CIFAR-10, preset `tiny`. Published by others:
/// ImageNet, ResNet-50, 200 epochs, 67.2 % linear (a re-implementation, Huang et al. 2022);
/// CIFAR-10 demo, 200 epochs, 82.6 % k-NN, 85.3 % in the symmetric form.
@NullMarked
package ibrik.ssl.method.mocov2;

import org.jspecify.annotations.NullMarked;
