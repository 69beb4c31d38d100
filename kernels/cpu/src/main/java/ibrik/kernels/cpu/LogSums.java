package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;

/// `ln sum e^x` of many rows whose elements arrive in pieces: per row the largest so far, and the
/// sum relative to it.
final class LogSums {
  private final float[] max;
  private final double[] sum;

  LogSums(int rows) {
    max = new float[rows];
    sum = new double[rows];
    java.util.Arrays.fill(max, Float.NEGATIVE_INFINITY);
  }

  /// Starts a row with one element.
  void start(int row, float x) {
    max[row] = x;
    sum[row] = 1;
  }

  /// Adds `factor` times each of `count` floats at byte `at`; `factor` is positive.
  void add(int row, MemorySegment x, long at, int count, float factor) {
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

  /// `ln sum e^x - reference`, without the digits that both have in common.
  float minus(int row, float reference) {
    return (float) (StrictMath.log(sum[row]) - ((double) reference - max[row]));
  }
}
