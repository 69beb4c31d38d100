package ibrik.bench.report;

import ibrik.bench.Roofline;
import ibrik.ssl.report.Axis;
import ibrik.ssl.report.Legend;
import ibrik.ssl.report.Marks;
import ibrik.ssl.report.Numbers;
import ibrik.ssl.report.Plane;
import ibrik.ssl.report.Svg;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Operations per second over operations per byte, both axes logarithmic, below the roofs that were
/// measured in the same run.
final class RooflineChart {
  private static final double WIDTH = 960;
  private static final double HEIGHT = 460;

  private final Roofline roof;
  private final List<Rate> rates;
  private final List<String> families;
  private final Plane plane;

  /// @param rates those without operations are left out
  RooflineChart(Roofline roof, List<Rate> rates) {
    this.roof = roof;
    this.rates = rates.stream().filter(rate -> rate.gflop() > 0 && rate.gbyte() > 0).toList();
    families = new ArrayList<>(new TreeSet<>(this.rates.stream().map(Rate::family).toList()));
    double[] x = this.rates.stream().mapToDouble(Rate::intensity).sorted().toArray();
    double[] y = this.rates.stream().mapToDouble(Rate::gflop).sorted().toArray();
    plane =
        new Plane(
            // So wide that the slopes are seen.
            Axis.logarithmic(Math.min(x[0], 0.5), Math.max(x[x.length - 1], 10)),
            Axis.logarithmic(y[0], Math.max(y[y.length - 1], roof.gflopPerSecond())),
            WIDTH,
            HEIGHT);
  }

  static boolean any(List<Rate> rates) {
    return rates.stream().anyMatch(rate -> rate.gflop() > 0 && rate.gbyte() > 0);
  }

  Svg draw() {
    Svg picture =
        Svg.picture(WIDTH, HEIGHT, "Roofline").with(plane.grid("flop per byte", "GFLOP/s"));
    int number = 0;
    for (Map.Entry<Long, Double> level : roof.copy().entrySet()) {
      picture.with(roofLine(level.getValue(), number++, bytes(level.getKey())));
    }
    for (Rate rate : rates) {
      picture.with(
          Marks.of(
                  families.indexOf(rate.family()),
                  plane.px(rate.intensity()),
                  plane.py(rate.gflop()),
                  4.5)
              .title(
                  rate.title()
                      + ": "
                      + Numbers.brief(rate.gflop())
                      + " GFLOP/s, "
                      + Numbers.brief(rate.gbyte())
                      + " GB/s, "
                      + Numbers.brief(rate.percentOfRoof())
                      + " % of the roof"));
    }
    return picture;
  }

  /// Rises with the bandwidth of one size up to the peak, then runs level.
  private Svg roofLine(double gbytePerSecond, int number, String name) {
    double peak = roof.gflopPerSecond();
    double left = plane.x().low();
    double right = plane.x().high();
    double lowest = plane.y().low();
    double from = Math.max(left, lowest / gbytePerSecond);
    double ridge = Math.clamp(peak / gbytePerSecond, from, right);
    String d =
        "M"
            + at(from, Math.min(peak, from * gbytePerSecond))
            + "L"
            + at(ridge, Math.min(peak, ridge * gbytePerSecond))
            + (ridge < right ? "L" + at(right, peak) : "");
    return Svg.path(d)
        .withClass("level d" + number % 3)
        .title(name + ": " + Numbers.brief(gbytePerSecond) + " GB/s");
  }

  private String at(double x, double y) {
    return Svg.coordinate(plane.px(x)) + " " + Svg.coordinate(plane.py(y));
  }

  /// `16 KiB`, `8 MiB`.
  static String bytes(long bytes) {
    return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
  }

  Legend legend() {
    Legend legend = new Legend();
    for (int i = 0; i < families.size(); i++) {
      legend.mark(i, families.get(i));
    }
    int number = 0;
    for (long bytes : roof.copy().keySet()) {
      legend.stroke("level d" + number++ % 3, "copy of " + bytes(bytes));
    }
    return legend;
  }
}
