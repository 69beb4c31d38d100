package ibrik.ssl.report;

import ibrik.ssl.report.Findings.EmbeddingMap;
import j2html.tags.DomContent;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/// Test images in the plane, coloured by class. Both directions have one scale, and no unit.
final class MapPlot {
  /// More marks would make pages slow: of larger maps every second, third, ... is drawn.
  static final int MOST_MARKS = 5000;

  /// Longer legends would be larger than the map.
  private static final int MOST_NAMES = Marks.DISTINCT;

  private static final double WIDTH = 720;
  private static final double LEAST_HEIGHT = 320;
  private static final double MOST_HEIGHT = 560;
  private static final double MARGIN = 8;

  private final Findings findings;
  private final EmbeddingMap map;
  private final int stride;

  MapPlot(Findings findings, EmbeddingMap map) {
    this.findings = findings;
    this.map = map;
    this.stride = Math.max(1, Math.ceilDiv(map.x().length, MOST_MARKS));
  }

  /// Whether there is a place to draw at.
  static boolean any(EmbeddingMap map) {
    for (int i = 0; i < map.x().length; i++) {
      if (finite(map, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean finite(EmbeddingMap map, int i) {
    return Double.isFinite(map.x()[i]) && Double.isFinite(map.y()[i]);
  }

  Svg draw() {
    Extent x = Extent.of(map.x());
    Extent y = Extent.of(map.y());
    double height =
        Math.clamp(
            (WIDTH - 2 * MARGIN) * y.size() / x.size() + 2 * MARGIN, LEAST_HEIGHT, MOST_HEIGHT);
    double scale = Math.min((WIDTH - 2 * MARGIN) / x.size(), (height - 2 * MARGIN) / y.size());
    Svg picture = Svg.picture(WIDTH, height, map.kind() + " of test images").withClass("map");
    for (int i = 0; i < map.x().length; i += stride) {
      if (finite(map, i)) {
        int label = map.label()[i];
        picture.with(
            Marks.of(
                    label,
                    WIDTH / 2 + (map.x()[i] - x.middle()) * scale,
                    height / 2 - (map.y()[i] - y.middle()) * scale,
                    2.6)
                .title(findings.className(label) + ", test image " + map.index()[i]));
      }
    }
    return picture;
  }

  DomContent legend() {
    Set<Integer> labels = new TreeSet<>();
    Arrays.stream(map.label()).forEach(labels::add);
    Legend legend = new Legend();
    if (labels.size() <= MOST_NAMES) {
      labels.forEach(label -> legend.mark(label, findings.className(label)));
    }
    return legend.html();
  }

  String reading() {
    String text =
        "Each mark is a test image, placed by "
            + map.kind()
            + " so that images with like features lie close together; its colour is the class,"
            + " which the method never saw unless it is supervised. Groups of one colour mean that"
            + " features know the class. Distances between groups and the directions of the map"
            + " mean little.";
    return stride == 1
        ? text
        : text
            + " Of "
            + Numbers.count(map.x().length)
            + " images, one in "
            + Numbers.count(stride)
            + " is shown.";
  }

  /// From the smallest to the largest finite number.
  private record Extent(double low, double high) {
    static Extent of(double[] values) {
      double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
      return new Extent(
          Arrays.stream(finite).min().orElse(0), Arrays.stream(finite).max().orElse(0));
    }

    double middle() {
      return low + (high - low) / 2;
    }

    double size() {
      return high > low ? high - low : 1;
    }
  }
}
