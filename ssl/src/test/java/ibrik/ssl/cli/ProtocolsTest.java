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
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Every protocol by its name, on a run of the holdout split of few images.
@ExtendWith(LiveBytes.class)
class ProtocolsTest {
  @TempDir Path folder;

  private Path run = Path.of("");
  private String started = "";

  private static Typed ran(String... args) {
    Typed typed = Typed.run(args);
    assertEquals(0, typed.status(), typed.err());
    return typed;
  }

  @BeforeEach
  void train() {
    run = folder.resolve("run");
    String settings =
        "pretrain swav --data cells --data-split holdout --limit 80 --epochs 1 --batch-size 16"
            + " --width 0.25 --model resnet8 --stem half --warm-up-epochs 0 --monitor-every 0"
            + " --ceiling-epochs 0 --map none --prototypes 8 --projector-hidden 16"
            + " --projector-out 8 --queue-length 0 --local-crops 0 --knn-neighbors 5 --out ";
    started = ran((settings + run).split(" ")).out();
  }

  private JsonNode numbers(String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of("eval"));
    all.addAll(List.of(args));
    all.addAll(List.of("--run", run.toString(), "--json"));
    return Json.MAPPER.readTree(ran(all.toArray(String[]::new)).out());
  }

  private List<JsonNode> kept() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("evaluations.jsonl"))) {
      lines.add(Json.MAPPER.readTree(line));
    }
    return lines;
  }

  @Test
  void allByName() throws IOException {
    assertTrue(started.startsWith("swav on cells, holdout split: 80 training images"), started);
    assertTrue(started.contains(", 197 test images"), started);
    byte[] checkpoint = Files.readAllBytes(run.resolve("checkpoint.safetensors"));
    String[][] expected = {
      {"knn", "knn_5"},
      {"linear", "linear_c"},
      {"linear-sgd", "linear_sgd_rate"},
      {"health", "rankme"},
      {"spectrum", "power_law_exponent"},
      {"alignment", "alignment"},
      {"clusters", "kmeans_purity"},
      {"assignments", "assignment_nmi"},
      {"retrieval", "retrieval_map_at_r"},
      {"calibration", "scaled_ece"},
      {"suite", "kmeans_nmi"},
    };
    for (String[] protocol : expected) {
      JsonNode found = numbers(protocol[0]);
      assertTrue(found.path(protocol[1]).isNumber(), protocol[0] + ": " + found);
    }
    List<JsonNode> lines = kept();
    assertEquals(expected.length, lines.size());
    assertEquals("knn", lines.getFirst().path("protocol").asText());
    assertEquals("holdout", lines.getFirst().path("split").asText());
    assertEquals(5, lines.getFirst().path("step").asInt());
    assertEquals(0.07, lines.getFirst().path("settings").path("temperature").asDouble());
    JsonNode result = Json.MAPPER.readTree(Files.readString(run.resolve("result.json")));
    assertEquals(result.path("knn"), lines.getFirst().path("numbers").path("knn_5"));
    assertEquals("holdout", result.path("split").asText());
    assertArrayEquals(checkpoint, Files.readAllBytes(run.resolve("checkpoint.safetensors")));
    String page = Files.readString(Path.of(ran("report", run.toString()).out().strip()));
    assertTrue(page.contains("holdout split: trained on the first"), "note in the report");
    assertTrue(page.contains("assignment_nmi"), "evaluations in the report");
  }

  @Test
  void fineTuningAndSomeLabels() throws IOException {
    String[] tuning = {"--epochs", "2", "--lr", "0.02", "--workers", "0"};
    JsonNode full = numbers(with("fine-tune", tuning));
    for (String name :
        List.of("fine_tune", "fine_tune_random_init", "linear", "linear_random_init")) {
      assertTrue(full.path(name).isNumber(), name + " in " + full);
    }
    assertEquals(80, full.path("labels").asInt());
    assertEquals(full, numbers(with("fine-tune", tuning)), "same seed, same bits");
    JsonNode lines = kept().getLast().path("settings").path("fine_tune");
    assertEquals(0.02, lines.path("encoder_lr").asDouble());
    assertEquals(0.02, lines.path("head_lr").asDouble());
    JsonNode semi = numbers(with(with("semi", "--fraction", "0.2", "--fraction", "0.5"), tuning));
    assertEquals(16, semi.path("semi_0.2_labels").asInt(), 2);
    assertTrue(semi.path("semi_0.5_fine_tune").isNumber(), "" + semi);
    assertFalse(semi.path("semi_0.1_linear").isNumber(), "" + semi);
    assertEquals(
        0.08, kept().getLast().path("settings").path("semi_0.2").path("head_lr").asDouble(), 0.021);
    Typed table =
        ran("eval", "semi", "--run", run.toString(), "--fraction", "0.2", "--epochs", "1");
    assertTrue(table.out().contains("labels (20 %)"), table.out());
    assertTrue(table.out().contains("random weights"), table.out());
    assertTrue(table.err().contains("measuring: fine-tuning with"), table.err());
  }

  private static String[] with(String first, String... more) {
    return with(new String[] {first}, more);
  }

  private static String[] with(String[] first, String... more) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void sweepsChooseOnHeldOutImages() throws IOException {
    JsonNode knn = numbers("knn", "--sweep", "-k", "1", "-k", "7");
    int best = knn.path("knn_best_k").asInt();
    assertTrue(best == 1 || best == 7, "" + knn);
    double one = knn.path("knn_1_held_out").asDouble();
    double seven = knn.path("knn_7_held_out").asDouble();
    assertEquals(seven > one ? 7 : 1, best);
    assertTrue(knn.path("knn_" + best).isNumber(), "" + knn);
    assertEquals(5, knn.size(), "of the others nothing on the test images: " + knn);
    JsonNode linear = numbers("linear", "--c-values", "3");
    double most = 0;
    for (String name : List.of("1.00e+06", "3.16", "1.00e-05")) {
      JsonNode accuracy = linear.path("linear_c_" + name + "_held_out");
      assertTrue(accuracy.isNumber(), name + " in " + linear);
      most = Math.max(most, accuracy.asDouble());
    }
    String c = String.format(java.util.Locale.ROOT, "%.3g", linear.path("linear_c").asDouble());
    assertEquals(most, linear.path("linear_c_" + c + "_held_out").asDouble());
  }

  /// The other images of the same data: no report is renewed, and a note says what this is.
  @Test
  void anotherSplit() throws IOException {
    Typed typed = ran("eval", "retrieval", "--run", run.toString(), "--data-split", "official");
    assertTrue(typed.err().contains("trained on the holdout split; this is the official one"));
    assertTrue(typed.out().contains(" %"), typed.out());
    assertEquals("official", kept().getLast().path("split").asText());
    JsonNode found = kept().getLast().path("numbers");
    assertEquals(240, found.path("retrieval_queries").asInt(), "the official test images");
    assertEquals(197, numbers("retrieval").path("retrieval_queries").asInt(), "the run's");
    Typed all = Typed.run("eval", "--run", run.toString(), "--data-split", "official");
    assertEquals(2, all.status());
    assertTrue(all.err().contains("all renews the report of the run"), all.err());
  }

  @Test
  void whatCannotBe() {
    String[][] wrong = {
      {"semi --fraction 1", "--fraction must be in (0, 1); got 1.0"},
      {"semi --fraction NaN", "--fraction must be in (0, 1); got NaN"},
      {"fine-tune --epochs 0", "epochs must be at least 1; got 0"},
      {"fine-tune --batch-size 81", "batch size must be between 1 and the 80"},
      {"fine-tune --workers -1", "--workers must be at least 0; got -1"},
      {"linear --c-values 1", "at least 2 values of C"},
      {"knn -k 0", "numbers of neighbours, each at least 1"},
    };
    for (String[] line : wrong) {
      List<String> args = new ArrayList<>(List.of("eval"));
      args.addAll(List.of(line[0].split(" ")));
      args.addAll(List.of("--run", run.toString()));
      Typed typed = Typed.run(args.toArray(String[]::new));
      assertEquals(2, typed.status(), line[0] + ": " + typed.err());
      assertTrue(typed.err().contains(line[1]), typed.err());
    }
    assertFalse(Files.exists(run.resolve("evaluations.jsonl")), "nothing was measured");
  }

  /// A run of before there were these keys.
  @Test
  void anOlderRunOpens() throws IOException {
    Path file = run.resolve("config.json");
    ObjectNode config = (ObjectNode) Json.MAPPER.readTree(Files.readString(file));
    ((ObjectNode) config.get("data")).remove("saliency");
    Files.writeString(file, Json.pretty(config));
    assertTrue(numbers("knn").path("knn_5").isNumber());
  }

  @Test
  void aDryRunLeavesNothing() {
    Path out = folder.resolve("dry");
    Typed dry =
        ran(
            "pretrain byol --width 0.25 --limit 64 --batch-size 16 --dry-run --out "
                .concat("" + out)
                .split(" "));
    assertFalse(Files.exists(out));
    assertTrue(dry.out().startsWith("byol on fashion: 64 training images 28x28x1"), dry.out());
    assertTrue(dry.out().contains("FLOP; "), dry.out());
    assertTrue(dry.out().contains("MB of memory beside "), dry.out());
    assertTrue(dry.out().contains("trained parameters"), dry.out());
    assertTrue(
        dry.out()
            .lines()
            .anyMatch(
                line ->
                    line.matches(
                        "some steps tried: about [1-9][\\d,]* images/s, ETA \\d+:\\d\\d(:\\d\\d)?"
                            + " for all epochs, measuring aside")),
        dry.out());
    assertTrue(dry.out().contains("dry run: nothing was kept or written"), dry.out());
  }

  @Test
  void amounts() {
    assertEquals("0 B", Ahead.amount(0, "B"));
    assertEquals("999 B", Ahead.amount(999, "B"));
    assertEquals("1.00 kB", Ahead.amount(1000, "B"));
    assertEquals("1.00 MB", Ahead.amount(999_600, "B"));
    assertEquals("20.0 MB", Ahead.amount(19_951_616, "B"));
    assertEquals("2.82 GFLOP", Ahead.amount(2_821_234_567L, "FLOP"));
    assertEquals("124 TFLOP", Ahead.amount(1.24e14, "FLOP"));
  }

  @Test
  void sharesAreShownAsPercent() {
    Measured found = new Measured();
    found.share("knn", 0.83449);
    found.number("rankme", 33.71239);
    found.number("labels", 40);
    found.number("decay", 1.5e-6);
    java.io.StringWriter out = new java.io.StringWriter();
    found.print(new java.io.PrintWriter(out, true));
    assertEquals(
        List.of("knn 83.4 %", "rankme 33.7124", "labels 40", "decay 1.500e-06"),
        out.toString().lines().map(line -> line.replaceAll(" {2,}", " ")).toList());
    assertEquals(0.83449, found.numbers().get("knn"));
  }
}
