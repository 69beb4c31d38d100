package ibrik.spec;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;

/// Says whether two tensors agree: `|got - want| <= c eps sqrt(depth) max|want|`, written so that a
/// NaN on one side alone fails. Equal infinities and NaN on both sides agree.
public final class Comparer {
  private static final double C = 8;

  private Comparer() {}

  /// Throws an [AssertionError] with the worst element unless the tensors agree.
  public static void check(String what, Tensor got, Tensor want, OpSpec spec) {
    if (!got.spec().equals(want.spec())) {
      throw new AssertionError(what + ": got " + got.spec() + ", want " + want.spec());
    }
    double[] g = got.toDoubles();
    double[] w = want.toDoubles();
    double tolerance = tolerance(w, want.dtype(), spec.depth()) * spec.loose();
    int worst = worst(g, w, tolerance);
    if (worst >= 0) {
      double difference = Math.abs(g[worst] - w[worst]);
      throw new AssertionError(
          what
              + ": element "
              + worst
              + " got "
              + g[worst]
              + ", want "
              + w[worst]
              + ", difference "
              + difference
              + ", relative "
              + difference / Math.abs(w[worst])
              + ", allowed "
              + tolerance
              + "; "
              + spec);
    }
  }

  /// The absolute difference allowed against `want`.
  public static double tolerance(double[] want, DType dtype, long depth) {
    double most = 0;
    for (double value : want) {
      most = Double.isFinite(value) ? Math.max(most, Math.abs(value)) : most;
    }
    double eps =
        switch (dtype) {
          case F32 -> Math.ulp(1f);
          case F64 -> Math.ulp(1.0);
          default -> 0;
        };
    return C * eps * Math.sqrt(depth) * most;
  }

  /// The element that fails by most, or -1 if all agree.
  public static int worst(double[] got, double[] want, double tolerance) {
    int worst = -1;
    double most = -1;
    for (int i = 0; i < want.length; i++) {
      boolean same = got[i] == want[i] || (Double.isNaN(got[i]) && Double.isNaN(want[i]));
      double difference = Math.abs(got[i] - want[i]);
      if (!same && !(difference <= tolerance)) {
        double size = Double.isFinite(difference) ? difference : Double.MAX_VALUE;
        if (size > most) {
          most = size;
          worst = i;
        }
      }
    }
    return worst;
  }
}
