package ibrik.ssl.eval;

import java.util.Arrays;

/// Angles between predicted and true surface normals, in degrees, over pixels.
///
/// @param mean mean angle
/// @param median median angle
/// @param within11 share of angles below 11.25 degrees
/// @param within22 share below 22.5 degrees
/// @param within30 share below 30 degrees
public record NormalError(
    double mean, double median, double within11, double within22, double within30) {
  /// Of rows `[n, 3]`, each divided by its length here; rows of zeros in either are not valid and
  /// left out.
  ///
  /// @throws IllegalArgumentException if no row is valid
  public static NormalError of(double[] predicted, double[] truth) {
    if (predicted.length != truth.length || predicted.length % 3 != 0) {
      throw new IllegalArgumentException(
          "[normals] needs [n, 3] twice; got " + predicted.length + " and " + truth.length);
    }
    double[] angles = new double[truth.length / 3];
    int count = 0;
    for (int i = 0; i < truth.length; i += 3) {
      double[] a = Arrays.copyOfRange(predicted, i, i + 3);
      double[] b = Arrays.copyOfRange(truth, i, i + 3);
      double scale = Math.sqrt(Lbfgs.dot(a, a) * Lbfgs.dot(b, b));
      if (scale > 0) {
        angles[count++] = Math.toDegrees(Math.acos(Math.clamp(Lbfgs.dot(a, b) / scale, -1, 1)));
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException("[normals] needs at least one valid row; got none");
    }
    double[] sorted = Arrays.copyOf(angles, count);
    Arrays.sort(sorted);
    return new NormalError(
        Arrays.stream(sorted).average().orElseThrow(),
        (sorted[(count - 1) / 2] + sorted[count / 2]) / 2,
        below(sorted, 11.25),
        below(sorted, 22.5),
        below(sorted, 30));
  }

  private static double below(double[] angles, double bound) {
    return (double) Arrays.stream(angles).filter(a -> a < bound).count() / angles.length;
  }
}
