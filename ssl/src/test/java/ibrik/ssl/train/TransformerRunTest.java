package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Transformers as encoders of a run, by their settings alone.
@ExtendWith(LiveBytes.class)
class TransformerRunTest {
  @TempDir Path folder;

  private static TinyRun run(String method) {
    return new TinyRun(method)
        .set("model.name", "vit-nano")
        .set("model.patch", 7)
        .set("model.drop_path", 0.3)
        .set("train.optimizer", "adamw")
        .set("train.base_lr", 0.01);
  }

  /// The counters of the drops are saved with the rest.
  @Test
  void aStoppedRunEndsWithTheSameBits() {
    List<Map<String, Double>> whole = run("simclr").train(folder.resolve("whole"));
    Path parts = folder.resolve("parts");
    List<Map<String, Double>> seen = new ArrayList<>();
    for (long stop : new long[] {1, 4, 9}) {
      seen.addAll(run("simclr").train(parts, 1, 0, done -> done >= stop));
    }
    seen.addAll(run("simclr").train(parts));
    assertEquals(whole, seen);
    assertArrayEquals(TinyRun.checkpoint(folder.resolve("whole")), TinyRun.checkpoint(parts));
    assertTrue(whole.stream().allMatch(m -> m.values().stream().allMatch(Double::isFinite)));
  }

  @Test
  void fixedPositionsAndFrozenPatchesTrainToo() {
    TinyRun run = run("byol").set("model.position", "sincos").set("model.frozen_patch", true);
    assertEquals(TinyRun.STEPS, run.train(folder.resolve("fixed")).size());
  }

  @Test
  void aPatchThatDoesNotDivideTheImagesIsRefused() {
    TinyRun run = run("byol").set("model.patch", 5);
    assertEquals(
        "[config] patch must divide image; got image 28 and patch 5",
        assertThrows(IllegalArgumentException.class, run::config).getMessage());
  }
}
