package ibrik.ssl.eval;

import ibrik.tensor.random.PhiloxStream;
import java.util.Arrays;
import java.util.stream.IntStream;

/// A map of features in the plane that keeps neighbours together: exact t-SNE, in double. The same
/// features, configuration and seed give the same bits, whatever the number of threads.
///
/// Distances between far groups and sizes of groups mean nothing on such a map.
///
/// **Cost** about `20 n^2` operations per iteration and `16 n^2` bytes: some seconds for 1,000
/// points.
///
/// **Source** van der Maaten and Hinton 2008, J. Mach. Learn. Res. 9; defaults of scikit-learn.
///
/// @param points `[n][2]`
/// @param divergence Kullback-Leibler divergence between neighbourhoods, before and on the map
public record Tsne(double[][] points, double divergence) {
  /// Points that the exact method may be asked for.
  public static final int MOST_POINTS = 5000;

  private static final double START_STD = 1e-4;
  private static final double MIN_GAIN = 0.01;

  /// Where points start.
  public enum Start {
    /// On the first two principal components.
    PCA,
    /// At random.
    RANDOM
  }

  /// How the map is made.
  ///
  /// @param perplexity neighbours that count, in (1, n); 30 is usual
  /// @param exaggeration factor on attraction at first; 12 is usual
  /// @param exaggerated iterations with it; momentum is 0.5 then and 0.8 after
  /// @param iterations in all
  /// @param start where points start
  /// @param seed of random starts
  public record Config(
      double perplexity,
      double exaggeration,
      int exaggerated,
      int iterations,
      Start start,
      long seed) {
    /// The usual values for `n` points; with few points the perplexity is a third of their number.
    public static Config usual(int n) {
      return new Config(Math.clamp((n - 1) / 3.0, 1.01, 30), 12, 250, 1000, Start.PCA, 0);
    }
  }

  /// Makes the map.
  ///
  /// @throws IllegalArgumentException unless there are 3 to [#MOST_POINTS] rows and the perplexity
  ///   is in (1, n)
  public static Tsne fit(FeatureBank bank, Config config) {
    int n = bank.size();
    if (n < 3 || n > MOST_POINTS || !(config.perplexity > 1 && config.perplexity < n)) {
      throw new IllegalArgumentException(
          "[tsne] needs 3 to "
              + MOST_POINTS
              + " rows and a perplexity in (1, rows); got "
              + n
              + " rows, perplexity "
              + config.perplexity
              + "; map a part of the rows");
    }
    double[][] p = affinities(bank, config.perplexity);
    double[][] y = start(bank, config);
    double[][] step = new double[2][n];
    double[][] gain = new double[2][n];
    for (double[] g : gain) {
      Arrays.fill(g, 1);
    }
    double rate = Math.max(n / 48.0, 50);
    for (int i = 0; i < config.iterations; i++) {
      boolean early = i < config.exaggerated;
      double[][] gradient = gradient(p, early ? config.exaggeration : 1, y);
      double momentum = early ? 0.5 : 0.8;
      for (int axis = 0; axis < 2; axis++) {
        for (int k = 0; k < n; k++) {
          double g = gradient[axis][k];
          double slower = gain[axis][k] * 0.8;
          gain[axis][k] = Math.max(MIN_GAIN, step[axis][k] * g < 0 ? gain[axis][k] + 0.2 : slower);
          step[axis][k] = momentum * step[axis][k] - rate * gain[axis][k] * g;
          y[axis][k] += step[axis][k];
        }
      }
    }
    double[][] points = new double[n][2];
    for (int k = 0; k < n; k++) {
      points[k][0] = y[0][k];
      points[k][1] = y[1][k];
    }
    return new Tsne(points, divergence(p, y));
  }

  private static double[][] start(FeatureBank bank, Config config) {
    int n = bank.size();
    double[][] y = new double[2][n];
    PhiloxStream random = new PhiloxStream(config.seed, 0);
    for (double[] axis : y) {
      Arrays.setAll(axis, _ -> START_STD * random.nextGaussian());
    }
    if (config.start == Start.RANDOM) {
      return y;
    }
    Pca pca = Pca.fit(bank, Math.min(2, bank.dim()));
    double std = Math.sqrt(pca.variances()[0] * (n - 1) / n);
    if (!(std > 0)) {
      return y; // all rows are equal
    }
    double[][] coordinates = pca.transform(bank);
    for (int axis = 0; axis < pca.components().length; axis++) {
      for (int k = 0; k < n; k++) {
        y[axis][k] = coordinates[k][axis] * START_STD / std;
      }
    }
    return y;
  }

