package ibrik.ssl.report;

import static j2html.TagCreator.caption;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.span;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import ibrik.ssl.eval.ConfusionMatrix;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// Which classes the probe takes for which.
final class ConfusionTable {
  /// More classes are drawn as a picture without numbers.
  private static final int MOST_COLUMNS = 20;

  private static final int MOST_PAIRS = 15;

  private final Findings findings;
  private final ConfusionMatrix matrix;

  ConfusionTable(Findings findings, ConfusionMatrix matrix) {
    this.findings = findings;
    this.matrix = matrix;
  }

  DomContent draw() {
    return matrix.classes() <= MOST_COLUMNS
        ? div(numbers()).withClass("scroll")
        : div(picture(), pairs()).withClass("grid two");
  }

  /// What happened most often of all errors, as a sentence.
  String reading() {
    String text =
        "Rows are true classes, columns what the linear probe said, cells numbers of test images;"
            + " shades are shares of the row. Right answers lie on the diagonal.";
    List<Pair> worst = worst(1);
    if (worst.isEmpty()) {
      return text + " There are no errors.";
    }
    Pair pair = worst.getFirst();
    return text
        + " The most frequent error: %s taken for %s, %s of %s times."
            .formatted(
                name(pair.truth),
                name(pair.predicted),
                Numbers.count(pair.count),
                Numbers.count(matrix.truth(pair.truth)));
  }

  private String name(int label) {
    return findings.className(label);
  }

  private double share(int truth, int predicted) {
    long all = matrix.truth(truth);
    return all == 0 ? 0 : (double) matrix.counts()[truth][predicted] / all;
  }

  private DomContent numbers() {
    List<DomContent> head = new ArrayList<>();
    head.add(th("truth \\ predicted").withClass("corner").attr("scope", "col"));
    for (int c = 0; c < matrix.classes(); c++) {
      head.add(th(span(name(c))).withClass("up").attr("scope", "col"));
    }
    head.add(th(span("recall")).withClass("up sum").attr("scope", "col"));
    List<DomContent> body = new ArrayList<>();
    for (int t = 0; t < matrix.classes(); t++) {
      List<DomContent> cells = new ArrayList<>();
      cells.add(th(name(t)).attr("scope", "row"));
      for (int p = 0; p < matrix.classes(); p++) {
        cells.add(cell(t, p));
      }
      String recall =
          matrix.truth(t) == 0 ? Numbers.NONE : Numbers.fixed(100 * matrix.recall(t), 0);
      cells.add(td(recall).withClass("sum"));
      body.add(tr(each(cells.stream())));
    }
    return table(thead(tr(each(head.stream()))), tbody(each(body.stream()))).withClass("confusion");
  }

  private DomContent cell(int truth, int predicted) {
    long count = matrix.counts()[truth][predicted];
    double share = share(truth, predicted);
    String kind = truth == predicted ? "right" : "wrong";
    return td(count == 0 ? "·" : Numbers.count(count))
        .withClass(count == 0 ? "zero" : share > 0.5 ? kind + " full" : kind)
        .withStyle(String.format(Locale.ROOT, "--share:%.1f%%", 100 * share));
  }

  private Svg picture() {
    int classes = matrix.classes();
    double size = Math.max(2, Math.floor(480.0 / classes));
    Svg picture = Svg.picture(size * classes, size * classes, "Confusion matrix");
    picture.with(Svg.rect(0, 0, size * classes, size * classes).withClass("field"));
    for (int t = 0; t < classes; t++) {
      for (int p = 0; p < classes; p++) {
        long count = matrix.counts()[t][p];
        if (count > 0) {
          picture.with(
              Svg.rect(p * size, t * size, size, size)
                  .withClass(t == p ? "right" : "wrong")
                  .attr("fill-opacity", Numbers.fixed(0.15 + 0.85 * share(t, p), 2))
                  .title("%s taken for %s: %s".formatted(name(t), name(p), Numbers.count(count))));
        }
      }
    }
    return picture;
  }

  private DomContent pairs() {
    List<DomContent> body = new ArrayList<>();
    for (Pair pair : worst(MOST_PAIRS)) {
      body.add(
          tr(
              td(name(pair.truth)),
              td(name(pair.predicted)),
              td(Numbers.count(pair.count)).withClass("num"),
              td(Numbers.percent(share(pair.truth, pair.predicted))).withClass("num")));
    }
    return table(
        caption("Most frequent errors"),
        thead(
            tr(
                th("Truth").attr("scope", "col"),
                th("Taken for").attr("scope", "col"),
                th("Images").withClass("num").attr("scope", "col"),
                th("Of its class").withClass("num").attr("scope", "col"))),
        tbody(each(body.stream())));
  }

  private record Pair(int truth, int predicted, long count) {}

  /// The most frequent errors, of equally frequent ones the first in the matrix.
  private List<Pair> worst(int most) {
    List<Pair> pairs = new ArrayList<>();
    for (int t = 0; t < matrix.classes(); t++) {
      for (int p = 0; p < matrix.classes(); p++) {
        if (t != p && matrix.counts()[t][p] > 0) {
          pairs.add(new Pair(t, p, matrix.counts()[t][p]));
        }
      }
    }
    return pairs.stream()
        .sorted(Comparator.comparingLong(pair -> -pair.count))
        .limit(most)
        .toList();
  }
}
