package ibrik.ssl.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.Json;
import ibrik.ssl.train.LiveBytes;
import ibrik.tensor.backend.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The main job from the first word to the report, on a few images.
@ExtendWith(LiveBytes.class)
class MainJobTest {
  @TempDir Path folder;

  private static String[] tiny(Path out, String method, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "pretrain",
                method,
                "--limit",
                "64",
                "--epochs",
                "2",
                "--batch-size",
                "16",
                "--width",
                "0.25",
                "--warm-up-epochs",
                "0",
                "--monitor-every",
                "1",
                "--knn-neighbors",
                "5",
                "--ceiling-epochs",
                "1",
                "--out",
                out.toString()));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  @Test
  void trainsMeasuresAndReports() throws Exception {
    Path run = folder.resolve("run");
    Typed typed = Typed.run(tiny(run, "byol", "--map", "pca"));
    assertEquals(0, typed.status(), typed.err());
    assertTrue(typed.out().contains("epoch   2/2"), typed.out());
    for (String row : List.of("BYOL", "random weights", "raw pixels", "supervised")) {
      assertTrue(typed.out().lines().anyMatch(line -> line.startsWith(row)), typed.out());
    }
    JsonNode result = Json.MAPPER.readTree(Files.readString(run.resolve("result.json")));
    for (String key :
        List.of(
            "method",
            "data",
            "epochs",
            "knn",
            "linear",
            "random_init_knn",
            "pixel_knn",
            "supervised_knn",
            "embedding_std",
            "images_per_second",
            "seconds")) {
      assertTrue(result.hasNonNull(key), key + " in " + result);
    }
    assertEquals(2, Files.readAllLines(run.resolve("metrics.jsonl")).size());
    String page = Files.readString(run.resolve("report.html"));
    assertTrue(page.contains("Ankle boot"), "class names");

    byte[] checkpoint = Files.readAllBytes(run.resolve("checkpoint.safetensors"));
    Files.delete(run.resolve("report.html"));
    assertEquals(0, Typed.run("report", run.toString()).status());
    assertEquals(page, Files.readString(run.resolve("report.html")));
    Typed knn = Typed.run("eval", "knn", "--run", run.toString(), "--json");
    assertEquals(
        result.path("knn").asDouble(), Json.MAPPER.readTree(knn.out()).path("knn_5").asDouble());
    assertTrue(typed.out().contains(" of memory beside "), typed.out());
    assertEquals("official", result.path("split").asText());
    assertArrayEquals(checkpoint, Files.readAllBytes(run.resolve("checkpoint.safetensors")));
  }

  @Test
  void allMethodsRun() {
    for (String method : List.of("simclr", "supervised", "random-init")) {
      Path run = folder.resolve(method);
      List<String> args = new ArrayList<>(Arrays.asList(tiny(run, method, "--map", "none")));
      if (method.equals("random-init")) {
        args.set(args.indexOf("--epochs") + 1, "0");
      }
      Typed typed = Typed.run(args.toArray(String[]::new));
      assertEquals(0, typed.status(), typed.err());
      assertTrue(Files.exists(run.resolve("report.html")), method);
    }
  }

  /// What `auto` chose is kept, a run goes on where it began, and is measured anywhere.
  @Test
  void aRunKeepsItsDevice() throws Exception {
    Path run = folder.resolve("run");
    Typed typed =
        Typed.run(
            tiny(
                run,
                "simclr",
                "--map",
                "none",
                "--ceiling-epochs",
                "0",
                "--device",
                Backends.AUTO));
    assertEquals(0, typed.status(), typed.err());
    Path stored = run.resolve("config.json");
    ObjectNode config = (ObjectNode) Json.MAPPER.readTree(Files.readString(stored));
    String chosen = Backends.device(Backends.AUTO).toString();
    assertEquals(chosen, config.path("device").asText());
    String[] resume = {"pretrain", "simclr", "--resume", run.toString(), "--device", ""};
    resume[5] = Backends.AUTO;
    assertEquals(0, Typed.run(resume).status());
    resume[5] = "reference";
    Typed elsewhere = Typed.run(resume);
    assertEquals(2, elsewhere.status());
    assertTrue(
        elsewhere.err().contains("device is \"" + chosen + "\", not \"reference\""),
        elsewhere.err());
    Files.writeString(stored, config.put("device", "cuda:7").toString());
    Typed absent = Typed.run("pretrain", "simclr", "--resume", run.toString());
    assertEquals(2, absent.status());
    assertTrue(absent.err().contains("computes on cuda:7 and goes on there"), absent.err());
    Typed knn = Typed.run("eval", "knn", "--run", run.toString(), "--device", "cpu", "--json");
    assertEquals(0, knn.status(), knn.err());
    JsonNode line = Json.MAPPER.readTree(Files.readString(run.resolve("evaluations.jsonl")));
    assertEquals("cpu", line.path("device").asText());
  }

  @Test
  void anotherConfigurationCannotGoOn() {
    Path run = folder.resolve("run");
    assertEquals(
        0, Typed.run(tiny(run, "simclr", "--map", "none", "--ceiling-epochs", "0")).status());
    Typed typed =
        Typed.run("pretrain", "simclr", "--resume", run.toString(), "--temperature", "0.3");
    assertEquals(2, typed.status());
    assertTrue(typed.err().contains("simclr.temperature is 0.2, not 0.3"), typed.err());
    Typed other = Typed.run("pretrain", "byol", "--resume", run.toString());
    assertEquals(2, other.status());
    assertTrue(other.err().contains("method is \"simclr\", not \"byol\""), other.err());
  }
}
