package ibrik.ssl.report;

/// One mark per class: ten colours that readers with any colour vision tell apart, in four shapes.
/// From the 41st class on marks repeat.
///
/// **Source** nine colours: Tol, "Colour schemes" (2021), scheme *muted*; the tenth is grey.
public final class Marks {
  static final int COLOURS = 10;
  static final int DISTINCT = 4 * COLOURS;

  private Marks() {}

  /// A mark around a place; class -1 has a mark of its own.
  public static Svg of(int label, double x, double y, double radius) {
    if (label < 0) {
      return Svg.circle(x, y, radius).withClass("c none");
    }
    double r = radius;
    Svg shape =
        switch (label / COLOURS % 4) {
          case 0 -> Svg.circle(x, y, r);
          case 1 -> Svg.rect(x - .89 * r, y - .89 * r, 1.78 * r, 1.78 * r);
          case 2 -> corners(x, y - 1.2 * r, x + 1.1 * r, y + .8 * r, x - 1.1 * r, y + .8 * r);
          default -> corners(x, y - 1.3 * r, x + 1.3 * r, y, x, y + 1.3 * r, x - 1.3 * r, y);
        };
    return shape.withClass("c c" + label % COLOURS);
  }

  private static Svg corners(double... xy) {
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < xy.length; i += 2) {
      d.append(i == 0 ? "M" : "L")
          .append(Svg.coordinate(xy[i]))
          .append(' ')
          .append(Svg.coordinate(xy[i + 1]));
    }
    return Svg.path(d.append('Z').toString());
  }
}
