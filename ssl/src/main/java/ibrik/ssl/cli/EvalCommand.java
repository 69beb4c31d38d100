package ibrik.ssl.cli;

import ibrik.ssl.config.EvalConfig;
import ibrik.ssl.config.Json;
import ibrik.ssl.eval.Calibration;
import ibrik.ssl.eval.Evaluation;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.eval.FewShot;
import ibrik.ssl.eval.KnnClassifier;
import ibrik.ssl.eval.LinearProbe;
import ibrik.ssl.eval.LogisticRegression;
import ibrik.ssl.eval.RepresentationHealth;
import ibrik.ssl.train.FinalEvaluation;
import ibrik.ssl.train.Pretrainer;
import ibrik.ssl.train.Results;
import ibrik.ssl.train.RunSession;
import ibrik.ssl.train.TrainListener;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ibrik eval PROTOCOL --run FOLDER`.
@Command(
    name = "eval",
    description = "Measure the encoder of a run by one protocol, or by all and renew its report.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ibrik eval                           everything, of the newest run",
      "  ibrik eval knn --run runs/NAME -k 10 -k 200 --temperature 0.1",
      "  ibrik eval linear-sgd --run runs/NAME --json"
    })
final class EvalCommand extends AnyCommand {
  /// Ways to measure.
  enum Protocol {
    /// All of the final evaluation, and the report.
    ALL,
    /// Weighted k-NN.
    KNN,
    /// Logistic regression by L-BFGS.
    LINEAR,
    /// Linear probe by SGD.
    LINEAR_SGD,
    /// Collapse monitors.
    HEALTH,
    /// Clusters, retrieval and the rest of one call.
    SUITE,
    /// Five-way episodes with one and five shots.
    FEW_SHOT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Parameters(
      index = "0",
      arity = "0..1",
      defaultValue = "all",
      paramLabel = "<protocol>",
      description = "one of ${COMPLETION-CANDIDATES} (default: all)")
  private Protocol protocol = Protocol.ALL;

  @Option(
      names = "--run",
      paramLabel = "<folder>",
      description = "folder of the run (default: the newest in runs/)")
  private @Nullable Path folder;

  @Option(names = "-k", paramLabel = "<n>", description = "neighbours; may be given several times")
  private @Nullable List<Integer> neighbors;

  @Option(names = "--temperature", paramLabel = "<x>", description = "of k-NN votes")
  private @Nullable Double temperature;

  @Option(names = "--threads", paramLabel = "<n>", description = "threads that compute")
  private @Nullable Integer threads;

  @Option(names = "--json", description = "Print numbers as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = out();
    PrintWriter err = err();
    if (threads != null) {
      Backends.threads(threads);
    }
    Path path = folder == null ? RunPaths.newest() : folder;
    try (RunSession run = RunSession.open(path, null);
        Pretrainer trained = trained(run)) {
      if (trained.done() < trained.steps()) {
        err.printf(
            "note: this run is not finished: step %,d of %,d%n", trained.done(), trained.steps());
      }
      if (protocol == Protocol.ALL) {
        FinalEvaluation.Outcome outcome =
            new FinalEvaluation(run.config(), run.data(), what -> err.println("measuring: " + what))
                .run(trained.encoder(), trained.collapseValue());
        Path report = Results.write(run, outcome);
        ResultTable.print(out, outcome);
        out.println("report  " + report.toAbsolutePath().normalize());
      } else {
        print(out, measure(run, trained));
      }
    }
    return 0;
  }

  private static Pretrainer trained(RunSession run) {
    if (!Files.exists(run.folder().checkpoint())) {
      throw new IllegalArgumentException(
          "[eval] " + run.folder() + " has no checkpoint; go on with it by --resume first");
    }
    return new Pretrainer(
        run.config(),
        run.data(),
        run.folder(),
        new Pretrainer.Options(0, 0),
        new TrainListener() {});
  }

  private Map<String, Double> measure(RunSession run, Pretrainer trained) {
    FeatureBank train =
        FeatureBank.extract(trained.encoder(), run.data(), run.data().train(), FeatureBank.BATCH);
    FeatureBank test =
        FeatureBank.extract(trained.encoder(), run.data(), run.data().test(), FeatureBank.BATCH);
    Device device = run.config().device();
    Map<String, Double> found = new LinkedHashMap<>();
    switch (protocol) {
      case ALL -> throw new IllegalStateException("handled before");
      case KNN ->
          knn(run.config().eval())
              .evaluate(train, test, device)
              .forEach(
                  result -> {
                    found.put("knn_" + result.k(), result.accuracy());
                    found.put("knn_" + result.k() + "_top5", result.predictions().topAccuracy(5));
                  });
      case LINEAR -> {
        LogisticRegression.Result result =
            LogisticRegression.probe(train, test, LogisticRegression.Config.small(), device);
        found.put("linear", result.accuracy());
        found.put("linear_c", result.fit().c());
        found.put("linear_ece", Calibration.of(result.test(), Calibration.DEFAULT_BINS).ece());
      }
      case LINEAR_SGD -> {
        LinearProbe.Result result =
            LinearProbe.run(train, test, LinearProbe.Config.small(), device);
        found.put("linear_sgd", result.accuracy());
        found.put("linear_sgd_rate", result.rate());
      }
      case HEALTH -> {
        RepresentationHealth health =
            RepresentationHealth.of(train, RepresentationHealth.DEFAULT_SAMPLES, device);
        found.put("embedding_std", health.std());
        found.put("embedding_std_isotropic", health.isotropicStd());
        found.put("rankme", health.rankMe());
        found.put("effective_rank", health.effectiveRank());
        found.put("covariance_rank", health.covarianceRank());
        found.put("participation_ratio", health.participationRatio());
        found.put("stable_rank", health.stableRank());
        found.put("mean_cosine", health.meanCosine());
        found.put("uniformity", health.uniformity());
      }
      case SUITE ->
          found.putAll(
              Evaluation.of(
                      train,
                      test,
                      new Evaluation.Plan(
                          knn(run.config().eval()),
                          LogisticRegression.Config.small(),
                          run.config().seed()),
                      device)
                  .toMap());
      case FEW_SHOT -> {
        for (int shots : new int[] {1, 5}) {
          FewShot episodes = FewShot.run(test, FewShot.Config.fiveWay(shots), device);
          found.put("five_way_" + shots + "_shot", episodes.accuracy().value());
          found.put("five_way_" + shots + "_shot_interval", episodes.accuracy().half());
        }
      }
    }
    return found;
  }

  private KnnClassifier knn(EvalConfig eval) {
    return KnnClassifier.weighted(
        temperature == null ? eval.knnTemperature() : temperature,
        neighbors == null ? List.of(eval.knnNeighbors()) : neighbors);
  }

  private void print(PrintWriter out, Map<String, Double> found) {
    if (json) {
      out.print(Json.pretty(found));
    } else {
      found.forEach((name, value) -> out.printf(Locale.ROOT, "%-24s %.4f%n", name, value));
    }
  }
}
