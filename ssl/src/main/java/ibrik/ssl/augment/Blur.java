package ibrik.ssl.augment;

/// Separable Gaussian blur with `2 * floor((height / 10) / 2) + 1` taps (BYOL: 23 at 224 pixels, 3
/// at 32), edges repeated. Keeps its buffers: one per worker.
final class Blur {
  private float[] rows = new float[0];

  void apply(float[] image, int height, int width, int channels, double sigma) {
    int radius = height / 10 / 2;
    if (radius == 0) {
      return;
    }
    float[] taps = new float[2 * radius + 1];
    double sum = 0;
    for (int k = -radius; k <= radius; k++) {
      double weight = StrictMath.exp(-k * k / (2 * sigma * sigma));
      taps[k + radius] = (float) weight;
      sum += weight;
    }
    for (int k = 0; k < taps.length; k++) {
      taps[k] /= (float) sum;
    }
    int size = height * width * channels;
    if (rows.length < size) {
      rows = new float[size];
    }
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          float total = 0;
          for (int k = -radius; k <= radius; k++) {
            int at = Math.clamp(x + k, 0, width - 1);
            total += taps[k + radius] * image[(y * width + at) * channels + c];
          }
          rows[(y * width + x) * channels + c] = total;
        }
      }
    }
    int line = width * channels;
    for (int y = 0; y < height; y++) {
      for (int i = 0; i < line; i++) {
        float total = 0;
        for (int k = -radius; k <= radius; k++) {
          total += taps[k + radius] * rows[Math.clamp(y + k, 0, height - 1) * line + i];
        }
        image[y * line + i] = total;
      }
    }
  }
}
