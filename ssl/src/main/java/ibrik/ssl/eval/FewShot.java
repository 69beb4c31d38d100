package ibrik.ssl.eval;

import ibrik.tensor.Device;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Few-shot episodes: some classes, a few labelled items of each, and others to classify by them.
///
/// @param accuracies one per episode
public record FewShot(List<Double> accuracies) {
  /// How queries are classified.
  public enum Head {
    /// By the nearest mean of the support of a class, squared Euclidean distance.
    CENTROID,
    /// By logistic regression on the support with C = 1.
    LOGISTIC
  }

  /// How episodes are drawn.
  ///
  /// @param ways classes per episode
  /// @param shots labelled items per class
  /// @param queries items to classify per class
  /// @param episodes how many
  /// @param head the classifier
  /// @param unit whether rows are divided by their length first
  /// @param seed draws the episodes
  public record Config(
      int ways, int shots, int queries, int episodes, Head head, boolean unit, long seed) {
    /// Five ways, 15 queries, 600 episodes, nearest centroid of unit rows.
    public static Config fiveWay(int shots) {
      return new Config(5, shots, 15, 600, Head.CENTROID, true, 0);
    }
  }

  /// Copies.
  public FewShot {
    accuracies = List.copyOf(accuracies);
  }

  /// Mean accuracy with its 95 % interval over episodes.
  public Interval accuracy() {
    return Interval.ofMean(accuracies.stream().mapToDouble(a -> a).toArray());
  }

  /// Runs all episodes on the classes of `bank`.
  ///
  /// @throws IllegalArgumentException if fewer than `ways` classes have `shots + queries` items
  public static FewShot run(FeatureBank bank, Config config, Device device) {
    bank.needLabels("few_shot");
    int each = config.shots + config.queries;
    List<int[]> members = new ArrayList<>();
    for (int c = 0; c < bank.classes(); c++) {
      int label = c;
      int[] items =
          IntStream.range(0, bank.size()).filter(i -> bank.labels()[i] == label).toArray();
      if (items.length >= each) {
        members.add(items);
      }
    }
    if (config.ways < 2 || config.shots < 1 || config.queries < 1 || members.size() < config.ways) {
      throw new IllegalArgumentException(
          "[few_shot] needs at least two ways, one shot, one query, and as many classes with "
              + each
              + " items as ways; got "
              + config
              + " and "
              + members.size()
              + " such classes");
    }
    FeatureBank rows = config.unit ? bank.l2Normalized() : bank;
    List<Double> accuracies = new ArrayList<>();
    for (int episode = 0; episode < config.episodes; episode++) {
      PhiloxStream random = new PhiloxStream(config.seed, episode);
      int[] classes = random.permutation(members.size());
      int[] support = new int[config.ways * config.shots];
      int[] query = new int[config.ways * config.queries];
      for (int w = 0; w < config.ways; w++) {
        int[] items = members.get(classes[w]);
        int[] order = random.permutation(items.length);
        for (int i = 0; i < each; i++) {
          if (i < config.shots) {
            support[w * config.shots + i] = items[order[i]];
          } else {
            query[w * config.queries + i - config.shots] = items[order[i]];
          }
        }
      }
      accuracies.add(
          classify(
                  part(rows, support, config.ways),
                  part(rows, query, config.ways),
                  config.head,
                  device)
              .accuracy());
    }
    return new FewShot(accuracies);
  }

  /// The rows, grouped by class, with the classes of the episode for labels.
  private static FeatureBank part(FeatureBank bank, int[] rows, int ways) {
    int[] labels = new int[rows.length];
    Arrays.setAll(labels, i -> i / (rows.length / ways));
    return new FeatureBank(bank.select(rows).features(), bank.dim(), labels, ways);
  }

  private static Predictions classify(
      FeatureBank support, FeatureBank query, Head head, Device device) {
    return switch (head) {
      case CENTROID -> nearestCentroid(support, query);
      case LOGISTIC ->
          LogisticRegression.fit(support, Scaler.Kind.NONE, 1, 200, 1e-4, device)
              .classifier()
              .predict(query, device);
    };
  }

  /// Classifies by the nearest class mean. Scores are `softmax(-d^2)`, with d the Euclidean
  /// distance (Snell et al. 2017, arXiv:1703.05175, eq. 2). A class without support gets score 0.
  public static Predictions nearestCentroid(FeatureBank support, FeatureBank query) {
    support.checkFits(query, "few_shot");
    support.needLabels("few_shot");
    query.needLabels("few_shot");
    int dim = support.dim();
    int classes = support.classes();
    double[] centre = new double[classes * dim];
    int[] count = new int[classes];
    for (int i = 0; i < support.size(); i++) {
      count[support.labels()[i]]++;
      for (int j = 0; j < dim; j++) {
        centre[support.labels()[i] * dim + j] += support.at(i, j);
      }
    }
    double[] scores = new double[query.size() * classes];
    for (int i = 0; i < query.size(); i++) {
      for (int c = 0; c < classes; c++) {
        double square = count[c] == 0 ? Double.POSITIVE_INFINITY : 0;
        for (int j = 0; j < dim && count[c] > 0; j++) {
          double difference = query.at(i, j) - centre[c * dim + j] / count[c];
          square += difference * difference;
        }
        scores[i * classes + c] = -square;
      }
      LogSumExp.softmax(scores, i * classes, classes);
    }
    return new Predictions(scores, query.labels(), classes);
  }
}
