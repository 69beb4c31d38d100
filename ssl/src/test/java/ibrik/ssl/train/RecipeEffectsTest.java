package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
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
  void ratesAndDecayEndWhereTheyAreToldTo() throws IOException {
    changes(true, "simclr", "train.lr_end", 0.0, 0.5);
    TinyRun adam = new TinyRun("simsiam").set("train.optimizer", "adamw");
    Path steady = folder.resolve("steady");
    Path grown = folder.resolve("grown");
    adam.set("train.decay_end", 1.0).train(steady);
    adam.set("train.decay_end", 10.0).train(grown);
    assertFalse(Arrays.equals(TinyRun.checkpoint(steady), TinyRun.checkpoint(grown)));
    String last = Files.readAllLines(grown.resolve("metrics.jsonl")).getLast();
    assertTrue(last.contains("\"decay_growth\":9."), last);
  }

  @Test
  void aSteadyRateIsAnother() {
    changes(true, "simsiam", "simsiam.steady_predictor", true, false);
  }
}
