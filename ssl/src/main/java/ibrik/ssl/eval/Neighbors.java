package ibrik.ssl.eval;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The nearest items of a gallery for each of some queries, nearest first; of equally near ones the
/// lower index first.
///
/// Products run as matrix products in f32, some queries at a time; Euclidean distances of the items
/// found are then computed once more in double and put in order by them.
///
/// @param metric what near means
/// @param k neighbours per query
/// @param index `[queries, k]`, places in the gallery
/// @param value `[queries, k]`: cosine similarity, or Euclidean distance
public record Neighbors(Metric metric, int k, int[] index, double[] value) {
  /// What near means.
  public enum Metric {
    /// Large cosine of the angle between rows; a row of zeros has cosine 0 with everything.
    COSINE,
    /// Small Euclidean distance.
    EUCLIDEAN
  }

  /// Numbers of one block of products: 64 MiB.
  private static final int BLOCK = 1 << 24;

  /// The `k` items of `gallery` nearest to each of `queries`, computed on `device`.
  ///
  /// @throws IllegalArgumentException if k is below 1 or above the gallery's size, or dims differ
  public static Neighbors search(
      FeatureBank queries, FeatureBank gallery, Metric metric, int k, Device device) {
    if (queries.dim() != gallery.dim()) {
      throw new IllegalArgumentException(
          "[knn] queries and gallery must have one dim; got " + queries + " and " + gallery);
    }
    if (k < 1 || k > gallery.size()) {
      throw new IllegalArgumentException(
          "[knn] k must be between 1 and the "
              + gallery.size()
              + " items of the gallery; got "
              + k);
    }
    int n = queries.size();
    int[] index = new int[Math.multiplyExact(n, k)];
    double[] value = new double[index.length];
    try (TensorScope _ = TensorScope.open()) {
      Tensor items = prepared(gallery.tensor(device), metric);
      Tensor half =
          metric == Metric.EUCLIDEAN ? items.square().sum(List.of(1), false).mul(0.5) : null;
      int rows = Math.max(1, BLOCK / gallery.size());
      for (int from = 0; from < n; from += rows) {
        int to = Math.min(n, from + rows);
        try (TensorScope _ = TensorScope.open()) {
          Tensor block = prepared(queries.tensor(from, to, device), metric);
          Tensor near = block.matMul(items, false, true);
          // |q - g|^2 grows as |g|^2 / 2 - q g.
          List<Tensor> top = (half == null ? near : near.sub(half)).topK(k);
          double[] found = top.get(0).toDoubles();
          System.arraycopy(found, 0, value, from * k, found.length);
          System.arraycopy(top.get(1).toInts(), 0, index, from * k, found.length);
        }
      }
    }
    Neighbors neighbors = new Neighbors(metric, k, index, value);
    if (metric == Metric.EUCLIDEAN) {
      IntStream.range(0, n).parallel().forEach(q -> neighbors.measure(q, queries, gallery));
    }
    return neighbors;
  }

  /// The `k` nearest of the other items, for each item of `bank`.
  ///
  /// @throws IllegalArgumentException if k is below 1 or not below the bank's size
  public static Neighbors leaveOneOut(FeatureBank bank, Metric metric, int k, Device device) {
    if (k < 1 || k >= bank.size()) {
      throw new IllegalArgumentException(
          "[knn] k must be between 1 and the "
              + (bank.size() - 1)
              + " other items of the bank; got "
              + k);
    }
    Neighbors all = search(bank, bank, metric, k + 1, device);
    int[] index = new int[bank.size() * k];
    double[] value = new double[index.length];
    for (int q = 0; q < bank.size(); q++) {
      int to = q * k;
      for (int j = 0; j <= k && to < (q + 1) * k; j++) {
        int from = q * (k + 1) + j;
        if (all.index[from] != q) {
          index[to] = all.index[from];
          value[to++] = all.value[from];
        }
      }
    }
    return new Neighbors(metric, k, index, value);
  }

  private static Tensor prepared(Tensor rows, Metric metric) {
    return metric == Metric.COSINE ? rows.l2Normalize(Float.MIN_NORMAL) : rows;
  }

  /// Replaces what the search ranked by with distances, and puts the row in their order.
  private void measure(int query, FeatureBank queries, FeatureBank gallery) {
    int dim = queries.dim();
    record Found(int index, double distance) {}
    Found[] row = new Found[k];
    for (int j = 0; j < k; j++) {
      int item = index[query * k + j];
      double square = 0;
      for (int c = 0; c < dim; c++) {
        double difference = (double) queries.at(query, c) - gallery.at(item, c);
        square += difference * difference;
      }
      row[j] = new Found(item, Math.sqrt(square));
    }
    Arrays.sort(
        row,
        (a, b) ->
            a.distance == b.distance
                ? Integer.compare(a.index, b.index)
                : Double.compare(a.distance, b.distance));
    for (int j = 0; j < k; j++) {
      index[query * k + j] = row[j].index;
      value[query * k + j] = row[j].distance;
    }
  }

  /// Number of queries.
  public int queries() {
    return index.length / k;
  }

  /// Places in the gallery of the neighbours of `query`, nearest first.
  public int[] of(int query) {
    return Arrays.copyOfRange(index, query * k, (query + 1) * k);
  }
}
