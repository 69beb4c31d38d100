package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;

/// `ln sum e^x` of many rows whose elements arrive in pieces: per row the largest so far, and the
/// sum relative to it. A row whose elements are known to lie close to 0 is summed relative to their
/// bound instead, and nobody looks for the largest.
final class LogSums {
  /// Bounds up to here leave sums that are far from the end of the floats.
  static final float NEAR = 20;

  private final float[] max;
  private final double[] sum;
  private final boolean[] bounded;

  LogSums(int rows) {
    max = new float[rows];
    sum = new double[rows];
    bounded = new boolean[rows];
    java.util.Arrays.fill(max, Float.NEGATIVE_INFINITY);
  }

  /// Starts a row whose elements lie within `-bound ... bound`. A bound that is too far, or NaN,
  /// changes nothing.
  void bound(int row, float bound) {
    if (bound <= NEAR) {
      max[row] = bound;
      bounded[row] = true;
    }
  }

  /// Adds one element to a row that has none.
  void start(int row, float x) {
    if (bounded[row]) {
      sum[row] = StrictMath.exp((double) x - max[row]);
    } else {
      max[row] = x;
      sum[row] = 1;
    }
  }

  /// What adds nothing to a row.
  float nothing(int row) {
    return bounded[row] ? max[row] - VectorMath.NORMAL : Float.NEGATIVE_INFINITY;
  }

  /// Adds `factor` times each of `count` floats at byte `at`; `factor` is positive.
  void add(int row, MemorySegment x, long at, int count, float factor) {
    if (bounded[row]) {
      sum[row] += RowKernels.normalExpSum(x, at, count, factor, max[row]);
      return;
    }
    float most = RowKernels.max(x, at, count) * factor;
    if (most == Float.NEGATIVE_INFINITY) {
      // No reference to subtract; what is left adds nothing or is NaN, which must get in.
      sum[row] += RowKernels.expSum(x, at, count, factor, 0);
      return;
    }
    if (!(most <= max[row])) { // so that a NaN stays
      sum[row] *= StrictMath.exp((double) max[row] - most);
      max[row] = most;
    }
    sum[row] += RowKernels.expSum(x, at, count, factor, max[row]);
  }

  /// `ln(e^x + sum of all others) - x`, with all digits where the others are small.
  float beside(int row, float x) {
    double ahead = (double) max[row] - x;
    return (float)
        (ahead > 0
            ? ahead + StrictMath.log(sum[row] + StrictMath.exp(-ahead))
            : StrictMath.log1p(sum[row] * StrictMath.exp(ahead)));
  }

  /// `ln sum e^x - reference`, without the digits that both have in common.
  float minus(int row, float reference) {
    return (float) (StrictMath.log(sum[row]) - ((double) reference - max[row]));
  }
}
