package ibrik.ssl.augment;

import ibrik.tensor.random.PhiloxStream;

/// Colour jitter, grayscale and solarisation on images of floats in [0, 1], channels last, in
/// place. Saturation and hue leave grey images as they are; their numbers are drawn all the same.
final class ColorOps {
  private static final float RED = 0.2989f;
  private static final float GREEN = 0.5870f;
  private static final float BLUE = 0.1140f;

  private ColorOps() {}

  /// Brightness, contrast, saturation and hue in a random order, clipped to [0, 1] after each.
  static void jitter(float[] image, int size, int channels, View view, PhiloxStream random) {
    float brightness = between(random, view.brightness());
    float contrast = 1 + between(random, view.contrast());
    float saturation = 1 + between(random, view.saturation());
    float hue = between(random, view.hue());
    boolean byol = view.style() == View.JitterStyle.BYOL;
    for (int op : random.permutation(4)) {
      switch (op) {
        case 0 -> {
          if (byol) {
            affine(image, size, 1, brightness);
          } else {
            affine(image, size, 1 + brightness, 0);
          }
        }
        case 1 -> {
          if (byol) {
            contrastPerChannel(image, size, channels, contrast);
          } else {
            contrastAroundGrey(image, size, channels, contrast);
          }
        }
        case 2 -> {
          if (channels == 3 && byol) {
            hsv(image, size, 0, saturation);
          } else if (channels == 3) {
            mixWithGrey(image, size, saturation);
          }
        }
        default -> {
          if (channels == 3) {
            hsv(image, size, hue, 1);
          }
        }
      }
      clip(image, size);
    }
  }

  private static float between(PhiloxStream random, double strength) {
    return (float) (strength * (2 * random.nextDouble() - 1));
  }

  static void clip(float[] image, int size) {
    for (int i = 0; i < size; i++) {
      image[i] = Math.min(Math.max(image[i], 0f), 1f);
    }
  }

  private static void affine(float[] image, int size, float factor, float term) {
    for (int i = 0; i < size; i++) {
      image[i] = image[i] * factor + term;
    }
  }

  private static void contrastPerChannel(float[] image, int size, int channels, float factor) {
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      for (int i = c; i < size; i += channels) {
        sum += image[i];
      }
      float mean = (float) (sum * channels / size);
      for (int i = c; i < size; i += channels) {
        image[i] = (image[i] - mean) * factor + mean;
      }
    }
  }

  private static float grey(float[] image, int pixel) {
    return RED * image[pixel] + GREEN * image[pixel + 1] + BLUE * image[pixel + 2];
  }

  private static void contrastAroundGrey(float[] image, int size, int channels, float factor) {
    double sum = 0;
    for (int i = 0; i < size; i += channels) {
      sum += channels == 3 ? grey(image, i) : image[i];
    }
    float mean = (float) (sum * channels / size);
    affine(image, size, factor, mean * (1 - factor));
  }

  private static void mixWithGrey(float[] image, int size, float factor) {
    for (int i = 0; i < size; i += 3) {
      float grey = grey(image, i);
      for (int c = 0; c < 3; c++) {
        image[i + c] = image[i + c] * factor + grey * (1 - factor);
      }
    }
  }

  /// All channels become the weighted grey value.
  static void grayscale(float[] image, int size, int channels) {
    if (channels == 1) {
      return;
    }
    for (int i = 0; i < size; i += 3) {
      float grey = grey(image, i);
      image[i] = grey;
      image[i + 1] = grey;
      image[i + 2] = grey;
    }
  }

  /// `x < 0.5 ? x : 1 - x`.
  static void solarize(float[] image, int size) {
    for (int i = 0; i < size; i++) {
      image[i] = image[i] < 0.5f ? image[i] : 1 - image[i];
    }
  }

  /// Turns the hue by `shift` turns and multiplies the saturation, by way of HSV.
  private static void hsv(float[] image, int size, float shift, float saturation) {
    for (int i = 0; i < size; i += 3) {
      float r = image[i];
      float g = image[i + 1];
      float b = image[i + 2];
      float value = Math.max(r, Math.max(g, b));
      float chroma = value - Math.min(r, Math.min(g, b));
      float hue = 0;
      if (chroma > 0) {
        if (value == r) {
          hue = (g - b) / chroma;
        } else if (value == g) {
          hue = (b - r) / chroma + 2;
        } else {
          hue = (r - g) / chroma + 4;
        }
      }
      float s = value > 0 ? Math.min(1f, chroma / value * saturation) : 0;
      float turned = hue / 6 + shift;
      float sector = (turned - (float) Math.floor(turned)) * 6;
      float c = value * s;
      image[i] = value - c * edge(sector + 5);
      image[i + 1] = value - c * edge(sector + 3);
      image[i + 2] = value - c * edge(sector + 1);
    }
  }

  /// `max(0, min(k, 4 - k, 1))` with `k = x mod 6`: how far a channel lies below the value.
  private static float edge(float x) {
    float k = x >= 6 ? x - 6 : x;
    return Math.max(0, Math.min(Math.min(k, 4 - k), 1));
  }
}
