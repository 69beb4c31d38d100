package ibrik.ssl.augment;

/// Resizes a window of an image: separable, weights worked out once per row and column of the
/// result. Samples lie at the centres of pixels; weights beyond the window are left out and the
/// others sum to 1. Keeps its buffers: one per worker.
final class Resampler {
  private final Axis horizontal = new Axis();
  private final Axis vertical = new Axis();
  private float[] rows = new float[0];

  /// Where each output along one axis comes from: inputs `first[i] ... first[i]+count[i]-1` with
  /// `weights[i * widest ...]`.
  private static final class Axis {
    int[] first = new int[0];
    int[] count = new int[0];
    float[] weights = new float[0];
    int widest;
    private double[] raw = new double[0];

    /// Plans `out` outputs over `length` inputs.
    void plan(int length, int out, Filter filter) {
      double scale = (double) length / out;
      double stretch = Math.max(scale, 1); // wider where the image shrinks: no aliases
      double reach = filter.support() * stretch;
      widest = (int) Math.ceil(reach) * 2 + 1;
      if (first.length < out) {
        first = new int[out];
        count = new int[out];
      }
      if (weights.length < out * widest) {
        weights = new float[out * widest];
      }
      if (raw.length < widest) {
        raw = new double[widest];
      }
      for (int i = 0; i < out; i++) {
        double centre = (i + 0.5) * scale;
        int low = Math.max(0, (int) (centre - reach + 0.5));
        int high = Math.min(length, (int) (centre + reach + 0.5));
        double sum = 0;
        for (int k = low; k < high; k++) {
          raw[k - low] = filter.at((k + 0.5 - centre) / stretch);
          sum += raw[k - low];
        }
        for (int k = 0; k < high - low; k++) {
          weights[i * widest + k] = (float) (raw[k] / sum);
        }
        first[i] = low;
        count[i] = high - low;
      }
    }
  }

  /// Resizes the window of `in`, whose rows have `inWidth` pixels, to `outHeight x outWidth` in
  /// `out`. Values may leave [0, 1] with a bicubic filter.
  void resize(
      float[] in,
      int inWidth,
      int channels,
      Crop window,
      float[] out,
      int outHeight,
      int outWidth,
      Filter filter) {
    horizontal.plan(window.width(), outWidth, filter);
    vertical.plan(window.height(), outHeight, filter);
    int line = outWidth * channels;
    if (rows.length < window.height() * line) {
      rows = new float[window.height() * line];
    }
    for (int y = 0; y < window.height(); y++) {
      int from = ((window.top() + y) * inWidth + window.left()) * channels;
      if (channels == 3) {
        colourRow(in, from, y * line, outWidth);
      } else {
        greyRow(in, from, y * line, outWidth);
      }
    }
    for (int y = 0; y < outHeight; y++) {
      int from = vertical.first[y] * line;
      int at = y * vertical.widest;
      Lines.set(out, y * line, vertical.weights[at], rows, from, line);
      for (int k = 1; k < vertical.count[y]; k++) {
        Lines.add(out, y * line, vertical.weights[at + k], rows, from + k * line, line);
      }
    }
  }

  private void colourRow(float[] in, int from, int to, int outWidth) {
    for (int x = 0; x < outWidth; x++) {
      int source = from + 3 * horizontal.first[x];
      int at = x * horizontal.widest;
      float red = 0;
      float green = 0;
      float blue = 0;
      for (int k = 0; k < horizontal.count[x]; k++) {
        float weight = horizontal.weights[at + k];
        red += weight * in[source + 3 * k];
        green += weight * in[source + 3 * k + 1];
        blue += weight * in[source + 3 * k + 2];
      }
      rows[to + 3 * x] = red;
      rows[to + 3 * x + 1] = green;
      rows[to + 3 * x + 2] = blue;
    }
  }

  private void greyRow(float[] in, int from, int to, int outWidth) {
    for (int x = 0; x < outWidth; x++) {
      int source = from + horizontal.first[x];
      int at = x * horizontal.widest;
      float sum = 0;
      for (int k = 0; k < horizontal.count[x]; k++) {
        sum += horizontal.weights[at + k] * in[source + k];
      }
      rows[to + x] = sum;
    }
  }
}
