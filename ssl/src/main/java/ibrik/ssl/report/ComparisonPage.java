package ibrik.ssl.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.footer;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.header;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import ibrik.ssl.report.OverlayChart.Across;
import ibrik.ssl.report.OverlayChart.Level;
import ibrik.ssl.report.OverlayChart.Ring;
import ibrik.ssl.report.OverlayChart.Trace;
import j2html.tags.DomContent;
import j2html.tags.specialized.HtmlTag;
import j2html.tags.specialized.ThTag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The page of a comparison: for each data set a table, curves over one another, what differs.
final class ComparisonPage {
  private static final Across EPOCHS = new Across("epoch", true);
  private static final Trial.Course NOWHERE =
      new Trial.Course(new double[0], new double[0], new double[0], new double[0]);
  private static final double HALF = 500;
  private static final double FULL = 1010;

  private final Experiments experiments;
  private final Path folder;

  /// @param folder of the page, for links to the reports of the runs
  ComparisonPage(Experiments experiments, Path folder) {
    this.experiments = experiments;
    this.folder = folder;
  }

  HtmlTag document() throws IOException {
    List<Panel> panels = experiments.panels();
    String title = title(panels);
    return Sheet.of(
        title,
        header(p(kicker()).withClass("kicker"), h1(title)),
        main(each(panels, this::panel), leftOut()),
        footer(p("Made by Ibrik from the files of these runs.")));
  }

  private static String title(List<Panel> panels) {
    List<Trial> trials = panels.stream().flatMap(panel -> panel.trials().stream()).toList();
    List<String> methods = trials.stream().map(t -> Trial.title(t.first())).distinct().toList();
    String who = methods.size() > 3 ? methods.size() + " methods" : String.join(", ", methods);
    return who
        + " on "
        + panels.stream().map(Panel::data).distinct().collect(Collectors.joining(", "));
  }

  private String kicker() {
    long runs =
        experiments.panels().stream()
            .flatMap(panel -> panel.trials().stream())
            .mapToLong(trial -> trial.runs().size())
            .sum();
    int left = experiments.leftOut().size();
    return "Comparison of "
        + Numbers.count(runs)
        + (runs == 1 ? " run" : " runs")
        + (left == 0 ? "" : "; " + left + " left out, named at the end");
  }

  private DomContent leftOut() {
    List<Experiments.LeftOut> left = experiments.leftOut();
    if (left.isEmpty()) {
      return each();
    }
    return section(
        h2("Left out"),
        ul(each(left, one -> li(one.run() + ": " + one.reason()))).withClass("notes"));
  }

  private DomContent panel(Panel panel) {
    List<DomContent> parts = new ArrayList<>();
    String split = panel.split();
    parts.add(h2(panel.data() + (split.isEmpty() ? "" : ": " + split)));
    parts.add(p(panel.verdict()).withClass("verdict"));
    parts.add(results(panel));
    parts.add(
        p("Sorted by k-NN, floors and ceilings among the methods: what stands below a floor has"
                + " learnt nothing that the floor does not have. Accuracy on the test images, on"
                + " frozen features. ± is the standard deviation over seeds; std and rank are those of"
                + " the features at the end (collapse: both near 0 and 1). Training is wall time"
                + " of training alone, so times compare only between runs on one machine with the"
                + " same number of threads.")
            .withClass("reading"));
    parts.add(curves(panel));
    parts.add(differences(panel));
    parts.add(runs(panel));
    return section(each(parts.stream()));
  }

  private static DomContent results(Panel panel) {
    List<DomContent> head = new ArrayList<>();
    head.add(heading("Features"));
    head.add(heading(panel.knnName()));
    head.add(heading("Linear probe"));
    for (String name : List.of("Epochs", "Training", "Images/s", "Std", "Rank")) {
      head.add(heading(name).withClass("num"));
    }
    List<Map.Entry<Double, DomContent>> rows = new ArrayList<>();
    int number = 0;
    for (Trial trial : panel.trials()) {
      rows.add(Map.entry(order(trial.number("knn")), row(trial, number++)));
    }
    for (Panel.Reference reference : panel.references()) {
      rows.add(Map.entry(order(reference.knn()), row(reference)));
    }
    rows.sort(Map.Entry.comparingByKey(java.util.Comparator.reverseOrder()));
    return div(table(thead(tr(each(head.stream()))), tbody(each(rows, Map.Entry::getValue)))
            .withClass(several(panel) ? "bars trials" : "bars trials single"))
        .withClass("scroll");
  }

