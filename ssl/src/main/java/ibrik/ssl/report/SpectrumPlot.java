package ibrik.ssl.report;

import java.util.Arrays;
import java.util.Locale;

/// Eigenvalues by rank, both axes logarithmic, the largest set to 1.
final class SpectrumPlot {
  /// Smaller ones are rounding errors of f32 features.
  private static final double LEAST = 1e-8;

  private SpectrumPlot() {}

  /// Whether there are two eigenvalues to draw a line through.
  static boolean any(double[] spectrum) {
    return shares(spectrum).length > 1;
  }

  private static double[] shares(double[] spectrum) {
    if (spectrum.length == 0) {
      return spectrum;
    }
    return Arrays.stream(spectrum).map(v -> v / spectrum[0]).takeWhile(v -> v >= LEAST).toArray();
  }

  static Svg draw(double[] spectrum) {
    double[] shares = shares(spectrum);
    Plane plane =
        new Plane(
            new Axis(1, shares.length, 1, true),
            Axis.logarithmic(shares[shares.length - 1], 1),
            480,
            300);
    Svg picture =
        Svg.picture(480, 300, "Spectrum").with(plane.grid("rank", "eigenvalue / largest"));
    StringBuilder d = new StringBuilder();
    Svg group = Svg.group().withClass("line s0");
    for (int i = 0; i < shares.length; i++) {
      double x = plane.px(i + 1);
      double y = plane.py(shares[i]);
      d.append(i == 0 ? "M" : "L").append(Svg.coordinate(x)).append(' ').append(Svg.coordinate(y));
      if (i < 64) {
        group.with(
            Svg.circle(x, y, 5)
                .withClass("hint")
                .title(String.format(Locale.ROOT, "rank %d: %s", i + 1, Numbers.brief(shares[i]))));
      }
    }
    return picture.with(group.with(Svg.path(d.toString())));
  }
}
