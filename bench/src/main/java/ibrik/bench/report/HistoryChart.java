package ibrik.bench.report;

import ibrik.ssl.report.Axis;
import ibrik.ssl.report.Numbers;
import ibrik.ssl.report.Plane;
import ibrik.ssl.report.Svg;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How a rate changed from run to run on one kind of machine.
///
/// @param title of the benchmark
/// @param points oldest first
record HistoryChart(String title, List<Point> points) {
  private static final double WIDTH = 300;
  private static final double HEIGHT = 150;

  /// @param date of the run
  /// @param rate what it reached
  record Point(String date, Rate rate) {}

  /// Of every benchmark that at least two files of one kind of machine have.
  static List<HistoryChart> all(List<ResultFile> files) {
    Map<String, HistoryChart> charts = new LinkedHashMap<>();
    for (ResultFile file : files) {
      for (Rate rate : file.rates()) {
        // Old files do not tell their threads: they used all processors.
        int all = file.json().path("machine").path("processors").asInt();
        int threads = rate.threads() == 0 ? all : rate.threads();
        String key = rate.title() + ", " + threads + (threads == 1 ? " thread" : " threads");
        charts
            .computeIfAbsent(
                key + " " + file.machine(), _ -> new HistoryChart(key, new ArrayList<>()))
            .points
            .add(new Point(file.date(), rate));
      }
    }
    return charts.values().stream().filter(chart -> chart.points.size() > 1).toList();
  }

  Svg draw() {
    double[] rates = points.stream().mapToDouble(point -> point.rate.runs()).sorted().toArray();
    Plane plane =
        new Plane(
            Axis.whole(1, points.size(), 5),
            Axis.round(0, rates[rates.length - 1], 3),
            WIDTH,
            HEIGHT);
    Svg picture = Svg.picture(WIDTH, HEIGHT, title).with(plane.grid("run", "runs/s"));
    StringBuilder d = new StringBuilder();
    Svg group = Svg.group().withClass("line s0");
    for (int i = 0; i < points.size(); i++) {
      Rate rate = points.get(i).rate;
      double x = plane.px(i + 1);
      double y = plane.py(rate.runs());
      d.append(i == 0 ? "M" : "L").append(Svg.coordinate(x)).append(' ').append(Svg.coordinate(y));
      double high = Math.min(rate.runs() + rate.error(), plane.y().high());
      double low = Math.max(rate.runs() - rate.error(), plane.y().low());
      group.with(Svg.line(x, plane.py(low), x, plane.py(high)).withClass("gap"));
      group.with(Svg.circle(x, y, 2.4).withClass("dot"));
      group.with(
          Svg.circle(x, y, 7)
              .withClass("hint")
              .title(points.get(i).date + ": " + Numbers.brief(rate.runs()) + " runs/s"));
    }
    return picture.with(group.with(Svg.path(d.toString())));
  }
}
