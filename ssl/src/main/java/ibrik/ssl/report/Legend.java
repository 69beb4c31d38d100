package ibrik.ssl.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.li;
import static j2html.TagCreator.span;
import static j2html.TagCreator.ul;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/// Names beside the marks of a chart.
public final class Legend {
  private final List<DomContent> entries = new ArrayList<>();

  /// Without names yet.
  public Legend() {}

  /// A line of class `colour`.
  public void stroke(String colour, String name) {
    add(18, Svg.line(1, 5, 17, 5).withClass(colour), name);
  }

  /// A mark of class `label`.
  public void mark(int label, String name) {
    add(10, Marks.of(label, 5, 5, 4), name);
  }

  private void add(double width, Svg sign, String name) {
    // Not read aloud: the name beside it says all.
    Svg key =
        Svg.picture(width, 10, "").withClass("key").attr("width", (int) width).attr("height", 10);
    entries.add(li(key.with(sign), span(name)));
  }

  /// The names so far.
  public DomContent html() {
    // Also where there are none: charts side by side stay on one line.
    return div(iff(!entries.isEmpty(), ul(each(entries.stream())))).withClass("legend");
  }
}
