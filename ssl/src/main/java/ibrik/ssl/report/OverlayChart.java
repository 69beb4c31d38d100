package ibrik.ssl.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
  /// @param ring what was found at the end; null where that is the end of the course
  record Trace(String name, int number, Trial.Course course, @Nullable Ring ring) {
    boolean any() {
      return course.x().length > 0 || ring != null;
    }

    /// Where the name belongs.
    private double endX() {
      return ring != null ? ring.x : course.x()[course.x().length - 1];
    }

    private double endY() {
      return ring != null ? ring.y : course.mean()[course.mean().length - 1];
    }
  }

  /// A mark of its own.
  ///
  /// @param half of the whisker up and down; 0 for none
  record Ring(double x, double y, double half) {}

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
    double most = width > 600 ? 240 : 180;
    double room =
        Math.min(
            most,
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
      if (trace.course.x().length > 0) {
        picture.with(band(plane, trace), line(plane, trace));
      }
      if (trace.ring != null) {
        picture.with(ring(plane, trace, trace.ring));
      }
      labels.add(
          new Label(trace.name, colour(trace), plane.px(trace.endX()), plane.py(trace.endY())));
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
          Svg.text(at, label.y + 3.8, "start", shortened(label.text, most))
              .withClass("name " + label.colour)
              .title(label.text));
    }
    return picture;
  }

  private static String shortened(String text, double room) {
    int most = (int) ((room - 16) / LETTER);
    return text.length() <= most ? text : text.substring(0, most - 1).strip() + "…";
  }

  private Axis across(double width) {
    double[] all =
        traces.stream()
            .flatMapToDouble(
                trace ->
                    DoubleStream.concat(
                        DoubleStream.of(trace.course.x()), DoubleStream.of(trace.endX())))
            .toArray();
    double min = DoubleStream.of(all).min().orElse(0);
    double max = DoubleStream.of(all).max().orElse(1);
    int parts = width > 600 ? 10 : 6;
    if (x.whole) {
      return Axis.whole(Math.min(1, min), max, parts);
    }
    // From 0 to the last point, not to the next round number.
    double end = Math.max(max, 1e-3);
    return new Axis(0, 1.02 * end, Axis.round(0, end, parts).step(), false);
  }

  private Axis upwards(double height) {
    double[] all =
        DoubleStream.concat(
                traces.stream().flatMapToDouble(OverlayChart::heights),
                levels.stream().mapToDouble(Level::value))
            .toArray();
    return Axis.round(
        DoubleStream.of(all).min().orElse(0),
        DoubleStream.of(all).max().orElse(1),
        height > 280 ? 7 : 5);
  }

  private static DoubleStream heights(Trace trace) {
    Ring ring = trace.ring;
    return Stream.of(
            DoubleStream.of(trace.course.low()),
            DoubleStream.of(trace.course.high()),
            ring == null
                ? DoubleStream.empty()
                : DoubleStream.of(ring.y - ring.half, ring.y + ring.half))
        .flatMapToDouble(part -> part);
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

  private Svg ring(Plane plane, Trace trace, Ring ring) {
    double px = plane.px(ring.x);
    double py = plane.py(ring.y);
    Svg group = Svg.group().withClass("line " + colour(trace));
    if (ring.half > 0) {
      group.with(Svg.line(px, plane.py(ring.y - ring.half), px, plane.py(ring.y + ring.half)));
    }
    return group.with(
        Svg.circle(px, py, 4).withClass("ring"),
        Svg.circle(px, py, 7)
            .withClass("hint")
            .title(
                "%s, at the end, %s %s: %s%s"
                    .formatted(
                        trace.name,
                        x.name,
                        Numbers.brief(ring.x),
                        Numbers.brief(ring.y),
                        ring.half > 0 ? " ± " + Numbers.brief(ring.half) : "")));
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
