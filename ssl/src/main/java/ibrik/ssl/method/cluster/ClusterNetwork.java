package ibrik.ssl.method.cluster;

import ibrik.autograd.Tape;
import ibrik.nn.MlpHead;
import ibrik.nn.model.Encoder;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.ssl.method.MultiCrop;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.PartsMethod;
import ibrik.ssl.method.Prototypes;
import ibrik.ssl.method.Require;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Encoder, projector and several sets of prototypes that classify all views of an image into the
/// clusters it got at the start of the epoch. Methods differ in how these clusters are found and in
/// whether prototypes learn.
///
/// The encoder makes one pass per size of views, the projector one pass for all of them. What the
/// large views look like goes into the bank as training meets them, so that the bank holds the
/// embeddings of the last epoch when the next one begins. Each of several devices keeps the whole
/// bank and clusters it alike.
public abstract class ClusterNetwork extends PartsMethod {
  /// Large views: those whose embeddings are kept.
  private static final int LARGE = 2;

  /// Sizes.
  ///
  /// @param projectorHidden hidden width of the projector
  /// @param projectorOut width of embeddings
  /// @param prototypes per head
  /// @param heads sets of prototypes, and labels per image
  /// @param localCrops small views per image
  /// @param temperature of the softmax
  public record Form(
      int projectorHidden,
      int projectorOut,
      int prototypes,
      int heads,
      int localCrops,
      double temperature) {}

  private final Form form;
  private final Encoder encoder;
  private final MlpHead projector;
  private final List<Prototypes> prototypes = new ArrayList<>();
  private final ClusterBank bank;

  /// Networks as they start, and an empty bank.
  ///
  /// @throws IllegalArgumentException if there are more prototypes than images in an epoch
  protected ClusterNetwork(Form form, Parts parts) {
    super(parts);
    this.form = form;
    Setting setting = parts.setting();
    parts.checkClusters("prototypes", form.prototypes());
    long inEpoch = setting.stepsPerEpoch() * setting.unionSize();
    Require.check(
        form.prototypes() <= inEpoch,
        "prototypes",
        "at most the " + inEpoch + " images of an epoch",
        form.prototypes());
    int width = form.projectorOut();
    encoder = parts.encoder();
    projector =
        parts.head(
            "projector",
            encoder.featureDim(),
            MlpHead.Config.of(List.of(form.projectorHidden()), width));
    for (int h = 0; h < form.heads(); h++) {
      prototypes.add(
          parts.network(
              "prototypes" + h, build -> new Prototypes(build, form.prototypes(), width)));
    }
    bank =
        new ClusterBank(
            setting.images(),
            setting.batchSize(),
            width,
            LARGE,
            form.heads(),
            setting.build().device());
  }

  /// Clusters of the embeddings of one head, i32 `[n]`, found at the start of an epoch. Not
  /// recorded.
  ///
  /// @param embeddings `[n, D]`, rows of unit length
  /// @param head from 0
  /// @param epoch from 0
  protected abstract Tensor clusters(Tensor embeddings, int head, int epoch);

  /// The sets of prototypes, one per head.
  protected final List<Prototypes> prototypes() {
    return Collections.unmodifiableList(prototypes);
  }

  @Override
  public final int viewCount() {
    return LARGE + form.localCrops();
  }

  @Override
  public final void beforeEpoch(int epoch, Sweep images) {
    if (epoch == 0) {
      bank.fill(images, view -> embed(encoder.forward(view)), this::gather);
    }
    bank.cluster((embeddings, head) -> clusters(embeddings, head, epoch));
  }

  private Tensor embed(Tensor features) {
    return projector.forward(features).l2Normalize();
  }

  @Override
  public final void beforeStep(long step, int[] images) {
    beforeStep(step);
    bank.moveTo(images);
  }

  @Override
  public final Pass forward(List<Tensor> views, Tensor labels) {
    Tensor y = MultiCrop.encode(encoder, views);
    Tensor z = embed(y);
    List<Tensor> scores =
        prototypes.stream().map(head -> gatherViews(head.forward(z), views.size())).toList();
    Tensor seen = gather(bank.batchImages());
    Tensor loss = ClusterLoss.of(scores, bank.labels(seen), bank.weights(seen), form.temperature());
    List<Tensor> kept = MultiCrop.split(z, views.size()).subList(0, LARGE);
    bank.put(seen, Tape.pause(() -> kept.stream().map(this::gather).toList()));
    return new Pass(loss, y.narrow(0, 0, views.getFirst().dim(0)), kept.getFirst());
  }

  /// Of the first head.
  @Override
  public final Tensor clusterScores(Tensor features) {
    return prototypes.getFirst().forward(embed(features));
  }

  @Override
  public final double collapseValue() {
    return Math.log(form.prototypes());
  }

  @Override
  public final Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>(super.state());
    state.putAll(bank.state());
    return state;
  }

  @Override
  public final void close() {
    super.close();
    bank.close();
  }
}
