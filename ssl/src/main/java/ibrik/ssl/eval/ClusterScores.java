package ibrik.ssl.eval;

/// How well a clustering agrees with classes, whatever the clusters are called. Natural logarithms.
///
/// @param mutualInformation `I(Y; C)` in nats
/// @param classEntropy `H(Y)` in nats
/// @param clusterEntropy `H(C)` in nats
/// @param ari adjusted Rand index: 1 for equal partitions, about 0 by chance, may be negative
/// @param accuracy share of items that agree under the best one-to-one map of clusters to classes
/// @param purity share of items that agree if each cluster takes its commonest class
public record ClusterScores(
    double mutualInformation,
    double classEntropy,
    double clusterEntropy,
    double ari,
    double accuracy,
    double purity) {
  /// How the two entropies are averaged in [#nmi].
  public enum Average {
    /// `(a + b) / 2`: what is reported where nothing is said.
    ARITHMETIC,
    /// `sqrt(a b)`.
    GEOMETRIC,
    /// The smaller.
    MIN,
    /// The larger.
    MAX
  }

  /// Of the class and the cluster of each item, both from 0.
  public static ClusterScores of(int[] classes, int[] clusters) {
    int n = classes.length;
    if (n == 0 || clusters.length != n) {
      throw new IllegalArgumentException(
          "[clustering] needs one class and one cluster per item; got "
              + n
              + " and "
              + clusters.length);
    }
    long[][] table = new long[size(classes)][size(clusters)];
    for (int i = 0; i < n; i++) {
      table[classes[i]][clusters[i]]++;
    }
    long[] rows = new long[table.length];
    long[] columns = new long[table[0].length];
    long[] largest = new long[columns.length];
    double pairs = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        rows[i] += table[i][j];
        columns[j] += table[i][j];
        largest[j] = Math.max(largest[j], table[i][j]);
        pairs += pairs(table[i][j]);
      }
    }
    double information = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        double p = (double) table[i][j] / n;
        information += p > 0 ? p * Math.log(p * n / rows[i] * n / columns[j]) : 0;
      }
    }
    long pure = 0;
    for (long count : largest) {
      pure += count;
    }
    long matched = 0;
    int[] columnOf = Assignment.maximize(table);
    for (int i = 0; i < rows.length; i++) {
      matched += columnOf[i] < 0 ? 0 : table[i][columnOf[i]];
    }
    return new ClusterScores(
        Math.max(0, information),
        entropy(rows, n),
        entropy(columns, n),
        ari(pairs, rows, columns, n),
        (double) matched / n,
        (double) pure / n);
  }

  /// `I(Y; C)` over the average of the two entropies, in [0, 1]; 1 if both partitions have one
  /// part, 0 if only one has.
  public double nmi(Average average) {
    if (classEntropy == 0 && clusterEntropy == 0) {
      return 1;
    }
    if (classEntropy == 0 || clusterEntropy == 0) {
      return 0;
    }
    double scale =
        switch (average) {
          case ARITHMETIC -> (classEntropy + clusterEntropy) / 2;
          case GEOMETRIC -> Math.sqrt(classEntropy * clusterEntropy);
          case MIN -> Math.min(classEntropy, clusterEntropy);
          case MAX -> Math.max(classEntropy, clusterEntropy);
        };
    return mutualInformation / scale;
  }

  /// [#nmi(Average)], arithmetic.
  public double nmi() {
    return nmi(Average.ARITHMETIC);
  }

  private static double ari(double pairs, long[] rows, long[] columns, int n) {
    double a = 0;
    for (long count : rows) {
      a += pairs(count);
    }
    double b = 0;
    for (long count : columns) {
      b += pairs(count);
    }
    double expected = n < 2 ? 0 : a * b / pairs(n);
    double most = (a + b) / 2;
    return most == expected ? 1 : (pairs - expected) / (most - expected);
  }

  private static double pairs(long count) {
    return count * (count - 1.0) / 2;
  }

  private static double entropy(long[] counts, int n) {
    double sum = 0;
    for (long count : counts) {
      double p = (double) count / n;
      sum -= p > 0 ? p * Math.log(p) : 0;
    }
    return sum;
  }

  private static int size(int[] names) {
    int most = 0;
    for (int name : names) {
      if (name < 0) {
        throw new IllegalArgumentException(
            "[clustering] classes and clusters count from 0; got " + name);
      }
      most = Math.max(most, name + 1);
    }
    return most;
  }
}
