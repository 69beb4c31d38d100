package ibrik.ssl.augment;

/// Resizes a window of an image: separable, weights worked out once per row and column of the
/// result. Keeps its buffers: one per worker.
final class Resampler {
  private float[] rows = new float[0];
  private final Axis horizontal = new Axis();
  private final Axis vertical = new Axis();

  /// Where each output along one axis comes from.
  private static final class Axis {
    int[] first = new int[0];
    int[] count = new int[0];
    float[] weights = new float[0];
    int widest;

    /// Weights for `out` outputs over inputs `start ... start+length-1`.
    void plan(int start, int length, int out, Filter filter) {
      double scale = (double) length / out;
      double stretch = Math.max(scale, 1);
      double reach = filter.support() * stretch;
      widest = (int) Math.ceil(reach) * 2 + 1;
      if (first.length < out) {
        first = new int[out];
        count = new int[out];
      }
      if (weights.length < out * widest) {
        weights = new float[out * widest];
      }
      for (int i = 0; i < out; i++) {
        double centre = (i + 0.5) * scale;
        int low = Math.max(0, (int) (centre - reach + 0.5));
        int high = Math.min(length, (int) (centre + reach + 0.5));
        double sum = 0;
        for (int k = low; k < high; k++) {
          sum += filter.at((k + 0.5 - centre) / stretch);
        }
        for (int k = low; k < high; k++) {
          weights[i * widest + k - low] = (float) (filter.at((k + 0.5 - centre) / stretch) / sum);
        }
        first[i] = start + low;
        count[i] = high - low;
      }
    }
  }

  /// Resizes window (top, left, height, width) of `in` (rows of `inWidth` pixels) to `outHeight x
  /// outWidth` in `out`. Values may leave [0, 1] with a bicubic filter.
  void resize(
      float[] in,
      int inWidth,
      int channels,
      int top,
      int left,
      int height,
      int width,
      float[] out,
      int outHeight,
      int outWidth,
      Filter filter) {
    horizontal.plan(left, width, outWidth, filter);
    vertical.plan(top, height, outHeight, filter);
    if (rows.length < height * outWidth * channels) {
      rows = new float[height * outWidth * channels];
    }
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < outWidth; x++) {
        int source = ((top + y) * inWidth + horizontal.first[x]) * channels;
        for (int c = 0; c < channels; c++) {
          float sum = 0;
          for (int k = 0; k < horizontal.count[x]; k++) {
            sum += horizontal.weights[x * horizontal.widest + k] * in[source + k * channels + c];
          }
          rows[(y * outWidth + x) * channels + c] = sum;
        }
      }
    }
    int line = outWidth * channels;
    for (int y = 0; y < outHeight; y++) {
      int source = (vertical.first[y] - top) * line;
      for (int i = 0; i < line; i++) {
        float sum = 0;
        for (int k = 0; k < vertical.count[y]; k++) {
          sum += vertical.weights[y * vertical.widest + k] * rows[source + k * line + i];
        }
        out[y * line + i] = sum;
      }
    }
  }
}
