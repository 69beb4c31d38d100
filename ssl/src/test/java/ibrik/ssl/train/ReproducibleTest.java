package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ibrik.tensor.backend.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same seed gives the same bits, however many threads there are and however often a run is
/// stopped.
@ExtendWith(LiveBytes.class)
class ReproducibleTest {
  @TempDir Path folder;

  @AfterEach
  void restoreThreads() {
    Backends.threads(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"byol", "simclr", "supervised"})
  void bitsDoNotDependOnThreads(String method) {
    TinyRun run = new TinyRun(method);
    byte[] first = null;
    for (int threads : new int[] {1, 2, 4}) {
      Backends.threads(threads);
      Path path = folder.resolve("threads-" + threads);
      run.train(path, threads - 1, 0, _ -> false);
      byte[] bytes = TinyRun.checkpoint(path);
      first = first == null ? bytes : first;
      assertArrayEquals(first, bytes, threads + " threads");
    }
  }

  /// Queues, slow copies, random keys and rates of their own: all of it survives a stop.
  @ParameterizedTest
  @ValueSource(strings = {"mocov2", "fair", "nnclr", "fast-moco", "msbreg", "barlow"})
  void methodsGoOnWithTheSameBits(String method) {
    TinyRun run = new TinyRun(method).set("eval.monitor_every", 0);
    run.train(folder.resolve("whole"));
    Path parts = folder.resolve("parts");
    for (long stop : new long[] {3, 7}) {
      run.train(parts, 1, 0, done -> done >= stop);
    }
    run.train(parts);
    assertArrayEquals(TinyRun.checkpoint(folder.resolve("whole")), TinyRun.checkpoint(parts));
  }

  @Test
  void anotherSeedGivesOtherBits() {
    new TinyRun("byol").train(folder.resolve("0"));
    new TinyRun("byol").set("seed", 1).train(folder.resolve("1"));
    assertFalse(
        Arrays.equals(
            TinyRun.checkpoint(folder.resolve("0")), TinyRun.checkpoint(folder.resolve("1"))));
  }

  /// Stopped within an epoch, at its end, and right at the start; with each optimiser.
  @ParameterizedTest
  @ValueSource(strings = {"sgd", "lars", "adamw"})
  void aStoppedRunEndsWithTheSameBits(String optimizer) throws Exception {
    TinyRun run = new TinyRun("byol").set("train.optimizer", optimizer);
    List<Map<String, Double>> whole = run.train(folder.resolve("whole"));
    Path parts = folder.resolve("parts");
    List<Map<String, Double>> seen = new java.util.ArrayList<>();
    for (long stop : new long[] {1, 4, 6, 9}) {
      seen.addAll(run.train(parts, 1, 0, done -> done >= stop));
    }
    seen.addAll(run.train(parts));
    assertEquals(whole, seen);
    assertArrayEquals(TinyRun.checkpoint(folder.resolve("whole")), TinyRun.checkpoint(parts));
    assertEquals(withoutTimes(folder.resolve("whole")), withoutTimes(parts));
  }

  /// Queues, centres, banks, labels and prototypes live in the checkpoint: views of two sizes, a
  /// queue that is in use from step 2 on, labels that are found anew in the second epoch.
  @ParameterizedTest
  @ValueSource(strings = {"swav", "dino", "twist", "deepcluster-v2", "sela-v2", "relicv2"})
  void methodsWithStateGoOnAsWell(String method) {
    TinyRun run = new TinyRun(method).set("eval.monitor_every", 0);
    String section = method.replace('-', '_');
    run.set(section + ".local_crops", 1);
    switch (method) {
      case "swav" -> run.set("swav.queue_length", 2 * TinyRun.BATCH);
      case "twist" -> run.set("twist.self_label_epochs", 1);
      case "relicv2" -> run.set("views.mask", 0.5);
      default -> {}
    }
    List<Map<String, Double>> whole = run.train(folder.resolve("whole"));
    Path parts = folder.resolve("parts");
    List<Map<String, Double>> seen = new java.util.ArrayList<>();
    for (long stop : new long[] {1, 6, 9}) {
      seen.addAll(run.train(parts, 1, 0, done -> done >= stop));
    }
    seen.addAll(run.train(parts));
    assertEquals(whole, seen);
    assertArrayEquals(TinyRun.checkpoint(folder.resolve("whole")), TinyRun.checkpoint(parts));
  }

  private static List<String> withoutTimes(Path run) throws java.io.IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll("\"(images_per_second|seconds)\":[^,}]*", ""))
        .toList();
  }

  /// What a kill leaves: a checkpoint that is older than the log, and half a line.
  @Test
  void aKilledRunForgetsWhatItsCheckpointDoesNotHold() throws Exception {
    TinyRun run = new TinyRun("simclr");
    Path whole = folder.resolve("whole");
    run.train(whole);
    Path killed = folder.resolve("killed");
    run.train(killed, 1, 0, done -> done == TinyRun.STEPS / 2);
    byte[] old = TinyRun.checkpoint(killed);
    run.train(killed);
    Files.write(killed.resolve("checkpoint.safetensors"), old);
    Files.writeString(
        killed.resolve("metrics.jsonl"),
        "{\"epoch\":3,\"st",
        java.nio.file.StandardOpenOption.APPEND);
    run.train(killed);
    assertArrayEquals(TinyRun.checkpoint(whole), TinyRun.checkpoint(killed));
    assertEquals(withoutTimes(whole), withoutTimes(killed));
  }

  @Test
  void checkpointsInBetweenChangeNothing() {
    TinyRun run = new TinyRun("byol");
    run.train(folder.resolve("a"));
    run.train(folder.resolve("b"), 2, 1, _ -> false);
    assertArrayEquals(
        TinyRun.checkpoint(folder.resolve("a")), TinyRun.checkpoint(folder.resolve("b")));
  }
}
