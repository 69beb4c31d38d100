package ibrik.ssl.eval;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Finds items of the same class: each item asks, all others answer, most similar first; of equally
/// similar ones the lower index first.
///
/// @param recallAt share of all queries with an item of their class among the first k, for each k
/// @param meanAveragePrecision mean over queries of the mean precision at the ranks of the items of
///   their class; queries that are alone in their class are left out, here and below
/// @param precisionAtR mean precision of the first R, where R is how many items of the class there
///   are to find
/// @param mapAtR as the mean average precision, but only over ranks up to R, divided by R
/// @param queries how many queries were not left out
public record Retrieval(
    List<Double> recallAt,
    double meanAveragePrecision,
    double precisionAtR,
    double mapAtR,
    int queries) {
  private static final int BLOCK = 1 << 22;

  /// Copies.
  public Retrieval {
    recallAt = List.copyOf(recallAt);
  }

  /// By cosine.
  ///
  /// **Cost** `n^2 dim` multiplications and n sorts of n.
  public static Retrieval of(FeatureBank bank, List<Integer> ks, Device device) {
    bank.needLabels("retrieval");
    int n = bank.size();
    One[] answers = new One[n];
    try (TensorScope _ = TensorScope.open()) {
      Tensor unit = bank.l2Normalized().tensor(device);
      int rows = Math.max(1, BLOCK / n);
      for (int from = 0; from < n; from += rows) {
        int to = Math.min(n, from + rows);
        float[] block;
        try (TensorScope _ = TensorScope.open()) {
          block = unit.narrow(0, from, to - from).matMul(unit, false, true).toFloats();
        }
        int first = from;
        IntStream.range(from, to)
            .parallel()
            .forEach(q -> answers[q] = one(block, (q - first) * n, q, bank.labels()));
      }
    }
    return mean(answers, ks);
  }

  /// By given similarities `[n, n]`; those of items with themselves are not read.
  static Retrieval of(float[] similarities, int[] labels, List<Integer> ks) {
    One[] answers = new One[labels.length];
    Arrays.setAll(answers, q -> one(similarities, q * labels.length, q, labels));
    return mean(answers, ks);
  }

  /// What one query found.
  ///
  /// @param firstRank rank of the first item of its class, from 1; no item: the largest int
  /// @param relevant items of its class
  private record One(int firstRank, int relevant, double ap, double precisionAtR, double mapAtR) {}

  private static One one(float[] similarities, int start, int query, int[] labels) {
    int n = labels.length;
    long[] order = new long[n - 1];
    int relevant = 0;
    for (int i = 0, at = 0; i < n; i++) {
      if (i != query) {
        order[at++] = ((long) descending(similarities[start + i]) << 32) | i;
        relevant += labels[i] == labels[query] ? 1 : 0;
      }
    }
    Arrays.sort(order);
    int found = 0;
    int first = Integer.MAX_VALUE;
    double precisions = 0;
    double precisionsToR = 0;
    int foundToR = 0;
    for (int rank = 1; rank < n; rank++) {
      if (labels[(int) order[rank - 1]] != labels[query]) {
        continue;
      }
      found++;
      first = Math.min(first, rank);
      double precision = (double) found / rank;
      precisions += precision;
      if (rank <= relevant) {
        precisionsToR += precision;
        foundToR++;
      }
    }
    double r = relevant;
    return new One(first, relevant, precisions / r, foundToR / r, precisionsToR / r);
  }

  /// An int that grows as `x` falls.
  private static int descending(float x) {
    int bits = Float.floatToIntBits(x + 0f);
    return bits >= 0 ? ~bits : bits ^ Integer.MIN_VALUE;
  }

  private static Retrieval mean(One[] answers, List<Integer> ks) {
    double ap = 0;
    double atR = 0;
    double mapAtR = 0;
    int count = 0;
    for (One one : answers) {
      if (one.relevant > 0) {
        ap += one.ap;
        atR += one.precisionAtR;
        mapAtR += one.mapAtR;
        count++;
      }
    }
    List<Double> recalls = new ArrayList<>();
    for (int k : ks) {
      recalls.add(
          Arrays.stream(answers).filter(a -> a.firstRank <= k).count() / (double) answers.length);
    }
    return new Retrieval(recalls, ap / count, atR / count, mapAtR / count, count);
  }
}
