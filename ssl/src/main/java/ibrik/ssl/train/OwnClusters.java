package ibrik.ssl.train;

import ibrik.autograd.Tape;
import ibrik.nn.Module;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.method.Method;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// The clusters that a method itself puts images into: its prototypes, or its made-up classes.
public final class OwnClusters {
  private OwnClusters() {}

  /// The cluster of every item, from 0; null if the method has none. Networks are in eval mode
  /// meanwhile, and in train mode afterwards.
  ///
  /// @param features of the method's encoder
  public static int @Nullable [] of(Method method, FeatureBank features, Device device) {
    method.networks().values().forEach(Module::eval);
    try {
      return Tape.pause(() -> assign(method, features, device));
    } finally {
      method.networks().values().forEach(Module::train);
    }
  }

  private static int @Nullable [] assign(Method method, FeatureBank features, Device device) {
    int[] clusters = new int[features.size()];
    for (int from = 0; from < clusters.length; from += FeatureBank.BATCH) {
      int to = Math.min(clusters.length, from + FeatureBank.BATCH);
      try (TensorScope _ = TensorScope.open()) {
        Tensor scores = method.clusterScores(features.tensor(from, to, device));
        if (scores == null) {
          return null;
        }
        int[] best = scores.argMax(-1).toInts();
        System.arraycopy(best, 0, clusters, from, best.length);
      }
    }
    return clusters;
  }
}
