package ibrik.ssl.method;

import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.tensor.Tensor;
import ibrik.tensor.Variable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A pre-training method: its networks, its loss, and what moves after each step. It knows nothing
/// of data files, optimisers, checkpoints or reports; one trainer runs all methods.
///
/// Owns its variables: close it to free them.
public interface Method extends AutoCloseable {
  /// What one forward pass gives.
  ///
  /// @param loss 0-d, recorded
  /// @param features of the encoder for the first view, `[B, featureDim]`
  /// @param embeddings that the loss compares, `[B, D]`, of the first view; monitors watch them for
  ///   collapse
  record Pass(Tensor loss, Tensor features, Tensor embeddings) {}

  /// Parameters that are optimised in one way.
  ///
  /// @param lrFactor learning rate, times that of the run
  /// @param steady at the peak of that rate all the time, without climb and fall
  /// @param frozenSteps first steps of the run in which neither they nor their moments change
  /// @param clip longest gradient of each parameter, Euclidean; infinity for any
  record Group(
      List<Parameter> parameters, double lrFactor, boolean steady, long frozenSteps, double clip) {
    /// Copies and checks.
    public Group {
      parameters = List.copyOf(parameters);
      Require.check(frozenSteps >= 0, "frozen_steps", "at least 0", frozenSteps);
      Require.check(clip > 0, "clip", "above 0", clip);
    }

    /// Learning from the first step on, whatever the gradient.
    public Group(List<Parameter> parameters, double lrFactor, boolean steady) {
      this(parameters, lrFactor, steady, 0, Double.POSITIVE_INFINITY);
    }

    /// A group that climbs and falls with the run's rate.
    public Group(List<Parameter> parameters, double lrFactor) {
      this(parameters, lrFactor, false);
    }

    /// The same, standing still for so many steps.
    public Group frozenFor(long steps) {
      return new Group(parameters, lrFactor, steady, steps, clip);
    }

    /// The same with shorter gradients.
    public Group clippedAt(double norm) {
      return new Group(parameters, lrFactor, steady, frozenSteps, norm);
    }
  }

  /// The training images as an epoch shows them, for methods that look at all of them before it.
  @FunctionalInterface
  interface Sweep {
    /// Visits every batch of the epoch that is about to begin, views and image numbers, in order;
    /// on several devices those of its own, as many on each.
    void forEach(BiConsumer<List<Tensor>, int[]> visitor);
  }

  /// Views per image that [#forward] needs.
  int viewCount();

  /// The network that is kept after training.
  Encoder encoder();

  /// The networks by name, in the order in which they are saved.
  Map<String, Module> networks();

  /// Runs the networks in train mode on the views of one batch. Called under a tape.
  ///
  /// @param views `viewCount()` tensors `[B,H,W,C]`
  /// @param labels i32 `[B]`, negative where unknown; only supervised methods look at them
  Pass forward(List<Tensor> views, Tensor labels);

  /// What is trained; empty for a method without training.
  List<Group> groups();

  /// Looks at the whole training set before the first step of an epoch: clusterings and the like.
  /// Not recorded. It depends on [#state()] and the epoch alone, so that a run that goes on from
  /// the end of an epoch sees the same.
  ///
  /// @param epoch from 0
  default void beforeEpoch(int epoch, Sweep images) {}

  /// Sets schedules to `step` (from 0). Called before the forward pass of that step.
  default void beforeStep(long step) {}

  /// [#beforeStep(long)] for methods that keep something per image.
  ///
  /// @param images which images the step sees, numbered as in the training set
  default void beforeStep(long step, int[] images) {
    beforeStep(step);
  }

  /// Moves what follows the trained networks, after the optimiser. Not recorded.
  default void afterStep() {}

  /// Scores of the method's own clusters, `[B, K]`: the largest of a row is the image's cluster.
  /// Null for a method without clusters.
  ///
  /// @param features of the encoder, `[B, featureDim]`
  default @Nullable Tensor clusterScores(Tensor features) {
    return null;
  }

  /// Scheduled numbers of `step` by name, for the log.
  default Map<String, Double> scalars(long step) {
    return Map.of();
  }

  /// What the loss is when all embeddings are equal: printed at the start of a run, because a low
  /// loss alone does not show that something was learnt.
  double collapseValue();

  /// Every variable that a checkpoint holds, by unique name.
  default Map<String, Variable> state() {
    Map<String, Variable> state = new LinkedHashMap<>();
    networks().values().forEach(network -> state.putAll(network.stateDict()));
    return state;
  }

  /// The trained parameters in order.
  default List<Parameter> trainable() {
    return groups().stream().flatMap(g -> g.parameters().stream()).toList();
  }

  @Override
  default void close() {
    networks().values().forEach(Module::close);
  }
}
