package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.ssl.eval.ConfusionMatrix;
import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Findings.Row;
import ibrik.ssl.report.Verdict.Tone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictTest {
  @TempDir Path folder;

  private Verdict verdict() throws IOException {
    RunContents run = RunContents.read(folder);
    return Verdict.of(run, Comparison.of(run));
  }

  /// k-NN of the method, then of two floors, over so many test images.
  private void accuracies(long images, double method, double... floors) throws IOException {
    List<Row> rows = new ArrayList<>();
    rows.add(new Row("BYOL", Role.METHOD, method, null, Map.of()));
    rows.add(new Row("random weights", Role.FLOOR, floors[0], null, Map.of()));
    rows.add(new Row("raw pixels", Role.FLOOR, floors[1], null, Map.of()));
    write(rows, images);
  }

  private void write(List<Row> rows, long images) throws IOException {
    Findings none = Findings.none();
    new Findings(
            rows,
            200,
            List.of("a"),
            images == 0 ? null : new ConfusionMatrix(new long[][] {{images}}),
            null,
            null,
            none.knn(),
            none.spectrum(),
            null,
            0.125,
            List.of())
        .write(folder.resolve("findings.json"));
  }

  @Test
  void beatsAll() throws IOException {
    accuracies(1000, .832, .771, .793);
    assertEquals(
        new Verdict(
            Tone.GOOD,
            "BYOL’s features beat random weights by 6.1 points and raw pixels by 3.9 points"
                + " (k-NN, k = 200)."),
        verdict());
  }

  /// 1.96 sqrt((.8 .2 + .79 .21) / 1000) is 3.5 points.
  @Test
  void withinChance() throws IOException {
    accuracies(1000, .8, .7, .79);
    assertEquals(
        new Verdict(
            Tone.OPEN,
            "BYOL’s features beat random weights by 10.0 points, but not raw pixels (1.0 point"
                + " above, within chance) (k-NN, k = 200)."),
        verdict());
    assertEquals(.0354, Verdict.chance(.8, .79, 1000), 1e-4);
    accuracies(0, .8, .7, .79); // unknown number of images: any difference counts
    assertEquals(Tone.GOOD, verdict().tone());
  }

  /// Images that both get right or wrong do not blur the comparison.
  @Test
  void pairedImageByImage() throws IOException {
    for (double margin : new double[] {.015, .025}) {
      write(
          List.of(
              new Row("raw pixels", Role.FLOOR, .78, null, Map.of(), margin, null),
              new Row("X", Role.METHOD, .8, null, Map.of())),
          1000);
      assertEquals(margin < .02 ? Tone.GOOD : Tone.OPEN, verdict().tone());
    }
  }

  @Test
  void beatsNone() throws IOException {
    accuracies(1000, .5, .6, .7);
    assertEquals(
        new Verdict(
            Tone.BAD,
            "BYOL’s features do not beat random weights (10.0 points below) or raw pixels (20.0"
                + " points below) (k-NN, k = 200)."),
        verdict());
    accuracies(1000, .5, .5, .5);
    assertEquals(Tone.OPEN, verdict().tone());
  }

  @Test
  void linearProbeWhereThereIsNoVote() throws IOException {
    write(
        List.of(
            new Row("raw pixels", Role.FLOOR, .9, .5, Map.of()),
            new Row("X", Role.METHOD, null, .75, Map.of())),
        100);
    assertEquals(
        "X’s features beat raw pixels by 25.0 points (linear probe).", verdict().sentence());
  }

  @Test
  void fromTheResultAlone() throws IOException {
    Files.writeString(
        folder.resolve("result.json"),
        "{\"method\":\"byol\",\"knn\":0.8,\"random_init_knn\":0.7,\"pixel_knn\":0.75}");
    assertEquals(
        "byol’s features beat random weights by 10.0 points and raw pixels by 5.0 points (k-NN).",
        verdict().sentence());
  }

  @Test
  void collapseOutweighsAccuracy() throws IOException {
    accuracies(1000, .9, .5, .5);
    Files.writeString(
        folder.resolve("metrics.jsonl"), "{\"epoch\":1,\"loss\":0,\"embedding_std\":0.00124}\n");
    assertEquals(
        new Verdict(
            Tone.BAD,
            "BYOL collapsed: the standard deviation of its embeddings is 0.00124, below a hundredth"
                + " of the 0.125 of evenly spread ones."),
        verdict());
    Files.writeString(
        folder.resolve("metrics.jsonl"), "{\"epoch\":1,\"loss\":0,\"embedding_std\":0.00126}\n");
    assertEquals(Tone.GOOD, verdict().tone());
  }

  @Test
  void divergence() throws IOException {
    accuracies(1000, .9, .5, .5);
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        "{\"epoch\":1,\"loss\":1}\n{\"epoch\":2,\"loss\":null}\n{\"epoch\":3,\"loss\":null}\n");
    assertEquals(
        new Verdict(Tone.BAD, "BYOL diverged: its loss is no number from epoch 2 on."), verdict());
  }

  @Test
  void unfinished() throws IOException {
    assertEquals(new Verdict(Tone.OPEN, "There are no numbers yet."), verdict());
    SyntheticRun.config(folder, 30);
    SyntheticRun.metrics(folder, 12);
    assertEquals(
        "byol has done 12 of 30 epochs; nearest neighbours classify 70.0\u202f% rightly, and there"
            + " is nothing to compare with.",
        verdict().sentence());
  }
}
