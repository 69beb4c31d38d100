package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordsTest {
  private static final Records.Here HERE =
      new Records.Here("A processor", 2, "25", "Linux", "0123abc");

  @TempDir Path folder;

  private Path to() {
    return folder.resolve("kept");
  }

  private Path record(Path run, String note) throws IOException {
    return Records.write(run, to(), note, null, HERE);
  }

  @Test
  void everythingIsKeptButFolders() throws IOException {
    Path file = record(FakeRun.write(folder, "byol", 7, 0.4), "a note");
    assertEquals("2026-11-25-byol-cifar10-resnet8-seed7.json", file.getFileName().toString());
    String text = Files.readString(file);
    assertFalse(text.contains("someone"), text);
    assertFalse(text.contains(folder.toString()), text);
    JsonNode tree = Json.MAPPER.readTree(text);
    assertEquals(
        "ibrik pretrain byol --data cifar10 --data-dir DIR", tree.path("command").asText());
    assertEquals("a note", tree.path("note").asText());
    assertEquals("DIR", tree.path("config").path("data").path("dir").asText());
    assertEquals(0.4, tree.path("result").path("knn").asDouble());
    assertEquals(4, tree.path("metrics").size());
    assertEquals(0.5, tree.path("metrics").path(3).path("loss").asDouble());
    JsonNode machine = tree.path("machine");
    assertEquals("A processor", machine.path("cpu").asText());
    assertEquals(2, machine.path("processors").asInt());
    assertEquals("25", machine.path("jdk").asText());
    assertEquals("0123abc", machine.path("commit").asText());
  }

  @Test
  void aRunFromElsewhereHasAnotherMachine() throws IOException {
    Path run =
        FakeRun.write(
            folder,
            "byol",
            0,
            0.4,
            config -> ((ObjectNode) config.path("provenance")).put("system", "Windows"));
    JsonNode unknown = Json.MAPPER.readTree(Files.readString(record(run, ""))).path("machine");
    assertTrue(unknown.path("cpu").isNull(), unknown.toString());
    assertTrue(unknown.path("processors").isNull(), unknown.toString());
    Path told =
        FakeRun.write(
            folder,
            "byol",
            1,
            0.4,
            config ->
                ((ObjectNode) config.path("provenance"))
                    .put("cpu", "Its own")
                    .put("processors", 64)
                    .put("commit", "fedcba"));
    JsonNode own = Json.MAPPER.readTree(Files.readString(record(told, ""))).path("machine");
    assertEquals("Its own", own.path("cpu").asText());
    assertEquals(64, own.path("processors").asInt());
    assertEquals("fedcba", own.path("commit").asText());
  }

  @Test
  void commandsLoseWhatOnlyOneMachineHas() {
    assertEquals(
        "ibrik pretrain byol --seed 1 --data-dir DIR --config mine.json",
        Records.withoutFolders(
            "ibrik pretrain byol --out 'my runs/1' --seed 1 --data-dir='/a b/c' --config"
                    .replace("--data-dir=", "--data-dir ")
                + " /home/me/mine.json"));
    assertEquals("ibrik pretrain byol", Records.withoutFolders("ibrik pretrain byol --resume"));
    assertEquals(
        "ibrik pretrain byol --data-dir=DIR",
        Records.withoutFolders("ibrik pretrain byol --out=/x --data-dir=/y"));
  }

  @Test
  void recordedAgainIsTheSameFile() throws IOException {
    Path run = FakeRun.write(folder, "byol", 0, 0.4);
    Path first = record(run, "");
    assertEquals(first, record(run, "better said"));
    assertTrue(Files.readString(first).contains("better said"));
    Path other =
        record(
            FakeRun.write(
                folder.resolve("more"),
                "byol",
                0,
                0.5,
                config -> ((ObjectNode) config.path("train")).put("base_lr", 2.0)),
            "");
    assertNotEquals(first, other);
    assertEquals("2026-11-25-byol-cifar10-resnet8-seed0-2.json", other.getFileName().toString());
  }

  @Test
  void anUnfinishedRunIsRefused() throws IOException {
    Path run = FakeRun.write(folder, "byol", 0, 0.4);
    Files.delete(run.resolve("result.json"));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> record(run, ""));
    assertTrue(String.valueOf(refused.getMessage()).contains("has no result"));
    assertFalse(Files.exists(to()));
  }

  /// One row per trial, best first, with what they are compared with among them; the larger set of
  /// images first; notes below.
  @Test
  void theTableOfResults() throws IOException {
    record(FakeRun.write(folder, "byol", 0, 0.40), "slower kernels");
    record(FakeRun.write(folder, "byol", 1, 0.44), "slower kernels");
    record(
        FakeRun.write(
            folder,
            "simclr",
            0,
            0.5,
            config ->
                ((ObjectNode) config.path("data"))
                    .put("split", "OFFICIAL") // as newer runs say it
                    .put("saliency", "border")),
        "");
    record(
        FakeRun.write(
            folder.resolve("more"),
            "swav",
            0,
            0.3,
            config -> ((ObjectNode) config.path("provenance")).put("train_images", 50_000)),
        "in a hurry");
    Files.createDirectories(to().resolve("smoke"));
    Files.writeString(to().resolve("smoke/x.json"), "not looked at");
    Files.writeString(to().resolve("README.md"), "neither");
    assertEquals(
        """
        | data | run | k-NN, k = 20 | linear probe | epochs | training |
        |---|---|---|---|---|---|
        | cifar10, 50,000 training and 1,000 test images | SwAV, resnet8 ¹ | 30.0 % | 35.0 % | 4 | 120 s, 67 images/s |
        |  | *raw pixels* | 30.0 % | - |  |  |
        |  | *raw pixels, 5 votes* | 28.0 % | - |  |  |
        |  | *random weights* | 25.0 % | 31.0 % |  |  |
        | cifar10, 2,000 training and 1,000 test images | SimCLR, resnet8 | 50.0 % | 55.0 % | 4 | 120 s, 67 images/s |
        |  | BYOL, resnet8, 2 seeds ² | 42.0 ± 2.8 % | 47.0 ± 2.8 % | 4 | 120 s, 67 images/s |
        |  | *raw pixels* | 30.0 % | - |  |  |
        |  | *raw pixels, 5 votes* | 28.0 % | - |  |  |
        |  | *random weights* | 25.5 ± 0.7 % | 31.0 % |  |  |

        ¹ in a hurry; ² slower kernels.
        """,
        Records.markdown(to()));
  }

  private Path ablation(String claim, String variant, int place, double base, double knn)
      throws IOException {
    Path run =
        FakeRun.write(
            folder.resolve(variant),
            "byol",
            0,
            knn,
            config -> ((ObjectNode) config.path("train")).put("base_lr", base));
    return Records.write(
        run, to().resolve(Records.CLAIMS), "", new Records.Claim(claim, variant, place), HERE);
  }

  /// In the order of the claim, each against the worst of the place above: so the second of two
  /// equals is what the third must fall below.
  @Test
  void claimsAreJudgedByTheirOrder() throws IOException {
    ablation("BYOL: it helps", "never", 3, 1, 0.3);
    ablation("BYOL: it helps", "often", 1, 2, 0.4);
    ablation("BYOL: it helps", "at times", 2, 3, 0.41);
    ablation("BYOL: it helps", "now and then", 2, 4, 0.5);
    ablation("BYOL: also this", "alone", 1, 5, 0.5);
    ablation("BYOL: nor that", "with", 1, 6, 0.5);
    ablation("BYOL: nor that", "without", 1, 7, 0.49);
    ablation("BYOL: nor that", "at all", 1, 8, 0.3);
    record(FakeRun.write(folder, "simclr", 0, 0.5), "");
    assertEquals(
        """
        | claim | run | k-NN, k = 20 | linear probe | epochs | k-NN as claimed? |
        |---|---|---|---|---|---|
        | BYOL: also this (cifar10, 2,000 images; floors up to 30.0 %) | alone | 50.0 % | 55.0 % | 4 |  |
        | BYOL: it helps (cifar10, 2,000 images; floors up to 30.0 %) | often | 40.0 % | 45.0 % | 4 |  |
        |  | now and then | 50.0 % | 55.0 % | 4 | no: 10.0 points above |
        |  | at times | 41.0 % | 46.0 % | 4 | open: 1.0 point above, chance up to 4.3 |
        |  | never | 30.0 % | 35.0 % | 4 | yes: 11.0 points below |
        | BYOL: nor that (cifar10, 2,000 images; floors up to 30.0 %) | with | 50.0 % | 55.0 % | 4 |  |
        |  | without | 49.0 % | 54.0 % | 4 | yes: 1.0 point below, chance up to 4.4 |
        |  | at all | 30.0 % | 35.0 % | 4 | no: 20.0 points below |
        """,
        Records.markdown(to()).lines().skip(7).map(line -> line + "\n").reduce("", String::concat));
  }

  /// A run may serve two claims; said again, it is not there twice.
  @Test
  void aRunKeepsItsClaims() throws IOException {
    Path file = ablation("one", "a", 1, 1, 0.3);
    assertEquals(file, ablation("other", "a", 2, 1, 0.3));
    assertEquals(file, ablation("one", "a", 3, 1, 0.3));
    JsonNode claims = Json.MAPPER.readTree(Files.readString(file)).path("claims");
    assertEquals(
        "[{\"text\":\"one\",\"variant\":\"a\",\"place\":3},"
            + "{\"text\":\"other\",\"variant\":\"a\",\"place\":2}]",
        claims.toString());
  }

  @Test
  void whatCannotBeCompared() throws IOException {
    ablation("one", "a", 1, 1, 0.3);
    Path other =
        FakeRun.write(
            folder.resolve("other"),
            "byol",
            0,
            0.4,
            config -> ((ObjectNode) config.path("provenance")).put("train_images", 50_000));
    Records.write(other, to().resolve(Records.CLAIMS), "", new Records.Claim("one", "b", 2), HERE);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Records.markdown(to()));
    assertEquals(
        "[record] the runs of a claim must be on the same images; got 2 sets of images for 'one'",
        refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Records.Claim("one", " ", 1));
    assertThrows(IllegalArgumentException.class, () -> new Records.Claim("one", "a", 0));
  }

  @Test
  void nothingRecorded() {
    assertThrows(IllegalArgumentException.class, () -> Records.markdown(to()));
  }

  @Test
  void recordedResultsCanBeCompared() throws IOException {
    record(FakeRun.write(folder, "byol", 0, 0.4), "");
    record(FakeRun.write(folder, "simclr", 0, 0.5), "");
    try (Stream<Path> files = Files.list(to())) {
      Experiments experiments = Experiments.of(files.sorted().toList());
      Panel panel = experiments.panels().getFirst();
      assertEquals(List.of("SimCLR", "BYOL"), panel.trials().stream().map(Trial::name).toList());
      assertEquals(2, panel.trials().getFirst().overEpochs("knn").x().length);
    }
    Path broken = Files.writeString(folder.resolve("broken.json"), "{");
    Path other = Files.writeString(folder.resolve("other.json"), "{\"a\":1}");
    List<String> reasons =
        Experiments.of(List.of(broken, other)).leftOut().stream()
            .map(Experiments.LeftOut::reason)
            .toList();
    assertTrue(reasons.get(0).startsWith("is no JSON"), reasons.get(0));
    assertTrue(reasons.get(1).startsWith("is no recorded result"), reasons.get(1));
  }
}
