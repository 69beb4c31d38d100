package ibrik.nn.model;

import ibrik.tensor.Tensor;

/// Position embeddings on a grid of patches: the fixed one of sines and cosines, and the move of a
/// learnt one to a grid of another size.
final class Grid {
  /// Longest wavelength, in patches over 2 pi.
  private static final double TEMPERATURE = 10_000;

  /// Sharpness of the cubic kernel; -0.75 is the choice of common image libraries.
  private static final double CUBIC = -0.75;

  private Grid() {}

  /// Row by row, for each patch `sin(w o), cos(w o), sin(h o), cos(h o)` with column w, row h and
  /// the `width / 4` frequencies `o_i = 10000^(-4 i / width)`: `[height * columns, width]`.
  ///
  /// **Source** Chen et al. 2021, arXiv:2104.02057, section 3, as released.
  static double[] sines(int height, int columns, int width) {
    int quarter = width / 4;
    double[] values = new double[height * columns * width];
    for (int h = 0; h < height; h++) {
      for (int w = 0; w < columns; w++) {
        int at = (h * columns + w) * width;
        for (int i = 0; i < quarter; i++) {
          double frequency = Math.pow(TEMPERATURE, -(double) i / quarter);
          values[at + i] = Math.sin(w * frequency);
          values[at + quarter + i] = Math.cos(w * frequency);
          values[at + 2 * quarter + i] = Math.sin(h * frequency);
          values[at + 3 * quarter + i] = Math.cos(h * frequency);
        }
      }
    }
    return values;
  }

  /// The matrix that takes a grid of `from x from` patches to one of `height x width` by bicubic
  /// interpolation: `[height * width, from * from]`, f64.
  static Tensor resize(int from, int height, int width) {
    double[][] down = weights(from, height);
    double[][] across = weights(from, width);
    double[] matrix = new double[height * width * from * from];
    int at = 0;
    for (int h = 0; h < height; h++) {
      for (int w = 0; w < width; w++) {
        for (int i = 0; i < from; i++) {
          for (int j = 0; j < from; j++) {
            matrix[at++] = down[h][i] * across[w][j];
          }
        }
      }
    }
    return Tensor.of(matrix, (long) height * width, (long) from * from);
  }

  /// What each of `from` places adds to each of `to`: pixel centres at 1/2, the edge repeated.
  private static double[][] weights(int from, int to) {
    double[][] weights = new double[to][from];
    for (int i = 0; i < to; i++) {
      double centre = (i + 0.5) * from / to - 0.5;
      int first = (int) Math.floor(centre) - 1;
      for (int tap = first; tap < first + 4; tap++) {
        weights[i][Math.clamp(tap, 0, from - 1)] += kernel(Math.abs(centre - tap));
      }
    }
    return weights;
  }

  /// The cubic convolution kernel (Keys 1981) at a distance below 2.
  private static double kernel(double x) {
    return x <= 1
        ? ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1
        : CUBIC * (((x - 5) * x + 8) * x - 4);
  }
}
