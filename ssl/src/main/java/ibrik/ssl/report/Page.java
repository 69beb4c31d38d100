package ibrik.ssl.report;

import static j2html.TagCreator.aside;
import static j2html.TagCreator.code;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.footer;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.header;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.ul;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.ssl.eval.Calibration;
import ibrik.ssl.eval.ConfusionMatrix;
import ibrik.ssl.report.Findings.EmbeddingMap;
import j2html.tags.DomContent;
import j2html.tags.specialized.HtmlTag;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The parts of the page in their order.
final class Page {
  private final RunContents run;
  private final Findings findings;
  private final Comparison comparison;

  Page(RunContents run) {
    this.run = run;
    this.findings = run.findings();
    this.comparison = Comparison.of(run);
  }

  HtmlTag document() throws IOException {
    String name = run.method() + " on " + run.data();
    return Sheet.of(
        name,
        top(name),
        main(
            result(),
            training(),
            features(),
            probe(),
            evaluations(),
            pictures(),
            configuration(),
            reproduce()),
        footer(p("Made by Ibrik from the files of this run.")));
  }

  private DomContent top(String name) {
    Verdict verdict = Verdict.of(run, comparison);
    return header(
        p("Training run " + run.name()).withClass("kicker"),
        h1(name),
        p(verdict.sentence())
            .withClass("verdict " + verdict.tone().name().toLowerCase(Locale.ROOT)),
        facts(),
        absent());
  }

  private DomContent facts() {
    JsonNode config = run.config();
    Map<String, String> facts = new LinkedHashMap<>();
    int done = Math.max(run.metrics().lastEpoch(), run.result().path("epochs").asInt(0));
    if (done > 0 || run.epochsPlanned() > 0) {
      facts.put(
          "Epochs",
          done == run.epochsPlanned() || run.epochsPlanned() == 0
              ? Numbers.count(done)
              : Numbers.count(done) + " of " + Numbers.count(run.epochsPlanned()));
    }
    fact(facts, "Time", Numbers.duration(run.result().path("seconds").asDouble(Double.NaN)));
    double speed = run.result().path("images_per_second").asDouble(Double.NaN);
    if (!Double.isFinite(speed)) {
      speed = run.metrics().latest("images_per_second");
    }
    fact(facts, "Images per second", Numbers.brief((double) Math.round(speed * 10) / 10));
    fact(facts, "Split", config.path("data").path("split").asText("").toLowerCase(Locale.ROOT));
    fact(facts, "Device", config.path("device").asText(""));
    fact(facts, "Seed", config.path("seed").asText(""));
    if (comparison.testImages() > 0) {
      facts.put("Test images", Numbers.count(comparison.testImages()));
    }
    return facts.isEmpty()
        ? each()
        : dl(each(facts, entry -> div(dt(entry.getKey()), dd(entry.getValue()))))
            .withClass("facts");
  }

  private static void fact(Map<String, String> facts, String name, String value) {
    if (!value.isBlank() && !value.equals(Numbers.NONE)) {
      facts.put(name, value);
    }
  }

  /// What the page would show if the run had written it.
  private DomContent absent() {
    List<String> lines = new ArrayList<>(run.problems());
    for (String file : run.missing()) {
      lines.add(
          switch (file) {
            case "config.json" -> "config.json is not there: what was asked for is unknown.";
            case "metrics.jsonl" -> "metrics.jsonl is not there: no epoch is over.";
            case "result.json" ->
                "result.json is not there: the run goes on, or was stopped before its end.";
            case "findings.json" ->
                "findings.json is not there: the features have not been examined yet.";
            default -> file + " is not there.";
          });
    }
    if (lines.isEmpty()) {
      return each();
    }
    return aside(p("This page is incomplete."), ul(each(lines, line -> li(line))))
        .withClass("absent");
  }

  private static DomContent part(String name, DomContent... content) {
    return section(h2(name), each(Arrays.stream(content)));
  }

  private DomContent result() {
    List<DomContent> parts = new ArrayList<>();
    if (!comparison.rows().isEmpty()) {
      parts.add(ResultTable.of(comparison));
      parts.add(
          p("Accuracy on the test set, on frozen features. k-NN: each image gets the class that its"
                  + " nearest training images vote for. Linear probe: a linear classifier trained"
                  + " on the features. Floors have learnt nothing and must be beaten; a ceiling"
                  + " was trained with the labels."
                  + (comparison.testImages() > 0
                      ? " ± is half of a 95 % interval (Wilson) over the test images."
                      : ""))
              .withClass("reading"));
    }
    if (!findings.notes().isEmpty()) {
      parts.add(ul(each(findings.notes(), note -> li(note))).withClass("notes"));
    }
    return parts.isEmpty() ? each() : part("Result", parts.toArray(DomContent[]::new));
  }

