package ibrik.ssl.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.Json;
import ibrik.ssl.train.LiveBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Sweeps over a few images: what is done, skipped, shared between processes, resumed, recorded.
@ExtendWith(LiveBytes.class)
class SweepTest {
  private static final List<String> CELLS =
      List.of("byol-seed0", "byol-seed1", "simclr-seed0", "simclr-seed1");

  /// A sweep that nothing disturbed.
  @TempDir static Path whole;

  @TempDir Path folder;

  private static Typed undisturbed = new Typed(-1, "", "");

  @BeforeAll
  static void undisturbed() {
    undisturbed = Typed.run(sweep(whole));
  }

  private static String[] sweep(Path out, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("sweep", "--methods", "byol,simclr", "--seeds", "2", "--threads", "1"));
    for (String setting :
        List.of(
            "limit=64",
            "epochs=2",
            "batch-size=16",
            "width=0.25",
            "warm-up-epochs=0",
            "monitor-every=1",
            "knn-neighbors=5",
            "ceiling-epochs=1",
            "map=none")) {
      args.addAll(List.of("--set", setting));
    }
    args.addAll(List.of("--out", out.toString()));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  private Path log(String name) {
    return folder.resolve(name + ".txt");
  }

  private Process start(String name, String... args) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp"));
    line.add(System.getProperty("java.class.path"));
    line.add(Main.class.getName());
    line.addAll(List.of(args));
    return new ProcessBuilder(line)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()))
        .start();
  }

  private void finish(String name, Process process) throws Exception {
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "does not end");
    assertEquals(0, process.exitValue(), Files.readString(log(name)));
  }

  /// What a run found, without what the clock decides.
  private static JsonNode result(Path run) throws IOException {
    ObjectNode result =
        (ObjectNode) Json.MAPPER.readTree(Files.readString(run.resolve("result.json")));
    result.remove(List.of("seconds", "images_per_second"));
    return result;
  }

  private static void assertSame(Path expected, Path actual) throws IOException {
    for (String cell : CELLS) {
      Path one = expected.resolve(cell);
      Path other = actual.resolve(cell);
      for (String file : List.of("checkpoint.safetensors", "findings.json")) {
        assertArrayEquals(
            Files.readAllBytes(one.resolve(file)),
            Files.readAllBytes(other.resolve(file)),
            cell + "/" + file);
      }
      assertEquals(result(one), result(other), cell);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static List<String> baselines(Path sweep) throws IOException {
    try (Stream<Path> files = Files.list(sweep.resolve("baselines"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json"))
          .map(name -> name.replaceFirst("-[0-9a-f]{16}\\.json", ""))
          .sorted()
          .toList();
    }
  }

  @Test
  void aDryRunLeavesNothing() {
    Path out = folder.resolve("sweep");
    Typed dry = Typed.run(sweep(out, "--dry-run"));
    assertEquals(0, dry.status(), dry.err());
    assertEquals(4, dry.out().lines().filter(line -> line.startsWith("new ")).count(), dry.out());
    assertFalse(Files.exists(out));
  }

  @Test
  void everyCellIsARunAndFloorsAreShared() throws Exception {
    Path out = whole;
    Typed typed = undisturbed;
    assertEquals(0, typed.status(), typed.err());
    assertTrue(typed.out().contains("[1/4] byol-seed0, 4 left"), typed.out());
    assertTrue(typed.out().contains("[4/4] simclr-seed1, 1 left, ETA "), typed.out());
    assertTrue(typed.out().contains("4 of 4 runs done"), typed.out());
    for (String cell : CELLS) {
      assertTrue(Files.exists(out.resolve(cell).resolve("report.html")), cell);
    }
    String page = Files.readString(out.resolve("comparison.html"));
    assertTrue(page.contains("BYOL") && page.contains("SimCLR") && page.contains("2 seeds"));
    // Methods share what depends on encoder and seed alone.
    assertEquals(
        List.of(
            "random-weights",
            "random-weights",
            "raw-pixels",
            "raw-pixels-votes",
            "supervised",
            "supervised"),
        baselines(out));

    // A cell is what the command stored in it makes alone, its own floors and all.
    JsonNode config =
        Json.MAPPER.readTree(Files.readString(out.resolve("simclr-seed1/config.json")));
    List<String> command = new ArrayList<>(List.of(config.path("command").asText().split(" ")));
    assertTrue(command.containsAll(List.of("--seed", "1", "--limit", "64")), command.toString());
    Path alone = folder.resolve("alone");
    command.removeFirst();
    command.addAll(List.of("--out", alone.toString()));
    Typed pretrained = Typed.run(command.toArray(String[]::new));
    assertEquals(0, pretrained.status(), pretrained.err());
    assertEquals(result(alone), result(out.resolve("simclr-seed1")));
    assertArrayEquals(
        Files.readAllBytes(alone.resolve("findings.json")),
        Files.readAllBytes(out.resolve("simclr-seed1/findings.json")));
  }

  @Test
  void onlyWhatIsLeftIsDone() throws Exception {
    Path out = folder.resolve("sweep");
    copy(whole, out);
    // Nothing is left to do but what is missing.
    var untouched = Files.getLastModifiedTime(out.resolve("byol-seed0/result.json"));
    byte[] before = Files.readAllBytes(out.resolve("byol-seed1/findings.json"));
    Files.delete(out.resolve("byol-seed1/result.json"));
    Typed again = Typed.run(sweep(out));
    assertEquals(0, again.status(), again.err());
    assertTrue(again.out().contains("[2/4] byol-seed1, 1 left"), again.out());
    assertFalse(again.out().contains("[1/4]"), again.out());
    assertEquals(untouched, Files.getLastModifiedTime(out.resolve("byol-seed0/result.json")));
    assertArrayEquals(before, Files.readAllBytes(out.resolve("byol-seed1/findings.json")));

    // Other settings in the same folder are refused before anything starts.
    Typed other = Typed.run(sweep(out, "--set", "epochs=3"));
    assertEquals(2, other.status());
    assertTrue(other.err().contains("train.epochs is 2, not 3"), other.err());
    Typed listed = Typed.run(sweep(out, "--dry-run"));
    assertEquals(4, listed.out().lines().filter(line -> line.startsWith("done ")).count());
  }

  @Test
  void aFailingCellStopsNoOther() throws Exception {
    Path out = folder.resolve("sweep");
    String[] failing = sweep(out, "--set", "byol.base-lr=1e38", "--set", "ceiling-epochs=0");
    Typed typed = Typed.run(failing);
    assertEquals(1, typed.status(), typed.err());
    assertTrue(typed.out().contains("2 of 4 runs done"), typed.out());
    for (String cell : List.of("byol-seed0", "byol-seed1")) {
      assertTrue(typed.err().contains("failed: " + cell + ": [train]"), typed.err());
      JsonNode failure =
          Json.MAPPER.readTree(Files.readString(out.resolve(cell).resolve("failure.json")));
      assertTrue(failure.path("message").asText().contains("lower --base-lr"), failure.toString());
    }
    String page = Files.readString(out.resolve("comparison.html"));
    assertTrue(page.contains("SimCLR") && page.contains("failed: [train]"), "named in the page");
    Typed dry =
        Typed.run(
            sweep(out, "--set", "byol.base-lr=1e38", "--set", "ceiling-epochs=0", "--dry-run"));
    assertEquals(2, dry.out().lines().filter(line -> line.startsWith("failed ")).count());

    // What stood in the way is gone: the cell is tried again and its failure forgotten.
    Path blocked = folder.resolve("blocked");
    Files.createDirectories(blocked);
    Files.writeString(blocked.resolve("byol-seed0"), "a file where the run should lie");
    String[] one = sweep(blocked);
    one[2] = "byol";
    one[4] = "1";
    Typed refused = Typed.run(one);
    assertEquals(1, refused.status(), refused.err());
    assertTrue(refused.err().contains("cannot write in the folder"), refused.err());
    Files.delete(blocked.resolve("byol-seed0"));
    Files.createDirectories(blocked.resolve("byol-seed0"));
    Files.writeString(blocked.resolve("byol-seed0/failure.json"), "{\"message\":\"old\"}");
    Files.setLastModifiedTime(
        blocked.resolve("byol-seed0/failure.json"), java.nio.file.attribute.FileTime.fromMillis(0));
    Typed mended = Typed.run(one);
    assertEquals(0, mended.status(), mended.err());
    assertFalse(Files.exists(blocked.resolve("byol-seed0/failure.json")));
  }

  /// A sweep that was killed in the middle, then done by two processes at once: every cell is made
  /// once, with the same bits.
  @Test
  void killedThenShared() throws Exception {
    Path out = folder.resolve("sweep");
    String[] args = sweep(out, "--checkpoint-every", "1");
    Process process = start("killed", args);
    while (process.isAlive()
        && !Files.exists(out.resolve("byol-seed1").resolve("checkpoint.safetensors"))) {
      Thread.sleep(5);
    }
    process.destroyForcibly();
    process.waitFor();
    assertFalse(Files.exists(out.resolve("simclr-seed0")), "killed too late to prove anything");
    Process one = start("one", args);
    Process two = start("two", args);
    finish("one", one);
    finish("two", two);
    String said =
        Files.readString(log("killed"))
            + Files.readString(log("one"))
            + Files.readString(log("two"));
    for (String cell : CELLS) {
      assertEquals(
          1, said.lines().filter(line -> line.startsWith(cell + " done in")).count(), said);
    }
    assertSame(whole, out);
  }
}
