package ibrik.ssl.eval;

import ibrik.ssl.eval.Neighbors.Metric;
import ibrik.tensor.Device;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.List;

/// A map of features in the plane from a graph of neighbours: UMAP. The same features,
/// configuration and seed give the same bits.
///
/// **Source** McInnes, Healy, Melville 2018, arXiv:1802.03426.
///
/// **Deviations** exact neighbours instead of approximate ones; points start on the first two
/// principal components instead of eigenvectors of the graph; edges are visited in one fixed order.
///
/// @param points `[n][2]`
public record Umap(double[][] points) {
  private static final double START_EXTENT = 10;
  private static final double CLIP = 4;

  /// How the map is made.
  ///
  /// @param neighbors size of a neighbourhood, the point itself included; 15 is usual
  /// @param minDist how close points may come; 0.1 is usual
  /// @param epochs passes over the graph; 500 is usual up to 10,000 points
  /// @param negatives points pushed away for each one pulled; 5 is usual
  /// @param seed draws those
  public record Config(int neighbors, double minDist, int epochs, int negatives, long seed) {
    /// The usual values for `n` points.
    public static Config usual(int n) {
      return new Config(Math.clamp(n - 1, 2, 15), 0.1, n <= 10_000 ? 500 : 200, 5, 0);
    }
  }

  /// How similarity falls with distance on the map: `1 / (1 + a x^(2b))`.
  record Curve(double a, double b) {
    /// The least-squares fit to 1 up to `minDist`, then `exp(-(x - minDist))`, at 300 points in [0,
    /// 3].
    static Curve fit(double minDist) {
      Lbfgs.Objective squares =
          (ab, gradient) -> {
            double sum = 0;
            gradient[0] = 0;
            gradient[1] = 0;
            for (int i = 1; i < 300; i++) { // at 0 both are 1
              double x = 3 * i / 299.0;
              double target = x < minDist ? 1 : Math.exp(minDist - x);
              double power = Math.pow(x, 2 * ab[1]);
              double value = 1 / (1 + ab[0] * power);
              double miss = value - target;
              sum += miss * miss;
              double outer = -2 * miss * value * value * power;
              gradient[0] += outer;
              gradient[1] += outer * ab[0] * 2 * Math.log(x);
            }
            return sum;
          };
      double[] ab =
          Lbfgs.minimize(squares, new double[] {1, 1}, new Lbfgs.Options(200, 1e-11, 10, 0)).x();
      return new Curve(ab[0], ab[1]);
    }
  }

  /// An edge of the graph.
  private record Edge(int from, int to, double weight) {}

  /// Makes the map by Euclidean distance.
  ///
  /// @throws IllegalArgumentException unless 2 <= neighbors < number of rows
  public static Umap fit(FeatureBank bank, Config config, Device device) {
    int n = bank.size();
    if (config.neighbors < 2 || config.neighbors >= n) {
      throw new IllegalArgumentException(
          "[umap] needs 2 <= neighbors < rows; got " + config.neighbors + " of " + n + " rows");
    }
    List<Edge> edges = graph(bank, config.neighbors, device);
    double[][] points = start(bank, config.seed);
    layOut(points, edges, Curve.fit(config.minDist), config);
    return new Umap(points);
  }

  /// The fuzzy union of the neighbourhoods: `a + b - a b` for the two directions of an edge.
  private static List<Edge> graph(FeatureBank bank, int neighbors, Device device) {
    int n = bank.size();
    int k = neighbors - 1;
    Neighbors near = Neighbors.leaveOneOut(bank, Metric.EUCLIDEAN, k, device);
    java.util.TreeMap<Long, Double> weights = new java.util.TreeMap<>();
    for (int i = 0; i < n; i++) {
      double[] distances = java.util.Arrays.copyOfRange(near.value(), i * k, (i + 1) * k);
      double[] own = membership(distances, neighbors);
      for (int j = 0; j < k; j++) {
        int other = near.index()[i * k + j];
        long key = (long) Math.min(i, other) * n + Math.max(i, other);
        weights.merge(key, own[j], (a, b) -> a + b - a * b);
      }
    }
    List<Edge> edges = new ArrayList<>();
    weights.forEach((key, w) -> edges.add(new Edge((int) (key / n), (int) (key % n), w)));
    return edges;
  }

