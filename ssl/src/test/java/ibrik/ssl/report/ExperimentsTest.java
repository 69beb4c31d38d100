package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentsTest {
  @TempDir Path folder;

  private final List<Path> runs = new ArrayList<>();

  private void run(String method, int seed, double knn) throws IOException {
    runs.add(FakeRun.write(folder, method, seed, knn));
  }

  private Panel panel() {
    List<Panel> panels = Experiments.of(runs).panels();
    assertEquals(1, panels.size());
    return panels.getFirst();
  }

  @Test
  void seedsAreOneTrialTheBestFirst() throws IOException {
    run("byol", 1, 0.40);
    run("byol", 0, 0.42);
    run("simclr", 0, 0.46);
    Panel panel = panel();
    assertEquals(List.of("SimCLR", "BYOL"), panel.trials().stream().map(Trial::name).toList());
    Trial byol = panel.trials().get(1);
    assertEquals(List.of(0L, 1L), byol.seeds());
    assertEquals(0.41, byol.number("knn").mean(), 1e-12);
    assertEquals(List.of(), panel.settings());
    assertEquals("2,000 training and 1,000 test images", panel.split());
  }

  @Test
  void aFloorCountsOncePerSeed() throws IOException {
    for (String method : List.of("byol", "simclr")) {
      run(method, 0, 0.4);
      run(method, 1, 0.5);
    }
    List<Panel.Reference> references = panel().references();
    assertEquals(
        List.of("raw pixels", "raw pixels, 5 votes", "random weights"),
        references.stream().map(Panel.Reference::name).toList());
    assertEquals(1, references.getFirst().knn().n());
    assertEquals(2, references.get(2).knn().n());
    assertEquals(0.255, references.get(2).knn().mean(), 1e-12);
  }

  @Test
  void whatDiffersIsInTheNameAndTheTable() throws IOException {
    run("byol", 0, 0.4);
    runs.add(
        FakeRun.write(
            folder.resolve("more"),
            "byol",
            0,
            0.45,
            config -> ((ObjectNode) config.path("train")).put("base_lr", 1.0)));
    Panel panel = panel();
    assertEquals(
        List.of("BYOL, base lr 1", "BYOL, base lr 0.5"),
        panel.trials().stream().map(Trial::name).toList());
    assertEquals(List.of("train.base_lr"), panel.settings());
    assertTrue(panel.oneMethod());
  }

  @Test
  void otherEncodersHaveOtherFloors() throws IOException {
    run("byol", 0, 0.4);
    runs.add(
        FakeRun.write(
            folder.resolve("more"),
            "simclr",
            0,
            0.45,
            config -> ((ObjectNode) config.path("model")).put("name", "resnet20")));
    assertEquals(
        List.of(
            "raw pixels",
            "raw pixels, 5 votes",
            "random weights, resnet8",
            "random weights, resnet20"),
        panel().references().stream().map(Panel.Reference::name).toList());
  }

  @Test
  void otherImagesAreAnotherPanel() throws IOException {
    run("byol", 0, 0.4);
    runs.add(
        FakeRun.write(
            folder.resolve("more"),
            "byol",
            0,
            0.9,
            config -> ((ObjectNode) config.path("provenance")).put("data_fingerprint", "other")));
    assertEquals(2, Experiments.of(runs).panels().size());
  }

  @Test
  void theVerdictKnowsChance() throws IOException {
    for (int seed = 0; seed < 3; seed++) {
      run("byol", seed, 0.40 + 0.001 * seed);
      run("simclr", seed, 0.50 + 0.001 * seed);
      run("swav", seed, 0.28 + 0.001 * seed);
    }
    String clear = panel().verdict();
    assertTrue(clear.startsWith("SimCLR is first with 50.1 ± 0.1 % (k-NN, k = 20)"), clear);
    assertTrue(clear.contains("10.0 points above BYOL, more than chance explains"), clear);
    assertTrue(clear.endsWith("Not above every floor: SwAV."), clear);
    runs.clear();
    run("byol", 0, 0.49);
    run("simclr", 0, 0.50);
    String open = panel().verdict();
    // 1.96 * sqrt(2 * 0.25 / 1000) = 4.4 points
    assertTrue(open.contains("1.0 point above BYOL, which may be chance (up to 4.4 points)"), open);
    assertTrue(open.contains("One seed says nothing of other seeds."), open);
  }

  @Test
  void uselessRunsAreNamedWithTheReason() throws IOException {
    run("byol", 0, 0.4);
    run("simclr", 0, 0.4);
    Files.delete(runs.get(1).resolve("result.json"));
    run("swav", 0, 0.4);
    Files.delete(runs.get(2).resolve("result.json"));
    Files.writeString(
        runs.get(2).resolve(Experiments.FAILURE), "{\"message\":\"[train] loss is no number\"}");
    run("dino", 0, 0.4);
    Files.writeString(runs.get(3).resolve("result.json"), "{\"knn\":");
    runs.add(Files.createDirectories(folder.resolve("empty")));
    runs.add(folder.resolve("nowhere"));
    runs.add(FakeRun.write(folder.resolve("copy"), "byol", 0, 0.4));
    Experiments experiments = Experiments.of(runs);
    assertEquals(1, experiments.panels().getFirst().trials().size());
    List<String> reasons = experiments.leftOut().stream().map(Experiments.LeftOut::reason).toList();
    assertEquals(6, reasons.size(), reasons.toString());
    assertTrue(reasons.get(0).startsWith("not finished: epoch 4 of 4"), reasons.get(0));
    assertEquals("failed: [train] loss is no number", reasons.get(1));
    assertTrue(reasons.get(2).startsWith("result.json is no JSON"), reasons.get(2));
    assertEquals("holds no run (no config.json)", reasons.get(3));
    assertEquals("there is no such folder", reasons.get(4));
    assertTrue(reasons.get(5).startsWith("the same settings and seed as"), reasons.get(5));
    String text = experiments.text();
    reasons.forEach(reason -> assertTrue(text.contains(reason), text));
  }

  @Test
  void coursesAreMeansOverWhatAllSeedsHave() throws IOException {
    run("byol", 0, 0.4);
    run("byol", 1, 0.6);
    Trial trial = panel().trials().getFirst();
    Trial.Course course = trial.overEpochs("knn");
    assertEquals(List.of(2.0, 4.0), java.util.Arrays.stream(course.x()).boxed().toList());
    assertEquals(0.25, course.mean()[0], 1e-12);
    assertEquals(0.2, course.low()[0], 1e-12);
    assertEquals(0.6, course.high()[1], 1e-12);
    assertEquals(120.0, trial.overTime("knn").x()[1], 1e-12);
    Files.writeString(
        runs.get(1).resolve("metrics.jsonl"), "{\"epoch\":2,\"seconds\":10,\"knn\":0.3}\n");
    assertEquals(1, panel().trials().getFirst().overEpochs("knn").x().length);
  }

  @Test
  void thePageIsWellFormedAndComplete() throws Exception {
    run("byol", 0, 0.4);
    run("byol", 1, 0.41);
    run("simclr", 0, 0.5);
    Path hostile =
        FakeRun.write(
            folder,
            "<script>alert(1)</script>".replace("/", ""),
            0,
            0.2,
            config -> config.put("device", "\"><img src=x>"));
    runs.add(hostile);
    runs.add(folder.resolve("no & where"));
    Files.writeString(runs.getFirst().resolve("report.html"), "");
    Path page = folder.resolve("pages/comparison.html");
    Experiments.of(runs).write(page);
    String html = Files.readString(page);
    DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    builder.setErrorHandler(null);
    builder.parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
    for (String part :
        List.of(
            "Accuracy over epochs",
            "Accuracy against training time",
            "Shape of the loss",
            "Spread of embeddings",
            "Effective rank",
            "Settings that differ",
            "href=\"../byol-seed0/report.html\"",
            "no &amp; where: there is no such folder",
            "raw pixels, 5 votes")) {
      assertTrue(html.contains(part), part);
    }
    assertFalse(html.contains("<script"), "not escaped");
    assertFalse(html.contains("<img"), "not escaped");
    Experiments.of(runs).write(page);
    assertEquals(html, Files.readString(page), "the same runs give the same bytes");
  }

  @Test
  void lossesOfOneMethodAreShownAsTheyAre() throws IOException {
    run("byol", 0, 0.4);
    Path page = folder.resolve("comparison.html");
    Experiments.of(runs).write(page);
    assertTrue(Files.readString(page).contains("<h3>Loss</h3>"));
    run("simclr", 0, 0.4);
    Experiments.of(runs).write(page);
    assertFalse(Files.readString(page).contains("<h3>Loss</h3>"));
  }

  @Test
  void jsonHasEveryNumber() throws IOException {
    run("byol", 0, 0.4);
    run("byol", 1, 0.5);
    runs.add(folder.resolve("nowhere"));
    JsonNode all = Json.MAPPER.readTree(Experiments.of(runs).json());
    JsonNode trial = all.path("panels").path(0).path("trials").path(0);
    assertEquals("byol", trial.path("method").asText());
    assertEquals(2, trial.path("knn").path("n").asInt());
    assertEquals(0.45, trial.path("knn").path("mean").asDouble(), 1e-12);
    assertEquals(0.5, trial.path("knn").path("values").path(1).asDouble());
    assertEquals(2, trial.path("runs").size());
    assertEquals(1, all.path("left_out").size());
    assertTrue(
        all.path("panels")
            .path(0)
            .path("references")
            .valueStream()
            .anyMatch(r -> r.path("role").asText().equals("floor")));
  }
}
