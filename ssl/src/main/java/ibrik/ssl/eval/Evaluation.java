package ibrik.ssl.eval;

import ibrik.tensor.Device;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Everything that can be said about frozen features of a training and a test set, in one call.
///
/// @param health of the training features
/// @param knn weighted votes, one result per number of neighbours
/// @param logistic the offline linear probe
/// @param calibration of that probe on the test set
/// @param clusters k-means of unit test features into as many clusters as classes, against classes
/// @param retrieval among test features, recall at 1 and 5
public record Evaluation(
    RepresentationHealth health,
    List<KnnClassifier.Result> knn,
    LogisticRegression.Result logistic,
    Calibration calibration,
    ClusterScores clusters,
    Retrieval retrieval) {
  /// Ranks at which recall is taken.
  public static final List<Integer> RECALLS = List.of(1, 5);

  /// Copies.
  public Evaluation {
    knn = List.copyOf(knn);
  }

  /// What is measured and how.
  ///
  /// @param knn neighbours and votes
  /// @param logistic the linear probe
  /// @param seed of k-means
  public record Plan(KnnClassifier knn, LogisticRegression.Config logistic, long seed) {
    /// Weighted votes of 20 and 200 neighbours at temperature 0.07, twelve values of C.
    public static Plan small() {
      return new Plan(
          KnnClassifier.weighted(0.07, List.of(20, 200)), LogisticRegression.Config.small(), 0);
    }
  }

  /// Runs the plan.
  public static Evaluation of(FeatureBank train, FeatureBank test, Plan plan, Device device) {
    LogisticRegression.Result logistic =
        LogisticRegression.probe(train, test, plan.logistic, device);
    KMeans clusters =
        KMeans.fit(
            test.l2Normalized(),
            Math.min(test.classes(), test.size()),
            KMeans.RESTARTS,
            plan.seed,
            device);
    return new Evaluation(
        RepresentationHealth.of(train, RepresentationHealth.DEFAULT_SAMPLES, device),
        plan.knn.evaluate(train, test, device),
        logistic,
        Calibration.of(logistic.test(), Calibration.DEFAULT_BINS),
        ClusterScores.of(test.labels(), clusters.clusters()),
        Retrieval.of(test, RECALLS, device));
  }

  /// All numbers by name, in order: for logs and result files. Shares are fractions.
  public Map<String, Double> toMap() {
    Map<String, Double> all = new LinkedHashMap<>();
    all.put("embedding_std", health.std());
    all.put("embedding_std_isotropic", health.isotropicStd());
    all.put("rankme", health.rankMe());
    all.put("effective_rank", health.effectiveRank());
    all.put("covariance_rank", health.covarianceRank());
    all.put("uniformity", health.uniformity());
    all.put("mean_cosine", health.meanCosine());
    for (KnnClassifier.Result result : knn) {
      all.put("knn_" + result.k(), result.accuracy());
    }
    ConfusionMatrix confusion = ConfusionMatrix.of(logistic.test());
    all.put("linear", logistic.accuracy());
    all.put("linear_top5", logistic.test().topAccuracy(5));
    all.put("linear_balanced", confusion.balancedAccuracy());
    all.put("linear_macro_f1", confusion.macroF1());
    all.put("linear_ece", calibration.ece());
    all.put("linear_c", logistic.fit().c());
    all.put("kmeans_nmi", clusters.nmi());
    all.put("kmeans_ari", clusters.ari());
    all.put("kmeans_accuracy", clusters.accuracy());
    all.put("retrieval_map", retrieval.meanAveragePrecision());
    for (int i = 0; i < RECALLS.size(); i++) {
      all.put("retrieval_recall_" + RECALLS.get(i), retrieval.recallAt().get(i));
    }
    return all;
  }
}
