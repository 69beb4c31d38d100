package ibrik.ssl.method.deepcluster;

import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Tensors;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// k-means by cosine: rows go to the centroid of the largest product, centroids are means of unit
/// length. It starts from random rows, makes a fixed number of rounds, and leaves a centroid that
/// loses all rows where it was.
///
/// @param centroids `[K, D]`, rows of unit length
/// @param clusters i32 `[n]`
record SphericalKMeans(Tensor centroids, Tensor clusters) {
  /// Rows scored at once: bounds the memory of their scores.
  private static final long CHUNK = 4096;

  /// Clusters `rows`, of unit length.
  ///
  /// @param rows `[n, D]`
  /// @param k centroids, at most n
  /// @param iterations rounds of assigning and averaging; rows are assigned once more after them
  /// @param random draws the start
  static SphericalKMeans fit(Tensor rows, int k, int iterations, PhiloxStream random) {
    int n = Math.toIntExact(rows.dim(0));
    if (k > n) {
      throw new IllegalArgumentException(
          "[spherical_k_means] needs at least as many rows as centroids; got " + n + " for " + k);
    }
    int[] start = Arrays.copyOf(random.permutation(n), k);
    Tensor centroids = rows.gather(Tensor.of(start, k).to(rows.device()));
    for (int i = 0; i < iterations; i++) {
      try (TensorScope scope = TensorScope.open()) {
        centroids = scope.keep(averaged(rows, assign(rows, centroids), centroids));
      }
    }
    return new SphericalKMeans(centroids, assign(rows, centroids));
  }

  /// The centroid of the largest product, of equal ones the first.
  private static Tensor assign(Tensor rows, Tensor centroids) {
    List<Tensor> parts = new ArrayList<>();
    for (long from = 0; from < rows.dim(0); from += CHUNK) {
      long count = Math.min(CHUNK, rows.dim(0) - from);
      try (TensorScope scope = TensorScope.open()) {
        Tensor scores = rows.narrow(0, from, count).matMul(centroids, false, true);
        parts.add(scope.keep(scores.argMax(-1)));
      }
    }
    return parts.size() == 1 ? parts.getFirst() : LayoutOps.concat(0, parts);
  }

  private static Tensor averaged(Tensor rows, Tensor clusters, Tensor old) {
    Tensor sums = rows.scatterAdd(clusters, old.dim(0));
    Tensor counts = Tensors.onesLike(rows.narrow(1, 0, 1)).scatterAdd(clusters, old.dim(0));
    Tensor some = counts.greater(Tensors.zerosLike(counts));
    // Unit length makes the division by the count needless.
    return some.where(sums.l2Normalize(), old);
  }
}