  private static boolean several(Panel panel) {
    return panel.trials().stream().anyMatch(trial -> trial.runs().size() > 1);
  }

  private static double order(Spread accuracy) {
    return accuracy.n() == 0 ? -1 : accuracy.mean();
  }

  private static DomContent row(Trial trial, int number) {
    int seeds = trial.runs().size();
    return tr(
            th(
                    Svg.picture(12, 10, "")
                        .withClass("key")
                        .attr("width", 12)
                        .attr("height", 10)
                        .with(Svg.rect(0, 1, 9, 9).withClass("c c" + number % 10)),
                    span(trial.name()),
                    j2html.TagCreator.small(seeds == 1 ? "1 seed" : seeds + " seeds"))
                .attr("scope", "row"),
            bar(trial.number("knn")),
            bar(trial.number("linear")),
            num(Integer.toString(trial.epochs())),
            num(Experiments.duration(trial)),
            num(dashed(trial.number("images_per_second").meanText(0))),
            num(dashed(trial.number("embedding_std").meanText(4))),
            num(dashed(trial.number("effective_rank").meanText(1))))
        .withClass("method");
  }

  private static DomContent row(Panel.Reference reference) {
    int seeds = reference.knn().n();
    return tr(
            th(
                    span(reference.name()),
                    j2html.TagCreator.small(
                        Experiments.role(reference) + (seeds > 1 ? ", " + seeds + " seeds" : "")))
                .attr("scope", "row"),
            bar(reference.knn()),
            bar(reference.linear()),
            num(Numbers.NONE),
            num(Numbers.NONE),
            num(Numbers.NONE),
            num(Numbers.NONE),
            num(Numbers.NONE))
        .withClass(Experiments.role(reference));
  }

  private static String dashed(String text) {
    return text.equals("-") ? Numbers.NONE : text;
  }

  private static DomContent num(String text) {
    return td(text).withClass("num");
  }

  private static ThTag heading(String text) {
    return th(text).attr("scope", "col");
  }

  private static DomContent bar(Spread accuracy) {
    if (accuracy.n() == 0) {
      return td(Numbers.NONE);
    }
    return td(
        span(Numbers.percent(accuracy.mean())).withClass("value"),
        j2html.TagCreator.small(
            accuracy.n() > 1 ? "± " + Numbers.fixed(100 * accuracy.std(), 1) : ""),
        span(span()
                .withStyle(
                    String.format(
                        java.util.Locale.ROOT,
                        "width:%.1f%%",
                        100 * Math.clamp(accuracy.mean(), 0, 1))))
            .withClass("track"));
  }

  private static DomContent curves(Panel panel) {
    List<DomContent> wide = new ArrayList<>();
    List<DomContent> small = new ArrayList<>();
    accuracy(panel, wide);
    chart(
        small,
        "Accuracy against training time",
        "%, " + panel.knnName(),
        new Across("minutes", false),
        accuracies(panel, true),
        List.of(),
        HALF,
        300,
        "k-NN against wall time of training: which method to take for a given budget on this"
            + " machine. Rings are the final evaluation.");
    boolean one = panel.oneMethod();
    chart(
        small,
        one ? "Loss" : "Shape of the loss",
        one ? "loss" : "1 at the first epoch, 0 at the least",
        EPOCHS,
        traces(
            panel, trial -> one ? trial.overEpochs("loss") : normalised(trial.overEpochs("loss"))),
        List.of(),
        HALF,
        300,
        one
            ? "Mean over the batches of each epoch. A lower loss is not a better encoder."
            : "Losses of different methods are different quantities, so each is scaled to 1 at its"
                + " first epoch and 0 at its least: compare when they fall, not how far. One that"
                + " rises plays against something that learns too, such as a queue that fills.");
    chart(
        small,
        "Spread of embeddings",
        "standard deviation",
        EPOCHS,
        traces(panel, trial -> trial.overEpochs("embedding_std")),
        List.of(),
        HALF,
        300,
        "Standard deviation of each coordinate over a batch of unit-length embeddings, averaged."
            + " It depends on the number of coordinates; a fall towards 0 is collapse.");
    chart(
        small,
        "Effective rank",
        "directions",
        EPOCHS,
        traces(panel, trial -> trial.overEpochs("effective_rank")),
        List.of(),
        HALF,
        300,
        "How many directions the features use: exp of the entropy of their normalised spectrum (Roy"
            + " and Vetterli 2007).");
    return each(each(wide.stream()), div(each(small.stream())).withClass("grid two"));
  }

