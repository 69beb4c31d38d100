package ibrik.ssl.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import ibrik.nn.model.Encoder;
import ibrik.ssl.augment.View;
import ibrik.ssl.config.EvalConfig;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.eval.Calibration;
import ibrik.ssl.eval.ClusterScores;
import ibrik.ssl.eval.ConfusionMatrix;
import ibrik.ssl.eval.Evaluation;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.eval.FewShot;
import ibrik.ssl.eval.Hypersphere;
import ibrik.ssl.eval.KMeans;
import ibrik.ssl.eval.KnnClassifier;
import ibrik.ssl.eval.LabelSplits;
import ibrik.ssl.eval.LinearProbe;
import ibrik.ssl.eval.LogisticRegression;
import ibrik.ssl.eval.Predictions;
import ibrik.ssl.eval.RepresentationHealth;
import ibrik.ssl.eval.Retrieval;
import ibrik.ssl.eval.Spectrum;
import ibrik.ssl.eval.TemperatureScaling;
import ibrik.ssl.method.Method;
import ibrik.ssl.train.OwnClusters;
import ibrik.tensor.Device;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Protocols that look at frozen features, one method each.
final class Measuring {
  /// Numbers of neighbours that a sweep tries.
  private static final List<Integer> SWEEP = List.of(1, 2, 5, 10, 20, 50, 100, 200);

  /// Share of the training images on which a sweep chooses.
  private static final double HELD_OUT = 0.1;

  private static final List<Integer> RECALLS = List.of(1, 5, 10);

  /// Eigenvalues that are printed: the first of each power of two.
  private static final int SHOWN_EIGENVALUES = 1024;

  private final RunConfig config;
  private final DataSet data;
  private final Method method;
  private final Options options;
  private final Device device;
  private final Measured found = new Measured();

  /// What is asked for besides.
  ///
  /// @param neighbors of k-NN; null for the run's
  /// @param temperature of k-NN; null for the run's
  /// @param sweep choose k on held-out training images
  /// @param cs values of C that the logistic regression tries
  record Options(
      @Nullable List<Integer> neighbors, @Nullable Double temperature, boolean sweep, int cs) {}

  Measuring(RunConfig config, DataSet data, Method method, Options options) {
    this.config = config;
    this.data = data;
    this.method = method;
    this.options = options;
    this.device = config.device();
  }

  /// Runs `protocol`, which must be none that trains the encoder.
  Measured run(Protocol protocol) {
    FeatureBank train = bank(true);
    FeatureBank test = bank(false);
    switch (protocol) {
      case KNN -> knn(train, test);
      case LINEAR -> linear(train, test);
      case LINEAR_SGD -> linearSgd(train, test);
      case HEALTH -> health(health(train));
      case SPECTRUM -> spectrum(train);
      case ALIGNMENT -> alignment();
      case CLUSTERS -> clusters(test);
      case ASSIGNMENTS -> assignments(test);
      case RETRIEVAL -> retrieval(Retrieval.of(test, RECALLS, device), RECALLS);
      case CALIBRATION -> calibration(train, test);
      case FEW_SHOT -> fewShot(test);
      case SUITE -> suite(train, test);
      case ALL, FINE_TUNE, SEMI ->
          throw new IllegalStateException("[eval] " + protocol + " is measured elsewhere");
    }
    return found;
  }

  private FeatureBank bank(boolean training) {
    Encoder encoder = method.encoder();
    return FeatureBank.extract(
        encoder, data, training ? data.train() : data.test(), FeatureBank.BATCH);
  }

  private double temperature() {
    return options.temperature == null ? config.eval().knnTemperature() : options.temperature;
  }

  private KnnClassifier classifier() {
    EvalConfig eval = config.eval();
    return KnnClassifier.weighted(
        temperature(),
        options.neighbors == null ? List.of(eval.knnNeighbors()) : options.neighbors);
  }

  private void knn(FeatureBank train, FeatureBank test) {
    found.settings().put("temperature", temperature());
    if (!options.sweep) {
      knn(classifier().evaluate(train, test, device));
      return;
    }
    LabelSplits.Split split = LabelSplits.share(train, HELD_OUT, config.seed());
    List<Integer> tried = options.neighbors == null ? SWEEP : options.neighbors;
    KnnClassifier.Result best = null;
    for (KnnClassifier.Result result :
        KnnClassifier.weighted(temperature(), tried)
            .evaluate(train.select(split.rest()), train.select(split.chosen()), device)) {
      found.share("knn_" + result.k() + "_held_out", result.accuracy());
      if (best == null || result.accuracy() > best.accuracy()) {
        best = result;
      }
    }
    if (best != null) {
      found.number("knn_best_k", best.k());
      knn(KnnClassifier.weighted(temperature(), List.of(best.k())).evaluate(train, test, device));
    }
  }

