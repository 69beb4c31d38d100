package ibrik.ssl.report;

import j2html.tags.ContainerTag;
import java.util.Locale;

/// An element of an SVG picture. Coordinates are pixels, kept to a tenth. Colours are classes of
/// the style sheet, so that one picture serves light and dark pages and paper.
public final class Svg extends ContainerTag<Svg> {
  private Svg(String name) {
    super(name);
  }

  /// A picture of its own.
  ///
  /// @param label what it shows, for readers who do not see it
  public static Svg picture(double width, double height, String label) {
    return new Svg("svg")
        .attr("viewBox", "0 0 " + coordinate(width) + " " + coordinate(height))
        .attr("role", "img")
        .attr("aria-label", label);
  }

  /// Parts that are styled together.
  public static Svg group() {
    return new Svg("g");
  }

  /// A straight line.
  public static Svg line(double x1, double y1, double x2, double y2) {
    return new Svg("line").put("x1", x1).put("y1", y1).put("x2", x2).put("y2", y2);
  }

  /// A rectangle by its upper left corner.
  public static Svg rect(double x, double y, double width, double height) {
    return new Svg("rect").put("x", x).put("y", y).put("width", width).put("height", height);
  }

  /// A circle by its centre.
  public static Svg circle(double x, double y, double radius) {
    return new Svg("circle").put("cx", x).put("cy", y).put("r", radius);
  }

  /// A path by its `d` attribute.
  public static Svg path(String d) {
    return new Svg("path").attr("d", d);
  }

  /// A line of text.
  ///
  /// @param anchor `start`, `middle` or `end`
  public static Svg text(double x, double y, String anchor, String text) {
    return new Svg("text").put("x", x).put("y", y).attr("text-anchor", anchor).withText(text);
  }

  /// What is shown under the pointer.
  public Svg title(String text) {
    return with(new Svg("title").withText(text));
  }

  private Svg put(String name, double value) {
    return attr(name, coordinate(value));
  }

  /// A coordinate as text.
  public static String coordinate(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    if (text.endsWith(".0")) {
      text = text.substring(0, text.length() - 2);
    }
    return text.equals("-0") ? "0" : text;
  }
}
