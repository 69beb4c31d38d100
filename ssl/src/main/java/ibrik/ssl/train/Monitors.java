package ibrik.ssl.train;

import ibrik.nn.model.Encoder;
import ibrik.ssl.config.EvalConfig;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.eval.KnnClassifier;
import ibrik.ssl.eval.OnlineProbe;
import ibrik.ssl.eval.RepresentationHealth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Looks at the encoder now and then during training: effective rank of its features, k-NN and
/// online probe on held-out images. Changes nothing of the run.
final class Monitors {
  private final RunConfig config;
  private final DataSet data;

  Monitors(RunConfig config, DataSet data) {
    this.config = config;
    this.data = data;
  }

  /// Whether it is time after this epoch, counted from 1.
  boolean due(int epoch) {
    int every = config.eval().monitorEvery();
    return every > 0 && (epoch % every == 0 || epoch == config.train().epochs());
  }

  /// What is seen, by name: `effective_rank`, and with labels `knn` and `probe_accuracy`.
  Map<String, Double> look(TrainingState state) {
    EvalConfig eval = config.eval();
    Encoder encoder = state.method().encoder();
    Map<String, Double> seen = new LinkedHashMap<>();
    FeatureBank train =
        FeatureBank.extract(
            encoder, data, data.train().first(eval.monitorImages()), FeatureBank.BATCH);
    seen.put(
        "effective_rank",
        RepresentationHealth.of(train, RepresentationHealth.DEFAULT_SAMPLES, config.device())
            .effectiveRank());
    if (data.test().size() > 0 && train.classes() > 1) {
      FeatureBank test = FeatureBank.extract(encoder, data, data.test(), FeatureBank.BATCH);
      KnnClassifier knn =
          KnnClassifier.weighted(eval.knnTemperature(), List.of(eval.knnNeighbors()));
      seen.put("knn", knn.evaluate(train, test, config.device()).getFirst().accuracy());
      OnlineProbe probe = state.probe();
      if (probe != null) {
        seen.put("probe_accuracy", probe.accuracy(test));
      }
    }
    return seen;
  }
}
