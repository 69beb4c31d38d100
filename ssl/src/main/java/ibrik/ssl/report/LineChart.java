package ibrik.ssl.report;

import j2html.tags.DomContent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/// Numbers over epochs, with levels to compare them with.
///
/// @param title what is shown
/// @param unit of the vertical axis
/// @param epochs `[n]`
/// @param lines at most four
/// @param levels dashed lines across
record LineChart(String title, String unit, double[] epochs, List<Line> lines, List<Level> levels) {
  /// Above this many points a line has no values under the pointer: the page would get slow.
  private static final int MOST_HINTS = 200;

  /// @param name for the legend
  /// @param values `[n]`, gaps where they are not finite
  record Line(String name, double[] values) {
    /// Whether there is something to draw.
    boolean any() {
      return Arrays.stream(values).anyMatch(Double::isFinite);
    }
  }

  /// @param name for the legend
  /// @param value finite
  record Level(String name, double value) {}

  Svg draw(double width, double height) {
    double[] all =
        DoubleStream.concat(
                lines.stream().flatMapToDouble(line -> Arrays.stream(line.values)),
                levels.stream().mapToDouble(Level::value))
            .filter(Double::isFinite)
            .toArray();
    Plane plane =
        new Plane(
            Axis.whole(epochs[0], epochs[epochs.length - 1], width > 400 ? 8 : 5),
            Axis.round(
                Arrays.stream(all).min().orElseThrow(),
                Arrays.stream(all).max().orElseThrow(),
                height > 180 ? 5 : 3),
            width,
            height);
    Svg picture = Svg.picture(width, height, title).with(plane.grid("epoch", unit));
    for (int i = 0; i < levels.size(); i++) {
      double y = plane.py(levels.get(i).value);
      picture.with(
          Svg.line(plane.px(plane.x().low()), y, plane.px(plane.x().high()), y)
              .withClass(levelClass(i)));
    }
    for (int i = 0; i < lines.size(); i++) {
      picture.with(line(lines.get(i), plane, lineClass(i)));
    }
    return picture;
  }

  /// A path through what is known; single dots where most epochs are unknown.
  private Svg line(Line line, Plane plane, String colour) {
    StringBuilder d = new StringBuilder();
    int known = 0;
    for (int i = 0; i < epochs.length; i++) {
      if (Double.isFinite(line.values[i])) {
        d.append(d.isEmpty() ? "M" : "L")
            .append(Svg.coordinate(plane.px(epochs[i])))
            .append(' ')
            .append(Svg.coordinate(plane.py(line.values[i])));
        known++;
      }
    }
    Svg group = Svg.group().withClass(colour).with(Svg.path(d.toString()));
    boolean dots = known == 1 || (known < epochs.length && known <= 60);
    if (known > MOST_HINTS) {
      return group;
    }
    for (int i = 0; i < epochs.length; i++) {
      if (Double.isFinite(line.values[i])) {
        double x = plane.px(epochs[i]);
        double y = plane.py(line.values[i]);
        if (dots) {
          group.with(Svg.circle(x, y, 2.4).withClass("dot"));
        }
        group.with(
            Svg.circle(x, y, 7)
                .withClass("hint")
                .title(
                    String.format(
                        Locale.ROOT,
                        "%s, epoch %.0f: %s",
                        line.name,
                        epochs[i],
                        Numbers.brief(line.values[i]))));
      }
    }
    return group;
  }

  /// Names of lines and levels; nothing where a single line needs none.
  DomContent legend() {
    Legend legend = new Legend();
    if (lines.size() + levels.size() > 1) {
      for (int i = 0; i < lines.size(); i++) {
        legend.stroke(lineClass(i), lines.get(i).name);
      }
      for (int i = 0; i < levels.size(); i++) {
        legend.stroke(levelClass(i), levels.get(i).name);
      }
    }
    return legend.html();
  }

  private static String lineClass(int i) {
    return "line s" + i % 4;
  }

  private static String levelClass(int i) {
    return "level d" + i % 3;
  }
}
