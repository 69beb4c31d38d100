package ibrik.ssl.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// Curves of several trials over one another, each named at its end, with the band of its seeds.
///
/// @param title what is shown
/// @param x axis to the right
/// @param unit of the vertical axis
/// @param traces at least one with a point
/// @param levels dashed lines across
record OverlayChart(String title, Across x, String unit, List<Trace> traces, List<Level> levels) {
  private static final double LETTER = 5.9;
  private static final double LINE = 12.5;
  private static final double MOST_LABEL = 210;
  private static final int COLOURS = 10;

  /// Above this many points a line has no values under the pointer: the page would get slow.
  private static final int MOST_HINTS = 120;

  /// The horizontal axis.
  ///
  /// @param name at its end
  /// @param whole whether its numbers are whole
  record Across(String name, boolean whole) {}

  /// @param name at its end
  /// @param number decides the colour: the same trial has the same one in every chart
  /// @param course what to draw
  record Trace(String name, int number, Trial.Course course) {
    boolean any() {
      return course.x().length > 0;
    }

    double last() {
      return course.mean()[course.mean().length - 1];
    }
  }

  /// @param name at its end
  /// @param value finite
  record Level(String name, double value) {}

  /// A name at the right edge: where it should stand and where there is room.
  private static final class Label {
    final String text;
    final String colour;
    final double fromX;
    final double fromY;
    double y;

    Label(String text, String colour, double fromX, double fromY) {
      this.text = text;
      this.colour = colour;
      this.fromX = fromX;
      this.fromY = fromY;
      this.y = fromY;
    }
  }

  Svg draw(double width, double height) {
    double room =
        Math.min(
            MOST_LABEL,
            IntStream.concat(
                        traces.stream().mapToInt(trace -> trace.name.length()),
                        levels.stream().mapToInt(level -> level.name.length()))
                    .max()
                    .orElse(0)
                    * LETTER
                + 16);
    Plane plane = new Plane(across(width), upwards(height), width - room, height);
    Svg picture = Svg.picture(width, height, title).with(plane.grid(x.name, unit));
    List<Label> labels = new ArrayList<>();
    double right = plane.px(plane.x().high());
    for (int i = 0; i < levels.size(); i++) {
      double y = plane.py(levels.get(i).value);
      picture.with(Svg.line(plane.px(plane.x().low()), y, right, y).withClass("level d" + i % 3));
      labels.add(new Label(levels.get(i).name, "soft", right, y));
    }
    // The best is drawn last, above the others.
    for (Trace trace : traces.reversed()) {
      Trial.Course course = trace.course;
      int last = course.x().length - 1;
      picture.with(band(plane, trace), line(plane, trace));
      labels.add(
          new Label(
              trace.name, colour(trace), plane.px(course.x()[last]), plane.py(course.mean()[last])));
    }
    spread(labels, 10, height - 30);
    double at = right + 14;
    for (Label label : labels) {
      picture.with(
          Svg.path(
                  "M%s %sL%s %sL%s %s"
                      .formatted(
                          Svg.coordinate(label.fromX + 4),
                          Svg.coordinate(label.fromY),
                          Svg.coordinate(Math.max(label.fromX + 4, right + 2)),
                          Svg.coordinate(label.fromY),
                          Svg.coordinate(at - 3),
                          Svg.coordinate(label.y)))
              .withClass("leader " + label.colour),
          Svg.text(at, label.y + 3.8, "start", shortened(label.text))
              .withClass("name " + label.colour)
              .title(label.text));
    }
    return picture;
  }

  private static String shortened(String text) {
    int most = (int) ((MOST_LABEL - 16) / LETTER);
    return text.length() <= most ? text : text.substring(0, most - 1).strip() + "…";
  }

  private Axis across(double width) {
    double[] all = traces.stream().flatMapToDouble(t -> DoubleStream.of(t.course.x())).toArray();
    double min = DoubleStream.of(all).min().orElse(0);
    double max = DoubleStream.of(all).max().orElse(1);
    int parts = width > 600 ? 10 : 6;
    return x.whole ? Axis.whole(Math.min(1, min), max, parts) : new Axis(0, max > 0 ? max * 1.02 : 1, Axis.round(0, Math.max(max, 1e-3), parts).step(), false);
  }

  private Axis upwards(double height) {
    double[] all =
        DoubleStream.concat(
                traces.stream()
                    .flatMapToDouble(
                        t -> DoubleStream.concat(DoubleStream.of(t.course.low()), DoubleStream.of(t.course.high()))),
                levels.stream().mapToDouble(Level::value))
            .toArray();
    return Axis.round(
        DoubleStream.of(all).min().orElse(0),
        DoubleStream.of(all).max().orElse(1),
        height > 280 ? 7 : 5);
  }

  /// Moves names apart, in the order of their places, within the picture.
  private static void spread(List<Label> labels, double top, double bottom) {
    labels.sort(Comparator.comparingDouble(label -> label.fromY));
    double least = top;
    for (Label label : labels) {
      label.y = Math.max(label.y, least);
      least = label.y + LINE;
    }
    double most = bottom;
    for (Label label : labels.reversed()) {
      label.y = Math.min(label.y, most);
      most = label.y - LINE;
    }
  }

  private static String colour(Trace trace) {
    return "t" + trace.number % COLOURS + (trace.number / COLOURS % 2 == 0 ? "" : " dashed");
  }

  private static Svg band(Plane plane, Trace trace) {
    Trial.Course course = trace.course;
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < course.x().length; i++) {
      point(d, plane, course.x()[i], course.high()[i]);
    }
    for (int i = course.x().length - 1; i >= 0; i--) {
      point(d, plane, course.x()[i], course.low()[i]);
    }
    return Svg.path(d.append('Z').toString()).withClass("band " + colour(trace));
  }

  private static void point(StringBuilder d, Plane plane, double x, double y) {
    d.append(d.isEmpty() ? "M" : "L")
        .append(Svg.coordinate(plane.px(x)))
        .append(' ')
        .append(Svg.coordinate(plane.py(y)));
  }

  private Svg line(Plane plane, Trace trace) {
    Trial.Course course = trace.course;
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < course.x().length; i++) {
      point(d, plane, course.x()[i], course.mean()[i]);
    }
    Svg group = Svg.group().withClass("line " + colour(trace)).with(Svg.path(d.toString()));
    int last = course.x().length - 1;
    for (int i = 0; i <= last; i++) {
      double px = plane.px(course.x()[i]);
      double py = plane.py(course.mean()[i]);
      if (i == last || last < 12) {
        group.with(Svg.circle(px, py, i == last ? 3.2 : 2.2).withClass("dot"));
      }
      if (last <= MOST_HINTS) {
        group.with(
            Svg.circle(px, py, 7)
                .withClass("hint")
                .title(
                    "%s, %s %s: %s"
                        .formatted(
                            trace.name,
                            x.name,
                            Numbers.brief(course.x()[i]),
                            Numbers.brief(course.mean()[i]))));
      }
    }
    return group;
  }
}