  /// k-NN where the runs looked at it more than once, else the probe that learns beside them.
  private static void accuracy(Panel panel, List<DomContent> to) {
    boolean looked =
        panel.trials().stream().anyMatch(trial -> trial.overEpochs("knn").x().length > 1);
    boolean probed =
        panel.trials().stream()
            .anyMatch(trial -> trial.overEpochs("probe_train_accuracy").x().length > 0);
    if (!looked && probed) {
      chart(
          to,
          "Accuracy of the probe that learns beside the run",
          "%, on training images",
          EPOCHS,
          traces(panel, trial -> scaled(trial.overEpochs("probe_train_accuracy"), 100)),
          List.of(),
          FULL,
          400,
          "A linear classifier on the features of augmented training images, so no number of the"
              + " table. The runs looked at k-NN only once; with a smaller --monitor-every this"
              + " chart shows it over epochs.");
      return;
    }
    List<Level> floors =
        panel.references().stream()
            .filter(reference -> reference.knn().n() > 0)
            .map(reference -> new Level(reference.name(), 100 * reference.knn().mean()))
            .toList();
    chart(
        to,
        "Accuracy over epochs",
        "%, " + panel.knnName(),
        EPOCHS,
        accuracies(panel, false),
        floors,
        FULL,
        400,
        "k-NN on the test images. Lines are looks while training"
            + fewer(panel)
            + ": means over seeds, bands from the worst seed to the best. Rings are the final"
            + " evaluation, ± its deviation over seeds. Dashed: what was measured without the"
            + " method.");
  }

  /// Looks may use fewer training images than the final evaluation; the reader must know.
  private static String fewer(Panel panel) {
    long most =
        panel.trials().stream()
            .mapToLong(trial -> trial.config().path("eval").path("monitor_images").asLong(0))
            .max()
            .orElse(0);
    return most > 0 && most < panel.trainImages()
        ? " with "
            + Numbers.count(most)
            + " training images, so that they end below the rings, which have all "
            + Numbers.count(panel.trainImages())
        : "";
  }

  /// k-NN with a ring for what `result.json` says.
  ///
  /// @param time against minutes of training instead of epochs
  private static List<Trace> accuracies(Panel panel, boolean time) {
    List<Trace> traces = new ArrayList<>();
    for (Trial trial : panel.trials()) {
      Trial.Course course = time ? inMinutes(trial.overTime("knn")) : trial.overEpochs("knn");
      Spread end = trial.number("knn");
      double x = time ? trial.number("seconds").mean() / 60 : trial.epochs();
      Ring ring =
          end.n() == 0 || !Double.isFinite(x)
              ? null
              : new Ring(x, 100 * end.mean(), end.n() > 1 ? 100 * end.std() : 0);
      // One look is no course, and the ring says more.
      Trial.Course shown = course.x().length == 1 && ring != null ? NOWHERE : scaled(course, 100);
      traces.add(new Trace(trial.name(), traces.size(), shown, ring));
    }
    return traces.stream().filter(Trace::any).toList();
  }

  private static List<Trace> traces(Panel panel, Function<Trial, Trial.Course> course) {
    List<Trace> traces = new ArrayList<>();
    for (Trial trial : panel.trials()) {
      traces.add(new Trace(trial.name(), traces.size(), course.apply(trial), null));
    }
    return traces.stream().filter(Trace::any).toList();
  }

