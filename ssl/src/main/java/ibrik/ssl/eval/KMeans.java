package ibrik.ssl.eval;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lloyd's k-means from k-means++ starts; of several restarts the one with the lowest inertia.
///
/// Assignments run as matrix products, centres and inertia in double. A cluster that loses all
/// items takes the item farthest from its centre.
///
/// **Source** Arthur and Vassilvitskii 2007, "k-means++".
///
/// @param clusters `[N]`, the cluster of each item
/// @param centres `[k, dim]`, row-major
/// @param inertia summed squared distance of the items to their centres
/// @param iterations of the restart that won
public record KMeans(int[] clusters, double[] centres, double inertia, int iterations) {
  /// Restarts and iterations that the protocol asks for.
  public static final int RESTARTS = 10;

  private static final int MOST_ITERATIONS = 300;

  /// Clusters `bank` as it comes; for the protocol give it `l2Normalized()` and the number of
  /// classes.
  ///
  /// @param k between 1 and the number of items
  /// @param restarts at least 1
  /// @param seed draws the starts
  public static KMeans fit(FeatureBank bank, int k, int restarts, long seed, Device device) {
    if (k < 1 || k > bank.size() || restarts < 1) {
      throw new IllegalArgumentException(
          "[k_means] needs k between 1 and the "
              + bank.size()
              + " items and at least one restart; got k "
              + k
              + ", restarts "
              + restarts);
    }
    KMeans best = null;
    try (TensorScope _ = TensorScope.open()) {
      Tensor items = bank.tensor(device);
      for (int restart = 0; restart < restarts; restart++) {
        double[] start = start(bank, items, k, new PhiloxStream(seed, restart));
        KMeans found = run(bank, items, k, start);
        if (best == null || found.inertia < best.inertia) {
          best = found;
        }
      }
    }
    return java.util.Objects.requireNonNull(best);
  }

  /// Each centre is an item drawn with probability proportional to its squared distance to the
  /// nearest centre before it.
  private static double[] start(FeatureBank bank, Tensor items, int k, PhiloxStream random) {
    int n = bank.size();
    double[] centres = new double[k * bank.dim()];
    double[] square = new double[n];
    Arrays.fill(square, Double.POSITIVE_INFINITY);
    double[] lengths = squaredLengths(bank);
    int chosen = random.nextInt(n);
    for (int c = 0; c < k; c++) {
      copyRow(bank, chosen, centres, c);
      float[] products;
      try (TensorScope _ = TensorScope.open()) {
        products = items.matMul(items.narrow(0, chosen, 1), false, true).toFloats();
      }
      double total = 0;
      for (int i = 0; i < n; i++) {
        double distance = lengths[i] + lengths[chosen] - 2 * (double) products[i];
        square[i] = Math.max(0, Math.min(square[i], distance));
        total += square[i];
      }
      double target = random.nextDouble() * total;
      int next = n - 1;
      for (int i = 0; i < n; i++) {
        target -= square[i];
        if (target < 0) {
          next = i;
          break;
        }
      }
      chosen = next;
    }
    return centres;
  }

  private static KMeans run(FeatureBank bank, Tensor items, int k, double[] start) {
    double[] centres = start;
    int @Nullable [] clusters = null;
    for (int iteration = 1; ; iteration++) {
      int[] assigned = assign(items, centres, k);
      refill(bank, assigned, centres, k);
      if (Arrays.equals(assigned, clusters) || iteration == MOST_ITERATIONS) {
        return new KMeans(assigned, centres, inertia(bank, assigned, centres), iteration);
      }
      clusters = assigned;
      centres = means(bank, assigned, k);
    }
  }

  /// The nearest centre of each item; of equally near ones the first.
  private static int[] assign(Tensor items, double[] centres, int k) {
    float[] rows = new float[centres.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) centres[i];
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor c = Tensor.of(rows, k, items.dim(1)).to(items.device());
      Tensor half = c.square().sum(List.of(1), false).mul(0.5);
      return items.matMul(c, false, true).sub(half).argMax(-1).toInts();
    }
  }

  private static double[] means(FeatureBank bank, int[] clusters, int k) {
    int dim = bank.dim();
    double[] sums = new double[k * dim];
    int[] counts = new int[k];
    for (int i = 0; i < clusters.length; i++) {
      counts[clusters[i]]++;
      for (int j = 0; j < dim; j++) {
        sums[clusters[i] * dim + j] += bank.at(i, j);
      }
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= counts[i / dim];
    }
    return sums;
  }

  /// Gives each empty cluster the item farthest from its centre, out of clusters that can spare
  /// one.
  private static void refill(FeatureBank bank, int[] clusters, double[] centres, int k) {
    int[] counts = new int[k];
    for (int c : clusters) {
      counts[c]++;
    }
    for (int c = 0; c < k; c++) {
      if (counts[c] > 0) {
        continue;
      }
      int farthest = -1;
      double most = -1;
      for (int i = 0; i < clusters.length; i++) {
        double distance = distance(bank, i, centres, clusters[i]);
        if (counts[clusters[i]] > 1 && distance > most) {
          farthest = i;
          most = distance;
        }
      }
      counts[clusters[farthest]]--;
      counts[c]++;
      clusters[farthest] = c;
      copyRow(bank, farthest, centres, c);
    }
  }

  private static double inertia(FeatureBank bank, int[] clusters, double[] centres) {
    double sum = 0;
    for (int i = 0; i < clusters.length; i++) {
      sum += distance(bank, i, centres, clusters[i]);
    }
    return sum;
  }

  private static double distance(FeatureBank bank, int item, double[] centres, int c) {
    double sum = 0;
    for (int j = 0; j < bank.dim(); j++) {
      double difference = bank.at(item, j) - centres[c * bank.dim() + j];
      sum += difference * difference;
    }
    return sum;
  }

  private static double[] squaredLengths(FeatureBank bank) {
    double[] squares = new double[bank.size()];
    for (int i = 0; i < squares.length; i++) {
      for (int j = 0; j < bank.dim(); j++) {
        squares[i] += (double) bank.at(i, j) * bank.at(i, j);
      }
    }
    return squares;
  }

  private static void copyRow(FeatureBank bank, int item, double[] centres, int c) {
    for (int j = 0; j < bank.dim(); j++) {
      centres[c * bank.dim() + j] = bank.at(item, j);
    }
  }
}
