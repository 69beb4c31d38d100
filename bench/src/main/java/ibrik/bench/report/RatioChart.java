package ibrik.bench.report;

import ibrik.ssl.report.Axis;
import ibrik.ssl.report.Numbers;
import ibrik.ssl.report.Svg;
import java.util.List;

/// Ratios as bars that begin at 1, on a logarithmic axis: to the right where this project is
/// faster.
///
/// @param rows from the top
record RatioChart(List<Row> rows) {
  private static final double WIDTH = 960;
  private static final double NAMES = 400;
  private static final double STEP = 19;
  private static final double TOP = 22;

  /// @param name of what is compared
  /// @param ratio above 0
  /// @param text under the pointer
  record Row(String name, double ratio, String text) {}

  Svg draw() {
    double least = rows.stream().mapToDouble(Row::ratio).min().orElse(1);
    double most = rows.stream().mapToDouble(Row::ratio).max().orElse(1);
    Axis axis = Axis.logarithmic(Math.min(least, 0.9), Math.max(most, 1.1));
    double height = TOP + STEP * rows.size() + 4;
    Svg picture = Svg.picture(WIDTH, height, "Ratios");
    Svg grid = Svg.group().withClass("axes");
    for (double tick : axis.ticks()) {
      grid.with(Svg.line(x(axis, tick), TOP - 4, x(axis, tick), height).withClass("grid"));
      grid.with(Svg.text(x(axis, tick), TOP - 9, "middle", axis.label(tick)));
    }
    picture.with(grid);
    double one = x(axis, 1);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      double y = TOP + STEP * i;
      double end = x(axis, row.ratio);
      picture.with(Svg.text(NAMES - 62, y + 12, "end", row.name));
      picture.with(Svg.text(NAMES - 14, y + 12, "end", Numbers.brief(row.ratio)));
      picture.with(
          Svg.rect(Math.min(one, end), y + 2, Math.max(1, Math.abs(end - one)), STEP - 6)
              .withClass(row.ratio >= 1 ? "right" : "wrong")
              .title(row.text));
    }
    return picture.with(Svg.line(one, TOP - 4, one, height).withClass("level d0"));
  }

  private static double x(Axis axis, double ratio) {
    return NAMES + axis.at(ratio) * (WIDTH - NAMES - 12);
  }
}
