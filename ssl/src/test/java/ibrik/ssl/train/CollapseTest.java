package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.backend.Backends;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// BYOL without its predictor collapses (Grill et al. 2020, table 5b), and the monitors show it:
/// the loss falls to its collapse value while the spread of the embeddings is lost.
@ExtendWith(LiveBytes.class)
class CollapseTest {
  @TempDir Path folder;

  @BeforeEach
  void threads() {
    Backends.threads(2);
  }

  private List<Map<String, Double>> run(boolean predictor, double tau) {
    return new TinyRun("byol")
        .set("byol.predictor", predictor)
        .set("train.epochs", 20)
        .set("train.base_lr", 2.0)
        .set("byol.tau_base", tau)
        .set("eval.monitor_every", 0)
        .train(folder.resolve(predictor + "-" + tau));
  }

  private static double mean(List<Map<String, Double>> steps, String name) {
    return steps.subList(steps.size() - 10, steps.size()).stream()
        .mapToDouble(step -> step.get(name))
        .average()
        .orElseThrow();
  }

  @Test
  void withoutPredictor() {
    List<Map<String, Double>> with = run(true, 0.9);
    List<Map<String, Double>> without = run(false, 0.9);
    double start = without.getFirst().get("embedding_std");
    double kept = mean(with, "embedding_std");
    double left = mean(without, "embedding_std");
    assertTrue(left < kept / 2, "std without " + left + ", with " + kept);
    assertTrue(left < start / 2, "std without " + left + ", at first " + start);
    assertTrue(
        mean(without, "loss") < mean(with, "loss") / 4,
        "loss without " + mean(without, "loss") + ", with " + mean(with, "loss"));
  }

  /// A target that never moves (table 5a, tau = 1) is no collapse, whether there is a predictor or
  /// not: a constant cannot be every image's random embedding.
  @Test
  void aFixedTargetPreventsIt() {
    List<Map<String, Double>> follows = run(false, 0.9);
    List<Map<String, Double>> fixed = run(false, 1);
    double left = mean(follows, "embedding_std");
    double kept = mean(fixed, "embedding_std");
    assertTrue(kept > 2 * left, "fixed target " + kept + ", following " + left);
  }
}
