package ibrik.ssl.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;

import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Findings.Row;
import ibrik.ssl.report.LineChart.Level;
import ibrik.ssl.report.LineChart.Line;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The curves of training: what is known under the usual keys, then a small chart for every other.
final class Curves {
  /// Not drawn: the axis itself, what images per second say already, and a level of another chart.
  private static final Set<String> NOT_DRAWN = Set.of("step", "seconds", "embedding_std_isotropic");

  private final RunContents run;
  private final Comparison comparison;
  private final Metrics metrics;
  private final Set<String> left;
  private final List<DomContent> large = new ArrayList<>();
  private final List<DomContent> small = new ArrayList<>();

  private Curves(RunContents run, Comparison comparison) {
    this.run = run;
    this.comparison = comparison;
    this.metrics = run.metrics();
    this.left = new TreeSet<>(metrics.columns().keySet());
    left.removeAll(NOT_DRAWN);
  }

  static DomContent of(RunContents run, Comparison comparison) {
    Curves curves = new Curves(run, comparison);
    curves.usual();
    curves.others();
    return each(
        div(each(curves.large.stream())).withClass("grid two"),
        div(each(curves.small.stream())).withClass("grid three"));
  }

  private void usual() {
    large(
        "Loss",
        "loss",
        List.of(line("loss", "loss", 1)),
        level("all embeddings equal", run.findings().collapseValue()),
        "Mean over the batches of each epoch. The dashed line is the value that the loss has when"
            + " all embeddings are equal: a loss near it may mean that nothing distinguishes the"
            + " images any more, so a low loss alone proves nothing.");
    List<Level> floors = new ArrayList<>();
    for (Row row : comparison.of(Role.FLOOR)) {
      if (row.knn() != null) {
        floors.add(new Level(row.name() + ", k-NN", 100 * row.knn()));
      }
    }
    large(
        "Accuracy while training",
        "%",
        List.of(
            line("k-NN", "knn", 100),
            line("probe, test", "probe_accuracy", 100),
            line("probe, training", "probe_train_accuracy", 100)),
        floors,
        "Share of images whose class is found: by a vote of nearest training images in feature"
            + " space (k-NN), and by a linear classifier that learns beside the run on frozen"
            + " features (probe). Dashed lines are k-NN on features without any training; the"
            + " method has learnt something once it stays above them.");
    large(
        "Spread of embeddings",
        "standard deviation",
        List.of(line("embeddings", "embedding_std", 1)),
        level("evenly spread", Verdict.isotropicStd(run)),
        "Standard deviation of each coordinate over a batch of unit-length embeddings, averaged."
            + " Evenly spread embeddings of dimension d have 1/√d, the dashed line; a fall towards 0"
            + " is collapse.");
    large(
        "Effective rank",
        "directions",
        List.of(line("effective rank", "effective_rank", 1)),
        List.of(),
        "How many directions the embeddings use: exp of the entropy of their normalised spectrum"
            + " (Roy and Vetterli 2007). 1 is a line; a steady fall is collapse in part, which the"
            + " loss does not show.");
  }

  private void others() {
    small("lr", "Learning rate", "per step");
    small("grad_norm", "Gradient norm", "L2 norm");
    small("probe_loss", "Loss of the probe", "cross-entropy, nats");
    small("images_per_second", "Speed", "images per second");
    for (String key : List.copyOf(left)) {
      small(key, Numbers.words(key), "");
    }
  }

  private Line line(String name, String key, double scale) {
    left.remove(key);
    return new Line(name, Arrays.stream(metrics.column(key)).map(v -> v * scale).toArray());
  }

  private static List<Level> level(String name, @Nullable Double value) {
    return value == null || !Double.isFinite(value) ? List.of() : List.of(new Level(name, value));
  }

  private void large(
      String title, String unit, List<Line> lines, List<Level> levels, String reading) {
    List<Line> known = lines.stream().filter(Line::any).toList();
    if (!known.isEmpty()) {
      LineChart chart = new LineChart(title, unit, metrics.epochs(), known, levels);
      large.add(Figures.of(title, reading, chart.legend(), chart.draw(480, 250)));
    }
  }

  private void small(String key, String title, String unit) {
    Line line = line(title, key, 1);
    if (line.any()) {
      LineChart chart = new LineChart(title, unit, metrics.epochs(), List.of(line), List.of());
      small.add(Figures.of(title, "", chart.legend(), chart.draw(320, 165)));
    }
  }
}
