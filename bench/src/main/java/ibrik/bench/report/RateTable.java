package ibrik.bench.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.span;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import ibrik.ssl.report.Numbers;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;

/// Rates of benchmarks, with bars for percents of the roof.
final class RateTable {
  private RateTable() {}

  static DomContent of(List<Rate> rates) {
    return div(table(
                thead(
                    tr(
                        th("Benchmark"),
                        th("% of roof"),
                        th("Bound"),
                        th("GFLOP/s").withClass("num"),
                        th("GB/s").withClass("num"),
                        th("runs/s").withClass("num"))),
                tbody(each(rates, RateTable::row)))
            .withClass("bars"))
        .withClass("scroll");
  }

  private static DomContent row(Rate rate) {
    return tr(
            th(rate.what()).attr("scope", "row"),
            bar(rate.percentOfRoof()),
            td(rate.bound()),
            td(Numbers.brief(rate.gflop())).withClass("num"),
            td(Numbers.brief(rate.gbyte())).withClass("num"),
            td(Numbers.brief(rate.runs())).withClass("num"))
        .withClass("method");
  }

  private static DomContent bar(double percent) {
    if (!Double.isFinite(percent)) {
      return td(Numbers.NONE);
    }
    String width = String.format(Locale.ROOT, "width:%.1f%%", Math.clamp(percent, 0, 100));
    return td(
        span(Numbers.brief(percent)).withClass("value"),
        span(span().attr("style", width)).withClass("track"));
  }
}
