package ibrik.ssl.eval;

import ibrik.ssl.eval.Neighbors.Metric;
import ibrik.tensor.Device;
import java.util.ArrayList;
import java.util.List;

/// Classifies each item by a vote of its nearest training items.
///
/// `score_c = sum over neighbours j of class c of weight(j)`; the class with the highest score
/// wins, of equals the smallest. Scores are returned divided by their sum. One search serves all
/// numbers of neighbours.
///
/// **Source** weighted vote: Wu et al. 2018, arXiv:1805.01978, section 3.4.
///
/// @param metric how near is measured
/// @param vote how much a neighbour counts
/// @param ks numbers of neighbours, each at least 1; those above the number of training items use
///   all of them, and the result says so
public record KnnClassifier(Metric metric, Vote vote, List<Integer> ks) {
  /// How much a neighbour counts.
  public sealed interface Vote {
    /// `exp(cosine / t)`; needs the cosine metric.
    ///
    /// @param t temperature, above 0
    record Temperature(double t) implements Vote {
      /// Checks the temperature.
      public Temperature {
        if (!(t > 0) || Double.isInfinite(t)) {
          throw new IllegalArgumentException("[knn] temperature must be above 0; got " + t);
        }
      }
    }

    /// One vote each.
    record Majority() implements Vote {}

    /// `1 / (distance + eps)`; needs the Euclidean metric.
    ///
    /// @param eps guard of equal items, above 0; 1e-5 is usual
    record InverseDistance(double eps) implements Vote {
      /// Checks the guard.
      public InverseDistance {
        if (!(eps > 0)) {
          throw new IllegalArgumentException("[knn] eps must be above 0; got " + eps);
        }
      }
    }
  }

  /// What one number of neighbours gave.
  ///
  /// @param k number asked for
  /// @param used number used: k, or all there were
  /// @param predictions scores that sum to 1 for each item
  public record Result(int k, int used, Predictions predictions) {
    /// Share of items classified rightly.
    public double accuracy() {
      return predictions.accuracy();
    }
  }

  /// Checks and copies.
  public KnnClassifier {
    ks = List.copyOf(ks);
    if (ks.isEmpty() || ks.stream().anyMatch(k -> k < 1)) {
      throw new IllegalArgumentException(
          "[knn] needs numbers of neighbours, each at least 1; got " + ks);
    }
    boolean fits =
        switch (vote) {
          case Vote.Temperature _ -> metric == Metric.COSINE;
          case Vote.InverseDistance _ -> metric == Metric.EUCLIDEAN;
          case Vote.Majority _ -> true;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          "[knn] temperature votes go with cosine, inverse distances with Euclidean; got "
              + vote
              + " with "
              + metric);
    }
  }

  /// Weighted votes of 200 neighbours by cosine at temperature 0.07.
  public static KnnClassifier weighted() {
    return weighted(0.07, List.of(200));
  }

  /// Weighted votes by cosine.
  public static KnnClassifier weighted(double temperature, List<Integer> ks) {
    return new KnnClassifier(Metric.COSINE, new Vote.Temperature(temperature), ks);
  }

  /// Plain majority of `k` neighbours by Euclidean distance.
  public static KnnClassifier majority(int k) {
    return new KnnClassifier(Metric.EUCLIDEAN, new Vote.Majority(), List.of(k));
  }

  /// Classifies `test` by its neighbours in `train`: one result per number of neighbours.
  public List<Result> evaluate(FeatureBank train, FeatureBank test, Device device) {
    train.checkFits(test, "knn");
    train.needLabels("knn");
    test.needLabels("knn");
    Neighbors all = Neighbors.search(test, train, metric, largest(train.size()), device);
    return votes(all, train, test);
  }

  /// Classifies each item of `bank` by its neighbours among the others.
  public List<Result> leaveOneOut(FeatureBank bank, Device device) {
    bank.needLabels("knn");
    Neighbors all = Neighbors.leaveOneOut(bank, metric, largest(bank.size() - 1), device);
    return votes(all, bank, bank);
  }

  private int largest(int available) {
    return Math.min(available, ks.stream().mapToInt(Integer::intValue).max().orElseThrow());
  }

  private List<Result> votes(Neighbors all, FeatureBank train, FeatureBank test) {
    List<Result> results = new ArrayList<>();
    for (int k : ks) {
      int used = Math.min(k, all.k());
      double[] scores = new double[Math.multiplyExact(test.size(), test.classes())];
      for (int q = 0; q < test.size(); q++) {
        double total = 0;
        for (int j = 0; j < used; j++) {
          int at = q * all.k() + j;
          // The nearest neighbour has weight 1: no overflow at any temperature, same winner.
          double weight = weight(all.value()[at], all.value()[q * all.k()]);
          scores[q * test.classes() + train.labels()[all.index()[at]]] += weight;
          total += weight;
        }
        for (int c = 0; c < test.classes(); c++) {
          scores[q * test.classes() + c] /= total;
        }
      }
      results.add(new Result(k, used, new Predictions(scores, test.labels(), test.classes())));
    }
    return List.copyOf(results);
  }

  private double weight(double value, double nearest) {
    return switch (vote) {
      case Vote.Temperature(double t) -> Math.exp((value - nearest) / t);
      case Vote.Majority _ -> 1;
      case Vote.InverseDistance(double eps) -> (nearest + eps) / (value + eps);
    };
  }
}