  /// `exp(-max(0, d - rho) / sigma)`, rho the nearest distance, sigma by [#scale].
  static double[] membership(double[] distances, int neighbors) {
    double nearest = java.util.Arrays.stream(distances).min().orElseThrow();
    double sigma = scale(distances, nearest, neighbors);
    double[] weights = new double[distances.length];
    java.util.Arrays.setAll(
        weights, j -> distances[j] <= nearest ? 1 : Math.exp(-(distances[j] - nearest) / sigma));
    return weights;
  }

  /// The sigma at which memberships sum to `log2(neighbors)`, by bisection.
  static double scale(double[] distances, double nearest, int neighbors) {
    double target = Math.log(neighbors) / Math.log(2);
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double sigma = 1;
    for (int i = 0; i < 100; i++) {
      double sum = 0;
      for (double d : distances) {
        sum += Math.exp(-Math.max(0, d - nearest) / sigma);
      }
      if (sum > target) {
        high = sigma;
        sigma = (low + high) / 2;
      } else {
        low = sigma;
        sigma = Double.isInfinite(high) ? sigma * 2 : (low + high) / 2;
      }
    }
    // With many equal distances no sigma will do; keep it above zero.
    double mean = java.util.Arrays.stream(distances).average().orElseThrow();
    return Math.max(sigma, Math.max(1e-3 * mean, Double.MIN_NORMAL));
  }

  private static double[][] start(FeatureBank bank, long seed) {
    int n = bank.size();
    double[][] y = new double[n][2];
    PhiloxStream random = new PhiloxStream(seed, 0);
    Pca pca = Pca.fit(bank, Math.min(2, bank.dim()));
    double[][] coordinates = pca.transform(bank);
    double extent = 0;
    for (double[] point : coordinates) {
      extent = Math.max(extent, Math.abs(point[0]));
    }
    for (int i = 0; i < n; i++) {
      for (int axis = 0; axis < 2; axis++) {
        double known =
            axis < coordinates[i].length && extent > 0 ? coordinates[i][axis] / extent : 0;
        y[i][axis] = START_EXTENT * known + 1e-4 * random.nextGaussian();
      }
    }
    return y;
  }

  /// Each edge is visited as often as its weight says; each visit pulls its ends together and
  /// pushes one of them off some others drawn at random.
  private static void layOut(double[][] y, List<Edge> edges, Curve curve, Config config) {
    double heaviest = edges.stream().mapToDouble(Edge::weight).max().orElseThrow();
    PhiloxStream random = new PhiloxStream(config.seed, 1);
    double[] due = new double[edges.size()];
    for (int epoch = 0; epoch < config.epochs; epoch++) {
      double rate = 1 - (double) epoch / config.epochs;
      for (int e = 0; e < due.length; e++) {
        Edge edge = edges.get(e);
        due[e] += edge.weight / heaviest;
        if (due[e] < 1) {
          continue;
        }
        due[e] -= 1;
        pull(y[edge.from], y[edge.to], curve, rate);
        // The graph has each edge once, so both ends take their turn to push.
        int end = epoch % 2 == 0 ? edge.from : edge.to;
        for (int i = 0; i < config.negatives; i++) {
          int other = random.nextInt(y.length);
          if (other != end) {
            push(y[end], y[other], curve, rate);
          }
        }
      }
    }
  }

  private static void pull(double[] p, double[] q, Curve curve, double rate) {
    double square = square(p, q);
    if (square == 0) {
      return;
    }
    double power = Math.pow(square, curve.b);
    double factor = -2 * curve.a * curve.b * power / square / (1 + curve.a * power);
    for (int axis = 0; axis < 2; axis++) {
      double move = rate * Math.clamp(factor * (p[axis] - q[axis]), -CLIP, CLIP);
      p[axis] += move;
      q[axis] -= move;
    }
  }

  private static void push(double[] p, double[] q, Curve curve, double rate) {
    double square = square(p, q);
    double factor = 2 * curve.b / ((0.001 + square) * (1 + curve.a * Math.pow(square, curve.b)));
    for (int axis = 0; axis < 2; axis++) {
      double move = square == 0 ? CLIP : Math.clamp(factor * (p[axis] - q[axis]), -CLIP, CLIP);
      p[axis] += rate * move;
    }
  }

  private static double square(double[] p, double[] q) {
    return (p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]);
  }
}
