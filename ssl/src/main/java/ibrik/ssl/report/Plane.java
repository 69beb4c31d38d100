package ibrik.ssl.report;

/// Two axes on a picture: where numbers lie on it, and its grid.
///
/// @param x to the right
/// @param y upwards
/// @param width of the picture, pixels
/// @param height of the picture
public record Plane(Axis x, Axis y, double width, double height) {
  private static final double LEFT = 46;
  private static final double RIGHT = 12;
  private static final double TOP = 20;
  private static final double BOTTOM = 30;

  /// Pixels from the left.
  public double px(double value) {
    return LEFT + x.at(value) * (width - LEFT - RIGHT);
  }

  /// Pixels from the top.
  public double py(double value) {
    return height - BOTTOM - y.at(value) * (height - TOP - BOTTOM);
  }

  /// Grid lines across, numbers at both axes, and what they count.
  ///
  /// @param xLabel at the end of the horizontal axis
  /// @param yLabel above the vertical axis
  public Svg grid(String xLabel, String yLabel) {
    Svg grid = Svg.group().withClass("axes");
    double right = width - RIGHT;
    double base = height - BOTTOM;
    for (double tick : y.ticks()) {
      grid.with(Svg.line(LEFT, py(tick), right, py(tick)).withClass("grid"));
      grid.with(Svg.text(LEFT - 7, py(tick) + 3.5, "end", y.label(tick)));
    }
    double reserved = right - 6.5 * xLabel.length() - 10; // room for the label
    for (double tick : x.ticks()) {
      grid.with(Svg.line(px(tick), base, px(tick), base + 4).withClass("tick"));
      if (px(tick) <= reserved) {
        grid.with(Svg.text(px(tick), base + 17, "middle", x.label(tick)));
      }
    }
    grid.with(Svg.line(LEFT, base, right, base).withClass("base"));
    grid.with(Svg.text(right, base + 17, "end", xLabel).withClass("unit"));
    grid.with(Svg.text(LEFT, 10, "start", yLabel).withClass("unit"));
    return grid;
  }
}
