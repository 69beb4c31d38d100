package ibrik.ssl.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.small;
import static j2html.TagCreator.span;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import ibrik.ssl.eval.Interval;
import ibrik.ssl.report.Findings.Row;
import j2html.tags.DomContent;
import j2html.tags.specialized.ThTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Accuracies as numbers with bars.
final class ResultTable {
  private ResultTable() {}

  /// Method, floors and ceilings.
  static DomContent of(Comparison comparison) {
    List<Row> rows = comparison.rows();
    TreeSet<String> more = new TreeSet<>();
    rows.forEach(row -> more.addAll(row.more().keySet()));
    boolean linear = rows.stream().anyMatch(row -> row.linear() != null);
    List<DomContent> head = new ArrayList<>();
    head.add(heading("Features"));
    head.add(heading(comparison.knnName()));
    if (linear) {
      head.add(heading("Linear probe"));
    }
    more.forEach(name -> head.add(heading(Numbers.words(name)).withClass("num")));
    List<DomContent> body = new ArrayList<>();
    for (Row row : rows) {
      List<DomContent> cells = new ArrayList<>();
      String role = row.role().name().toLowerCase(Locale.ROOT);
      cells.add(
          th(span(row.name()), small(row.role() == Findings.Role.METHOD ? "this run" : role))
              .attr("scope", "row"));
      cells.add(bar(row.knn(), comparison.testImages()));
      if (linear) {
        cells.add(bar(row.linear(), comparison.testImages()));
      }
      for (String name : more) {
        Double value = row.more().get(name);
        cells.add(td(value == null ? Numbers.NONE : Numbers.percent(value)).withClass("num"));
      }
      body.add(tr(each(cells.stream())).withClass(role));
    }
    return div(table(thead(tr(each(head.stream()))), tbody(each(body.stream()))).withClass("bars"))
        .withClass("scroll");
  }

  /// Accuracy by number of neighbours.
  static DomContent ofNeighbours(SortedMap<Integer, Double> knn, long testImages) {
    List<DomContent> body = new ArrayList<>();
    for (Map.Entry<Integer, Double> entry : knn.entrySet()) {
      body.add(
          tr(
              th(Numbers.count(entry.getKey())).attr("scope", "row").withClass("num"),
              bar(entry.getValue(), testImages)));
    }
    return table(
            thead(tr(heading("k").withClass("num"), heading("Accuracy"))),
            tbody(each(body.stream())))
        .withClass("bars");
  }

  private static ThTag heading(String text) {
    return th(text).attr("scope", "col");
  }

  private static DomContent bar(@Nullable Double value, long testImages) {
    if (value == null || !Double.isFinite(value)) {
      return td(Numbers.NONE);
    }
    double share = Math.clamp(value, 0, 1);
    String spread = "";
    if (testImages > 0) {
      Interval interval = Interval.ofShare(Math.round(share * testImages), testImages);
      spread = "± " + Numbers.fixed(100 * interval.half(), 1);
    }
    return td(
        span(Numbers.percent(value)).withClass("value"),
        small(spread),
        span(span().withStyle(String.format(Locale.ROOT, "width:%.1f%%", 100 * share)))
            .withClass("track"));
  }
}