  private void knn(List<KnnClassifier.Result> results) {
    for (KnnClassifier.Result result : results) {
      found.share("knn_" + result.k(), result.accuracy());
      found.share("knn_" + result.k() + "_top5", result.predictions().topAccuracy(5));
    }
  }

  private LogisticRegression.Config logistic() {
    return LogisticRegression.Config.small().withCs(options.cs);
  }

  private void linear(FeatureBank train, FeatureBank test) {
    LogisticRegression.Config form = logistic();
    LogisticRegression.Result result = LogisticRegression.probe(train, test, form, device);
    for (int i = 0; i < result.heldOutAccuracy().size(); i++) {
      found.share(
          String.format(Locale.ROOT, "linear_c_%.3g_held_out", form.cs().get(i)),
          result.heldOutAccuracy().get(i));
    }
    linear(result);
    found.share("linear_ece", Calibration.of(result.test(), Calibration.DEFAULT_BINS).ece());
    found.number("linear_converged", result.fit().converged() ? 1 : 0);
  }

  private void linear(LogisticRegression.Result result) {
    ConfusionMatrix confusion = ConfusionMatrix.of(result.test());
    found.share("linear", result.accuracy());
    found.share("linear_top5", result.test().topAccuracy(5));
    found.share("linear_balanced", confusion.balancedAccuracy());
    found.share("linear_macro_f1", confusion.macroF1());
    found.number("linear_c", result.fit().c());
  }

  private void linearSgd(FeatureBank train, FeatureBank test) {
    LinearProbe.Config form = LinearProbe.Config.small();
    LinearProbe.Result result = LinearProbe.run(train, test, form, device);
    for (int i = 0; i < result.heldOutAccuracy().size(); i++) {
      found.share(
          "linear_sgd_rate_" + form.rates().get(i) + "_held_out", result.heldOutAccuracy().get(i));
    }
    found.share("linear_sgd", result.accuracy());
    found.share("linear_sgd_best_epoch", result.epochAccuracy().stream().reduce(0.0, Math::max));
    found.number("linear_sgd_rate", result.rate());
    found.settings().put("epochs", form.epochs()).put("batch_size", form.batchSize());
  }

  private RepresentationHealth health(FeatureBank train) {
    return RepresentationHealth.of(train, RepresentationHealth.DEFAULT_SAMPLES, device);
  }

  private void health(RepresentationHealth health) {
    found.number("embedding_std", health.std());
    found.number("embedding_std_isotropic", health.isotropicStd());
    found.number("rankme", health.rankMe());
    found.number("effective_rank", health.effectiveRank());
    found.number("covariance_rank", health.covarianceRank());
    found.number("participation_ratio", health.participationRatio());
    found.number("stable_rank", health.stableRank());
    found.number("mean_cosine", health.meanCosine());
    found.number("uniformity", health.uniformity());
    found.settings().put("rows", health.samples()).put("dim", health.dim());
  }

  private void spectrum(FeatureBank train) {
    double[] values =
        RepresentationHealth.covarianceSpectrum(train, RepresentationHealth.DEFAULT_SAMPLES);
    found.number("covariance_rank", Spectrum.effectiveRank(values));
    found.number("participation_ratio", Spectrum.participationRatio(values));
    // Beyond the number of rows, and for dead features, there is nothing but rounding.
    int last =
        (int) IntStream.range(0, values.length).filter(i -> values[i] > 1e-9 * values[0]).count();
    found.number("dimensions_in_use", last);
    if (last >= 2) {
      found.number("power_law_exponent", Spectrum.powerLawExponent(values, 1, last));
    }
    for (int j = 1; j <= Math.min(last, SHOWN_EIGENVALUES); j *= 2) {
      found.number("eigenvalue_" + j, values[j - 1]);
    }
    ArrayNode all = found.settings().putArray("eigenvalues");
    IntStream.range(0, last).forEach(i -> all.add(values[i]));
  }

  /// Of two views of the test images, made by the run's first two recipes.
  private void alignment() {
    List<View> views = config.views();
    FeatureBank first = view(views.getFirst(), 0);
    FeatureBank second = view(views.get(Math.min(1, views.size() - 1)), 1);
    found.number("alignment", Hypersphere.alignment(first, second));
    found.number("uniformity", Hypersphere.uniformity(first, device));
    found.number("uniformity_test_view", Hypersphere.uniformity(bank(false), device));
  }

