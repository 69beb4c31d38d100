package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Settings that must change what a run ends with, and those that must not.
@ExtendWith(LiveBytes.class)
class RecipeEffectsTest {
  @TempDir Path folder;

  private byte[] end(String method, String path, Object value) {
    Path run = folder.resolve(method + value);
    new TinyRun(method).set("eval.monitor_every", 0).set(path, value).train(run);
    return TinyRun.checkpoint(run);
  }

  private void changes(boolean expected, String method, String path, Object one, Object other) {
    boolean same = Arrays.equals(end(method, path, one), end(method, path, other));
    assertEquals(expected, !same, method + ", " + path + ": " + one + " and " + other);
  }

  /// A bound that no gradient reaches leaves the bits as they are.
  @Test
  void longGradientsAreShortened() {
    changes(false, "simclr", "train.clip_norm", 0.0, 1e9);
    changes(true, "byol", "train.clip_norm", 0.0, 1e-3);
  }

  @Test
  void aSteadyRateIsAnother() {
    changes(true, "simsiam", "simsiam.steady_predictor", true, false);
  }
}