  private DomContent training() {
    return run.metrics().isEmpty() ? each() : part("Training", Curves.of(run, comparison));
  }

  private DomContent features() {
    List<DomContent> parts = new ArrayList<>();
    EmbeddingMap map = findings.map();
    if (map != null && MapPlot.any(map)) {
      MapPlot plot = new MapPlot(findings, map);
      parts.add(
          Figures.of(map.kind() + " of features", plot.reading(), plot.legend(), plot.draw()));
    }
    byte[] neighbors = run.pictures().get("neighbors");
    if (neighbors != null) {
      parts.add(
          Figures.of(
              "Nearest neighbours",
              "Left a test image, beside it the training images whose features are nearest, nearest"
                  + " first. A solid green frame means the same class, a dashed red one another."
                  + " Wrong ones show what the features take for alike.",
              Figures.image(neighbors, "Test images and their nearest training images")));
    }
    List<DomContent> pair = new ArrayList<>();
    if (SpectrumPlot.any(findings.spectrum())) {
      pair.add(
          Figures.of(
              "Spectrum of features",
              "Eigenvalues of the covariance of the features, largest first, both axes logarithmic."
                  + " A slow fall means that many directions carry information; a cliff means that"
                  + " the rest is unused.",
              new Legend().html(),
              SpectrumPlot.draw(findings.spectrum())));
    }
    if (!findings.knn().isEmpty()) {
      pair.add(
          Figures.of(
              "Accuracy by number of neighbours",
              "The same vote with k neighbours. If small k does much better than large k, classes"
                  + " form small groups; little change means broad, clean ones.",
              new Legend().html(),
              ResultTable.ofNeighbours(findings.knn(), comparison.testImages())));
    }
    if (!pair.isEmpty()) {
      parts.add(div(each(pair.stream())).withClass("grid two"));
    }
    return parts.isEmpty() ? each() : part("Features", parts.toArray(DomContent[]::new));
  }

  private DomContent probe() {
    List<DomContent> parts = new ArrayList<>();
    ConfusionMatrix confusion = findings.confusion();
    if (confusion != null && confusion.total() > 0) {
      ConfusionTable table = new ConfusionTable(findings, confusion);
      parts.add(Figures.of("Confusion matrix", table.reading(), table.draw()));
    }
    Calibration calibration = findings.calibration();
    if (calibration != null) {
      parts.add(
          Figures.of(
              "Calibration",
              "Test images grouped by the confidence of the linear probe; the area of a mark is"
                  + " the number of images. On the dashed diagonal the probe is right as often"
                  + " as it says; below it is overconfident. Expected calibration error (Guo et"
                  + " al. 2017): "
                  + Numbers.percent(calibration.ece())
                  + ".",
              ReliabilityPlot.draw(calibration)));
    }
    return parts.isEmpty()
        ? each()
        : part("Linear probe", div(each(parts.stream())).withClass("beside"));
  }

  private DomContent evaluations() {
    if (run.evaluations().isEmpty()) {
      return each();
    }
    List<DomContent> parts = new ArrayList<>();
    for (JsonNode line : run.evaluations()) {
      String name = line.path("protocol").asText("?") + ", " + line.path("measured").asText("");
      parts.add(details(summary(name), ConfigTable.of(line)));
    }
    parts.add(
        p("What was measured after the run, one protocol at a time. Shares are fractions.")
            .withClass("reading"));
    return part("Further evaluations", parts.toArray(DomContent[]::new));
  }

  private DomContent pictures() {
    SortedMap<String, byte[]> rest = new TreeMap<>(run.pictures());
    rest.remove("neighbors");
    byte[] augmentations = rest.remove("augmentations");
    List<DomContent> parts = new ArrayList<>();
    if (augmentations != null) {
      parts.add(
          Figures.of(
              "Augmentations",
              "Left the image as it is, beside it random views as training makes them. What the"
                  + " views of one image have in common is what the method can learn; what they"
                  + " differ in it learns to ignore.",
              Figures.image(augmentations, "Images and random views of them")));
    }
    rest.forEach(
        (name, png) -> parts.add(Figures.of(Numbers.words(name), "", Figures.image(png, name))));
    return parts.isEmpty() ? each() : part("What training sees", parts.toArray(DomContent[]::new));
  }

  private DomContent configuration() {
    return run.config().isObject() ? part("Configuration", ConfigTable.of(run.config())) : each();
  }

  private DomContent reproduce() {
    String command = run.config().path("command").asText("");
    if (command.isBlank()) {
      return each();
    }
    return part(
        "Run it again",
        pre(code(command)),
        p("The same command, data and device give the same numbers. The configuration above holds"
                + " every value that was used, the seed, the versions and the fingerprint of the"
                + " data.")
            .withClass("reading"));
  }
}
