package ibrik.ssl.augment;

/// Separable Gaussian blur with `2 * floor((height / 10) / 2) + 1` taps (BYOL: 23 at 224 pixels, 3
/// at 32 and 28, 1 below 20), edge pixels repeated. Keeps its buffers: one per worker.
final class Blur {
  /// Deviation at which a tap beside the middle is 0 in any format.
  private static final double LEAST = 1e-3;

  private float[] padded = new float[0];
  private float[] rows = new float[0];

  /// Blurs in place with deviation `sigma` pixels.
  void apply(float[] image, int height, int width, int channels, double sigma) {
    int radius = height / 20;
    if (radius == 0) {
      return;
    }
    float[] taps = taps(radius, Math.max(sigma, LEAST));
    int line = width * channels;
    int margin = radius * channels;
    if (rows.length < height * line || padded.length < line + 2 * margin) {
      rows = new float[height * line];
      padded = new float[line + 2 * margin];
    }
    for (int y = 0; y < height; y++) {
      System.arraycopy(image, y * line, padded, margin, line);
      for (int i = 0; i < margin; i++) {
        padded[i] = padded[margin + i % channels];
        padded[margin + line + i] = padded[margin + line - channels + i % channels];
      }
      Lines.set(rows, y * line, taps[0], padded, 0, line);
      for (int k = 1; k < taps.length; k++) {
        Lines.add(rows, y * line, taps[k], padded, k * channels, line);
      }
    }
    for (int y = 0; y < height; y++) {
      Lines.set(image, y * line, taps[0], rows, Math.max(y - radius, 0) * line, line);
      for (int k = 1; k < taps.length; k++) {
        int from = Math.clamp(y - radius + k, 0, height - 1) * line;
        Lines.add(image, y * line, taps[k], rows, from, line);
      }
    }
  }

  /// `exp(-k^2 / 2 sigma^2)` for `k = -radius ... radius`, divided by their sum.
  static float[] taps(int radius, double sigma) {
    double[] weights = new double[2 * radius + 1];
    double sum = 0;
    for (int k = -radius; k <= radius; k++) {
      weights[k + radius] = StrictMath.exp(-k * k / (2 * sigma * sigma));
      sum += weights[k + radius];
    }
    float[] taps = new float[weights.length];
    for (int k = 0; k < taps.length; k++) {
      taps[k] = (float) (weights[k] / sum);
    }
    return taps;
  }
}
