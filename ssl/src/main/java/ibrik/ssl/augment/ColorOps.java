package ibrik.ssl.augment;

import ibrik.tensor.random.PhiloxStream;

/// Colour jitter, grayscale and solarisation on images of floats in [0, 1], channels last, in
/// place. A change of strength 0 changes no bit. Saturation and hue leave grey images as they are;
/// their numbers are drawn all the same.
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
    boolean colour = channels == 3;
    for (int op : random.permutation(4)) {
      if (op == 0 && byol) {
        affine(image, size, 1, brightness);
      } else if (op == 0) {
        affine(image, size, 1 + brightness, 0);
      } else if (op == 1 && byol) {
        contrastAroundMeans(image, size, channels, contrast);
      } else if (op == 1) {
        contrastAroundGrey(image, size, channels, contrast);
      } else if (op == 2 && colour && byol) {
        saturate(image, size, saturation);
      } else if (op == 2 && colour) {
        mixWithGrey(image, size, saturation);
      } else if (op == 3 && colour) {
        turnHue(image, size, hue);
      }
      clip(image, size);
    }
  }

  /// Uniform in `±strength`.
  private static float between(PhiloxStream random, double strength) {
    return (float) (strength * (2 * random.nextDouble() - 1));
  }

  /// To [0, 1].
  static void clip(float[] image, int size) {
    for (int i = 0; i < size; i++) {
      image[i] = Math.min(Math.max(image[i], 0f), 1f);
    }
  }

  /// `x * factor + term`.
  static void affine(float[] image, int size, float factor, float term) {
    for (int i = 0; i < size; i++) {
      image[i] = image[i] * factor + term;
    }
  }

  /// `(x - mean) * factor + mean`, each channel around its own mean.
  static void contrastAroundMeans(float[] image, int size, int channels, float factor) {
    if (factor == 1) {
      return;
    }
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

  /// The weighted grey value.
  static float grey(float red, float green, float blue) {
    return RED * red + GREEN * green + BLUE * blue;
  }

  private static float grey(float[] image, int pixel) {
    return grey(image[pixel], image[pixel + 1], image[pixel + 2]);
  }

  /// `x * factor + mean * (1 - factor)` with the mean of the grey image.
  static void contrastAroundGrey(float[] image, int size, int channels, float factor) {
    double sum = 0;
    for (int i = 0; i < size; i += channels) {
      sum += channels == 3 ? grey(image, i) : image[i];
    }
    float mean = (float) (sum * channels / size);
    affine(image, size, factor, mean * (1 - factor));
  }

  /// `x * factor + grey * (1 - factor)`.
  static void mixWithGrey(float[] image, int size, float factor) {
    float rest = 1 - factor;
    for (int i = 0; i < size; i += 3) {
      float grey = grey(image, i) * rest;
      image[i] = image[i] * factor + grey;
      image[i + 1] = image[i + 1] * factor + grey;
      image[i + 2] = image[i + 2] * factor + grey;
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

  /// Multiplies the saturation of HSV, at most to 1. Hue and value stay, so no hue is needed: how
  /// far a channel lies below the value is proportional to the saturation.
  static void saturate(float[] image, int size, float factor) {
    if (factor == 1) {
      return;
    }
    for (int i = 0; i < size; i += 3) {
      float r = image[i];
      float g = image[i + 1];
      float b = image[i + 2];
      float value = Math.max(r, Math.max(g, b));
      float chroma = value - Math.min(r, Math.min(g, b));
      float ratio = factor * chroma <= value ? factor : value / chroma;
      image[i] = value - (value - r) * ratio;
      image[i + 1] = value - (value - g) * ratio;
      image[i + 2] = value - (value - b) * ratio;
    }
  }

  /// Turns the hue of HSV by `turns`, in [-0.5, 0.5].
  static void turnHue(float[] image, int size, float turns) {
    if (turns == 0) {
      return;
    }
    float shift = 6 * turns;
    for (int i = 0; i < size; i += 3) {
      float r = image[i];
      float g = image[i + 1];
      float b = image[i + 2];
      float value = Math.max(r, Math.max(g, b));
      float chroma = value - Math.min(r, Math.min(g, b));
      if (chroma > 0) { // grey has no hue
        float hue; // in sixths: red 0, green 2, blue 4
        if (value == r) {
          hue = (g - b) / chroma;
        } else if (value == g) {
          hue = (b - r) / chroma + 2;
        } else {
          hue = (r - g) / chroma + 4;
        }
        float turned = hue + shift + 6; // in [2, 14]
        image[i] = value - chroma * below(turned + 5);
        image[i + 1] = value - chroma * below(turned + 3);
        image[i + 2] = value - chroma * below(turned + 1);
      }
    }
  }

  /// How far a channel lies below the value, as a share of the chroma: `max(0, min(k, 4 - k, 1))`
  /// with `k = x mod 6`, x in [0, 24).
  private static float below(float x) {
    float k = x - 6 * (int) (x * (1f / 6));
    return Math.max(0f, Math.min(Math.min(k, 4 - k), 1f));
  }
}
