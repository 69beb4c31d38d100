package ibrik.ssl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.ssl.config.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `ibrik compare` and `ibrik record` on runs that are there.
class CompareTest {
  @TempDir Path folder;

  @BeforeEach
  void runs() throws IOException {
    for (String method : new String[] {"byol", "simclr"}) {
      for (int seed = 0; seed < 2; seed++) {
        Path run = Files.createDirectories(runs("").resolve(method + "-seed" + seed));
        Files.writeString(
            run.resolve("config.json"),
            """
            {"method":"%s","seed":%d,"command":"ibrik pretrain %s --out /x/y","device":"cpu",
             "data":{"name":"cifar10","dir":"/x/cifar"},"model":{"name":"resnet8"},
             "train":{"epochs":2},"eval":{"knn_neighbors":20},
             "provenance":{"train_images":50,"test_images":10,"started":"2026-11-25T00:00:00Z"}}
            """
                .formatted(method, seed, method));
        Files.writeString(
            run.resolve("metrics.jsonl"), "{\"epoch\":2,\"loss\":1,\"knn\":0.4,\"seconds\":3}\n");
        Files.writeString(
            run.resolve("result.json"),
            "{\"knn\":0.%d,\"linear\":0.5,\"seconds\":6,\"images_per_second\":16}"
                .formatted(40 + seed));
      }
    }
    Files.createDirectories(runs("").resolve("unfinished"));
    Files.writeString(
        runs("").resolve("unfinished/config.json"),
        "{\"method\":\"byol\",\"train\":{\"epochs\":9}}");
  }

  private Path runs(String more) {
    return folder.resolve("runs" + more);
  }

  @Test
  void aFolderOfRuns() throws IOException {
    Typed typed = Typed.run("compare", runs("").toString());
    assertEquals(0, typed.status(), typed.err());
    assertTrue(typed.out().contains("40.5 ± 0.7 %"), typed.out());
    assertTrue(typed.out().contains("unfinished  not finished: epoch 0 of 9"), typed.out());
    assertTrue(typed.out().contains("page  " + runs("/comparison.html")), typed.out());
    assertTrue(Files.readString(runs("/comparison.html")).contains("BYOL, SimCLR on cifar10"));
  }

  @Test
  void patternsThatTheShellLeftAlone() {
    Path page = folder.resolve("page.html");
    Typed typed =
        Typed.run("compare", runs("/byol-seed?").toString(), "--out", page.toString(), "--json");
    assertEquals(0, typed.status(), typed.err());
    JsonNode trials = json(typed.out()).path("panels").path(0).path("trials");
    assertEquals(1, trials.size(), typed.out());
    assertEquals(2, trials.path(0).path("seeds").size());
    assertTrue(Files.exists(page));
    Typed nothing = Typed.run("compare", runs("/dino*").toString());
    assertEquals(2, nothing.status());
    assertTrue(nothing.err().contains("[runs] nothing matches"), nothing.err());
  }

  private static JsonNode json(String text) {
    try {
      return Json.MAPPER.readTree(text);
    } catch (IOException wrong) {
      throw new AssertionError(text, wrong);
    }
  }

  @Test
  void nothingToCompare() {
    for (Path none : new Path[] {runs("/unfinished"), folder.resolve("nowhere")}) {
      Typed typed = Typed.run("compare", none.toString());
      assertEquals(2, typed.status());
      assertTrue(typed.err().contains("[compare] needs at least one finished run"), typed.err());
      assertTrue(typed.err().contains("make runs with ibrik pretrain or ibrik sweep"), typed.err());
    }
    assertFalse(Files.exists(folder.resolve("comparison.html")));
  }

  @Test
  void recordsAndPrintsTheTable() throws IOException {
    Path to = folder.resolve("kept");
    Typed typed =
        Typed.run(
            "record",
            runs("/byol-seed0").toString(),
            runs("/byol-seed1").toString(),
            "--to",
            to.toString(),
            "--note",
            "a try");
    assertEquals(0, typed.status(), typed.err());
    String kept = Files.readString(to.resolve("2026-11-25-byol-cifar10-resnet8-seed1.json"));
    assertTrue(kept.contains("\"a try\"") && !kept.contains("/x/"), kept);
    Typed table = Typed.run("record", "--markdown", "--to", to.toString());
    assertEquals(0, table.status(), table.err());
    assertTrue(
        table
            .out()
            .contains(
                "| cifar10, 50 training and 10 test images | BYOL, resnet8, 2 seeds ¹ | 40.5 ± 0.7 % |"),
        table.out());
    Typed beside =
        Typed.run(
            "compare",
            to.toString() + "/*.json",
            runs("/simclr-seed0").toString(),
            "--out",
            folder.resolve("p.html").toString());
    assertEquals(0, beside.status(), beside.err());
    assertTrue(beside.out().contains("SimCLR") && beside.out().contains("BYOL"), beside.out());
  }

  @Test
  void onlyFinishedRunsAreRecorded() {
    Path to = folder.resolve("kept");
    Typed typed = Typed.run("record", runs("").toString(), "--to", to.toString());
    assertEquals(2, typed.status());
    assertTrue(typed.err().contains("[record] a run must be finished"), typed.err());
    assertFalse(Files.exists(to), "nothing is recorded if one is refused");
    assertEquals(2, Typed.run("record").status());
    assertEquals(2, Typed.run("record", "--markdown", "--to", to.toString()).status());
  }
}