  private FeatureBank view(View recipe, int number) {
    return FeatureBank.augmented(
        method.encoder(), data, data.test(), recipe, number, config.seed(), FeatureBank.BATCH);
  }

  private void clusters(FeatureBank test) {
    KMeans means =
        KMeans.fit(
            test.l2Normalized(),
            Math.min(test.classes(), test.size()),
            KMeans.RESTARTS,
            config.seed(),
            device);
    clusters("kmeans", ClusterScores.of(test.labels(), means.clusters()));
    found.number("kmeans_inertia", means.inertia());
    found.settings().put("restarts", KMeans.RESTARTS);
  }

  private void clusters(String name, ClusterScores scores) {
    found.number(name + "_nmi", scores.nmi());
    found.number(name + "_ari", scores.ari());
    found.share(name + "_accuracy", scores.accuracy());
    found.share(name + "_purity", scores.purity());
  }

  private void assignments(FeatureBank test) {
    int[] clusters = OwnClusters.of(method, test, device);
    if (clusters == null) {
      throw new IllegalArgumentException(
          "[eval] assignments needs a method with prototypes or clusters of its own; got "
              + config.method().name()
              + "; ibrik eval clusters makes some by k-means");
    }
    clusters("assignment", ClusterScores.of(test.labels(), clusters));
    found.number("assignment_clusters_in_use", IntStream.of(clusters).distinct().count());
  }

  private void retrieval(Retrieval result, List<Integer> ks) {
    found.share("retrieval_map", result.meanAveragePrecision());
    found.share("retrieval_precision_at_r", result.precisionAtR());
    found.share("retrieval_map_at_r", result.mapAtR());
    for (int i = 0; i < ks.size(); i++) {
      found.share("retrieval_recall_" + ks.get(i), result.recallAt().get(i));
    }
    found.number("retrieval_queries", result.queries());
  }

  /// The temperature is fitted on held-out training images, never on those it is judged by.
  private void calibration(FeatureBank train, FeatureBank test) {
    LogisticRegression.Config form = logistic();
    LogisticRegression.Result result = LogisticRegression.probe(train, test, form, device);
    Predictions plain = result.test();
    calibration("", plain);
    LabelSplits.Split split = LabelSplits.share(train, HELD_OUT, config.seed());
    FeatureBank held = train.select(split.chosen());
    LogisticRegression.Fit rest =
        LogisticRegression.fit(
            train.select(split.rest()),
            form.scaling(),
            result.fit().c(),
            form.maxIterations(),
            form.tolerance(),
            device);
    double t =
        TemperatureScaling.fit(
            rest.classifier().logits(held, device), held.labels(), held.classes());
    found.number("temperature", t);
    calibration(
        "scaled_",
        TemperatureScaling.apply(
            result.fit().classifier().logits(test, device), test.labels(), test.classes(), t));
    found.settings().put("bins", Calibration.DEFAULT_BINS);
  }

  private void calibration(String prefix, Predictions predictions) {
    Calibration wide = Calibration.of(predictions, Calibration.DEFAULT_BINS);
    found.share(prefix + "ece", wide.ece());
    found.share(prefix + "mce", wide.mce());
    found.share(
        prefix + "ece_adaptive", Calibration.adaptive(predictions, Calibration.DEFAULT_BINS).ece());
    found.number(prefix + "brier", Calibration.brier(predictions));
    found.number(prefix + "nll", Calibration.negativeLogLikelihood(predictions));
  }

  private void fewShot(FeatureBank test) {
    for (int shots : new int[] {1, 5}) {
      FewShot episodes = FewShot.run(test, FewShot.Config.fiveWay(shots), device);
      found.share("five_way_" + shots + "_shot", episodes.accuracy().value());
      found.share("five_way_" + shots + "_shot_interval", episodes.accuracy().half());
    }
  }

  private void suite(FeatureBank train, FeatureBank test) {
    Evaluation all =
        Evaluation.of(
            train, test, new Evaluation.Plan(classifier(), logistic(), config.seed()), device);
    health(all.health());
    knn(all.knn());
    linear(all.logistic());
    found.share("linear_ece", all.calibration().ece());
    clusters("kmeans", all.clusters());
    retrieval(all.retrieval(), Evaluation.RECALLS);
  }
}
