package ibrik.ssl.report;

import ibrik.ssl.eval.Calibration;
import java.util.Locale;

/// Accuracy over confidence: a calibrated classifier lies on the diagonal.
final class ReliabilityPlot {
  private static final double MOST_RADIUS = 9;

  private ReliabilityPlot() {}

  static Svg draw(Calibration calibration) {
    Plane plane = new Plane(new Axis(0, 100, 20, false), new Axis(0, 100, 20, false), 480, 300);
    Svg picture =
        Svg.picture(480, 300, "Reliability diagram")
            .with(plane.grid("confidence, %", "accuracy, %"));
    picture.with(
        Svg.line(plane.px(0), plane.py(0), plane.px(100), plane.py(100)).withClass("level d0"));
    int largest = calibration.bins().stream().mapToInt(Calibration.Bin::count).max().orElse(1);
    Svg marks = Svg.group().withClass("line s0");
    for (Calibration.Bin bin : calibration.bins()) {
      if (bin.count() > 0) {
        double x = plane.px(100 * bin.confidence());
        double y = plane.py(100 * bin.accuracy());
        marks.with(Svg.line(x, y, x, plane.py(100 * bin.confidence())).withClass("gap"));
        marks.with(
            Svg.circle(x, y, Math.max(2, MOST_RADIUS * Math.sqrt((double) bin.count() / largest)))
                .withClass("bin")
                .title(
                    String.format(
                        Locale.ROOT,
                        "%,d images: confidence %.1f %%, accuracy %.1f %%",
                        bin.count(),
                        100 * bin.confidence(),
                        100 * bin.accuracy())));
      }
    }
    return picture.with(marks);
  }
}
