package ibrik.ssl.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that is killed at a random moment and started again leaves the same checkpoint, byte
/// for byte, as one that was left alone; one that is interrupted saves first.
class KilledRunTest {
  private static final String[] RUN = {
    "pretrain",
    "byol",
    "--limit",
    "256",
    "--epochs",
    "6",
    "--batch-size",
    "32",
    "--width",
    "0.25",
    "--warm-up-epochs",
    "1",
    "--monitor-every",
    "0",
    "--ceiling-epochs",
    "0",
    "--map",
    "none",
    "--checkpoint-every",
    "3"
  };

  @TempDir Path folder;

  private Process start(String... more) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp"));
    line.add(System.getProperty("java.class.path"));
    line.add(Main.class.getName());
    line.addAll(List.of(more));
    return new ProcessBuilder(line)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log()))
        .start();
  }

  private File log() {
    return folder.resolve("log.txt").toFile();
  }

  private String[] run(Path out, String... more) {
    List<String> args = new ArrayList<>(List.of(RUN));
    args.addAll(List.of("--out", out.toString()));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  private void finish(Process process) throws Exception {
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "does not end");
    assertEquals(0, process.exitValue(), () -> read(log().toPath()));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failed) {
      return failed.toString();
    }
  }

  /// Waits until training is under way.
  private static void awaitCheckpoint(Path run, Process process) throws InterruptedException {
    while (process.isAlive() && !Files.exists(run.resolve("checkpoint.safetensors"))) {
      Thread.sleep(10);
    }
  }

  @Test
  void killedAndResumed() throws Exception {
    Path whole = folder.resolve("whole");
    finish(start(run(whole)));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path killed = folder.resolve("killed");
    Process process = start(run(killed));
    for (int i = 0; i < 3; i++) {
      awaitCheckpoint(killed, process);
      Thread.sleep(random.nextInt(1500));
      process.destroyForcibly();
      process.waitFor();
      process = start("pretrain", "byol", "--resume", killed.toString());
    }
    finish(process);
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("checkpoint.safetensors")),
        Files.readAllBytes(killed.resolve("checkpoint.safetensors")),
        "moments of the kills: seed " + seed);
    assertEquals(6, Files.readAllLines(killed.resolve("metrics.jsonl")).size(), "lines of the log");
  }

  @Test
  void interruptedAndResumed() throws Exception {
    Path run = folder.resolve("run");
    Process process = start(run(run));
    awaitCheckpoint(run, process);
    process.destroy(); // SIGTERM
    assertTrue(process.waitFor(2, TimeUnit.MINUTES));
    assertNotEquals(0, process.exitValue());
    String said = Files.readString(log().toPath());
    assertTrue(said.contains("go on with: ibrik pretrain byol --resume " + run), said);
    finish(start("pretrain", "byol", "--resume", run.toString()));
    assertTrue(Files.exists(run.resolve("report.html")));
  }
}
