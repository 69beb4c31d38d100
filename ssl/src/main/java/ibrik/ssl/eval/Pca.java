package ibrik.ssl.eval;

import java.util.Arrays;

/// Principal components: the directions in which features vary most.
///
/// @param mean per feature
/// @param components `components[i]` has length 1; its entry of largest size is positive
/// @param variances along each component (n-1), descending
/// @param totalVariance over all directions (n-1)
public record Pca(double[] mean, double[][] components, double[] variances, double totalVariance) {
  /// The first `count` components. Works on the smaller of the products of features and of items.
  ///
  /// **Cost** about `n d m + 8 m^3` operations in double, with m the smaller of n and d.
  ///
  /// @throws IllegalArgumentException unless count is between 1 and the smaller of n and d, n >= 2
  public static Pca fit(FeatureBank bank, int count) {
    int n = bank.size();
    int d = bank.dim();
    if (n < 2 || count < 1 || count > Math.min(n, d)) {
      throw new IllegalArgumentException(
          "[pca] needs at least two rows and between 1 and "
              + Math.min(n, d)
              + " components; got "
              + n
              + " rows, "
              + count
              + " components");
    }
    Columns raw = Columns.of(bank);
    Columns centred = raw.centred();
    boolean wide = n < d;
    double[][] products = (wide ? centred.transposed() : centred).gram();
    SymmetricEigen eigen = SymmetricEigen.of(products);
    double[] mean = new double[d];
    Arrays.setAll(mean, raw::mean);
    double total = 0;
    for (int i = 0; i < products.length; i++) {
      total += products[i][i];
    }
    double[][] components = new double[count][];
    double[] variances = new double[count];
    for (int i = 0; i < count; i++) {
      double[] v = eigen.vectors()[i];
      components[i] = signed(wide ? unit(centred.times(v)) : v);
      variances[i] = Math.max(0, eigen.values()[i]) / (n - 1);
    }
    return new Pca(mean, components, variances, total / (n - 1));
  }

  /// A vector of items to one of features: the component that belongs to it.
  private static double[] unit(double[] v) {
    double length = Math.sqrt(Lbfgs.dot(v, v));
    double[] unit = v.clone();
    Arrays.setAll(unit, i -> length == 0 ? 0 : v[i] / length);
    return unit;
  }

  private static double[] signed(double[] v) {
    int largest = 0;
    for (int i = 1; i < v.length; i++) {
      largest = Math.abs(v[i]) > Math.abs(v[largest]) ? i : largest;
    }
    double sign = v[largest] < 0 ? -1 : 1;
    double[] result = new double[v.length];
    Arrays.setAll(result, i -> sign * v[i]);
    return result;
  }

  /// Share of the whole variance along component `i`; NaN if nothing varies.
  public double ratio(int i) {
    return variances[i] / totalVariance;
  }

  /// Coordinates `[n][components]` of the rows of `bank`.
  public double[][] transform(FeatureBank bank) {
    double[][] result = new double[bank.size()][components.length];
    for (int i = 0; i < result.length; i++) {
      for (int k = 0; k < components.length; k++) {
        for (int j = 0; j < mean.length; j++) {
          result[i][k] += (bank.at(i, j) - mean[j]) * components[k][j];
        }
      }
    }
    return result;
  }
}