  private static void chart(
      List<DomContent> to,
      String title,
      String unit,
      Across across,
      List<Trace> traces,
      List<Level> levels,
      double width,
      double height,
      String reading) {
    if (!traces.isEmpty()) {
      OverlayChart chart = new OverlayChart(title, across, unit, traces, levels);
      to.add(Figures.of(title, reading, new Legend().html(), chart.draw(width, height)));
    }
  }

  private static Trial.Course scaled(Trial.Course course, double by) {
    return new Trial.Course(
        course.x(), times(course.mean(), by), times(course.low(), by), times(course.high(), by));
  }

  private static Trial.Course inMinutes(Trial.Course course) {
    return new Trial.Course(
        times(course.x(), 1.0 / 60), course.mean(), course.low(), course.high());
  }

  private static double[] times(double[] values, double by) {
    return Arrays.stream(values).map(v -> v * by).toArray();
  }

  /// First value 1, least value 0; a course that never falls below its start stays at 1.
  private static Trial.Course normalised(Trial.Course course) {
    if (course.x().length == 0) {
      return course;
    }
    double first = course.mean()[0];
    double least = Arrays.stream(course.mean()).min().orElseThrow();
    double range = first > least ? first - least : 1;
    double shift = first > least ? least : first - 1;
    Function<double[], double[]> move =
        values -> Arrays.stream(values).map(v -> (v - shift) / range).toArray();
    return new Trial.Course(
        course.x(), move.apply(course.mean()), move.apply(course.low()), move.apply(course.high()));
  }

  private static DomContent differences(Panel panel) {
    if (panel.settings().isEmpty()) {
      return panel.trials().size() == 1 ? each() : folded("Settings", text("No setting differs."));
    }
    List<DomContent> head = new ArrayList<>();
    head.add(heading("Setting"));
    panel.trials().forEach(trial -> head.add(heading(trial.name())));
    List<DomContent> body = new ArrayList<>();
    for (String path : panel.settings()) {
      List<DomContent> cells = new ArrayList<>();
      cells.add(th(path).attr("scope", "row"));
      for (Trial trial : panel.trials()) {
        cells.add(td(trial.settings().getOrDefault(path, Numbers.NONE)));
      }
      body.add(tr(each(cells.stream())));
    }
    return folded(
        "Settings that differ (" + panel.settings().size() + ")",
        div(table(thead(tr(each(head.stream()))), tbody(each(body.stream()))).withClass("settings"))
            .withClass("scroll"));
  }

  private DomContent runs(Panel panel) {
    List<DomContent> body = new ArrayList<>();
    for (Trial trial : panel.trials()) {
      for (RunContents run : trial.runs()) {
        Path place = experiments.place(run);
        Path report = place.resolve("report.html");
        String name = folder.relativize(place.toAbsolutePath().normalize()).toString();
        String link =
            folder.relativize(report.toAbsolutePath().normalize()).toString().replace('\\', '/');
        body.add(
            tr(
                td(trial.name()),
                num(run.config().path("seed").asText()),
                num(Numbers.percent(run.result().path("knn").asDouble(Double.NaN))),
                num(Numbers.percent(run.result().path("linear").asDouble(Double.NaN))),
                td(Files.exists(report) ? a(name).withHref(link(link)) : text(name))));
      }
    }
    return folded(
        "Runs (" + body.size() + ")",
        div(table(
                    thead(
                        tr(
                            heading("Trial"),
                            heading("Seed").withClass("num"),
                            heading("k-NN").withClass("num"),
                            heading("Linear probe").withClass("num"),
                            heading("Folder"))),
                    tbody(each(body.stream())))
                .withClass("settings"))
            .withClass("scroll"));
  }

  /// A relative path as a link: blanks and the like escaped.
  private static String link(String path) {
    return Arrays.stream(path.split("/", -1))
        .map(
            part ->
                java.net.URLEncoder.encode(part, java.nio.charset.StandardCharsets.UTF_8)
                    .replace("+", "%20"))
        .collect(Collectors.joining("/"));
  }

  private static DomContent folded(String name, DomContent content) {
    return div(details(summary(name), div(content))).withClass("configuration");
  }
}
