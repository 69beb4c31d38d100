package ibrik.bench.peers;

import java.util.SplittableRandom;

/// Inputs that every side gets, and changes of layout.
final class Numbers {
  private Numbers() {}

  /// Uniform in `[-1, 1)`; the same for the same seed.
  static float[] uniform(long seed, long... dims) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] numbers = new float[Math.toIntExact(count(dims))];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (2 * random.nextDouble() - 1);
    }
    return numbers;
  }

  /// Rows of length 1.
  static float[] unitRows(long seed, int rows, int width) {
    float[] numbers = uniform(seed, rows, width);
    for (int i = 0; i < rows; i++) {
      double square = 0;
      for (int j = 0; j < width; j++) {
        square += (double) numbers[i * width + j] * numbers[i * width + j];
      }
      for (int j = 0; j < width; j++) {
        numbers[i * width + j] *= (float) (1 / Math.sqrt(square));
      }
    }
    return numbers;
  }

  static long count(long... dims) {
    long count = 1;
    for (long dim : dims) {
      count = Math.multiplyExact(count, dim);
    }
    return count;
  }

  /// `[n,h,w,c]` to `[n,c,h,w]`.
  static float[] channelsFirst(float[] x, int n, int h, int w, int c) {
    return swap(x, n, h * w, c);
  }

  /// `[n,c,h,w]` to `[n,h,w,c]`.
  static float[] channelsLast(float[] x, int n, int c, int h, int w) {
    return swap(x, n, c, h * w);
  }

  /// `[n,a,b]` to `[n,b,a]`.
  private static float[] swap(float[] x, int n, int a, int b) {
    float[] y = new float[x.length];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < a; j++) {
        for (int k = 0; k < b; k++) {
          y[(i * b + k) * a + j] = x[(i * a + j) * b + k];
        }
      }
    }
    return y;
  }

  /// One after the other.
  static float[] joined(float[]... parts) {
    int length = 0;
    for (float[] part : parts) {
      length += part.length;
    }
    float[] all = new float[length];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