  /// `(P + P^T) / (2n)` of the conditional affinities at one perplexity.
  static double[][] affinities(FeatureBank bank, double perplexity) {
    int n = bank.size();
    double[][] p = new double[n][n];
    IntStream.range(0, n)
        .parallel()
        .forEach(
            i -> {
              double[] square = new double[n - 1];
              for (int j = 0, at = 0; j < n; j++) {
                if (j != i) {
                  square[at++] = squaredDistance(bank, i, j);
                }
              }
              double[] row = conditional(square, precision(square, perplexity));
              for (int j = 0, at = 0; j < n; j++) {
                p[i][j] = j == i ? 0 : row[at++];
              }
            });
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        p[i][j] = (p[i][j] + p[j][i]) / (2.0 * n);
        p[j][i] = p[i][j];
      }
    }
    return p;
  }

  private static double squaredDistance(FeatureBank bank, int a, int b) {
    double sum = 0;
    for (int j = 0; j < bank.dim(); j++) {
      double difference = (double) bank.at(a, j) - bank.at(b, j);
      sum += difference * difference;
    }
    return sum;
  }

  /// The beta at which the entropy of [#conditional] is the logarithm of the perplexity, by
  /// bisection.
  static double precision(double[] square, double perplexity) {
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double mean = Arrays.stream(square).average().orElseThrow();
    double beta = mean > 0 ? 1 / mean : 1;
    double target = Math.log(perplexity);
    for (int i = 0; i < 200; i++) {
      double entropy = 0;
      for (double q : conditional(square, beta)) {
        entropy -= q > 0 ? q * Math.log(q) : 0;
      }
      if (Math.abs(entropy - target) < 1e-12) {
        break;
      }
      if (entropy > target) {
        low = beta;
        beta = Double.isInfinite(high) ? beta * 2 : (beta + high) / 2;
        if (Double.isInfinite(beta)) {
          return low; // more equal nearest neighbours than the perplexity asks for
        }
      } else {
        high = beta;
        beta = (low + beta) / 2;
      }
    }
    return beta;
  }

  /// `exp(-beta d^2)`, divided by its sum.
  static double[] conditional(double[] square, double beta) {
    double nearest = Arrays.stream(square).min().orElseThrow();
    double[] p = new double[square.length];
    double sum = 0;
    for (int j = 0; j < p.length; j++) {
      p[j] = Math.exp(-beta * (square[j] - nearest));
      sum += p[j];
    }
    for (int j = 0; j < p.length; j++) {
      p[j] /= sum;
    }
    return p;
  }

  /// `4 sum_j (factor p_ij - q_ij) w_ij (y_i - y_j)` with `w = 1 / (1 + |y_i - y_j|^2)`, `q = w /
  /// sum w`; by axis.
  static double[][] gradient(double[][] p, double factor, double[][] y) {
    int n = p.length;
    double[] sums = new double[n];
    double[][] attraction = new double[2][n];
    double[][] repulsion = new double[2][n];
    IntStream.range(0, n).parallel().forEach(i -> forces(p[i], y, i, sums, attraction, repulsion));
    double sum = 0;
    for (double row : sums) {
      sum += row;
    }
    double[][] gradient = new double[2][n];
    for (int axis = 0; axis < 2; axis++) {
      for (int i = 0; i < n; i++) {
        gradient[axis][i] = 4 * (factor * attraction[axis][i] - repulsion[axis][i] / sum);
      }
    }
    return gradient;
  }

  private static void forces(
      double[] p, double[][] y, int i, double[] sums, double[][] attraction, double[][] repulsion) {
    double[] u = y[0];
    double[] v = y[1];
    double sum = 0;
    double au = 0;
    double av = 0;
    double ru = 0;
    double rv = 0;
    for (int j = 0; j < p.length; j++) {
      double du = u[i] - u[j];
      double dv = v[i] - v[j];
      double w = 1 / (1 + du * du + dv * dv);
      double pull = p[j] * w;
      double push = w * w;
      sum += w;
      au += pull * du;
      av += pull * dv;
      ru += push * du;
      rv += push * dv;
    }
    sums[i] = sum - 1; // without the point itself
    attraction[0][i] = au;
    attraction[1][i] = av;
    repulsion[0][i] = ru;
    repulsion[1][i] = rv;
  }

  /// `sum_ij p ln (p / q)`.
  static double divergence(double[][] p, double[][] y) {
    int n = p.length;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        sum += i == j ? 0 : weight(y, i, j);
      }
    }
    double divergence = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        divergence += p[i][j] > 0 ? p[i][j] * Math.log(p[i][j] * sum / weight(y, i, j)) : 0;
      }
    }
    return divergence;
  }

  private static double weight(double[][] y, int i, int j) {
    double du = y[0][i] - y[0][j];
    double dv = y[1][i] - y[1][j];
    return 1 / (1 + du * du + dv * dv);
  }
}
