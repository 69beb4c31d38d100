package ibrik.ssl.augment;

import ibrik.ssl.data.Image;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import ibrik.tensor.random.PhiloxStream;

/// The views again, straight from the formulas in f64: two-dimensional sums, HSV by the book, one
/// pixel at a time. Shares nothing with the code under test but the order of the draws.
final class SlowViews {
  private SlowViews() {}

  static double[][][] apply(
      View view, Image image, int height, int width, PhiloxStream random, double mean, double std) {
    double[][][] in = new double[image.height()][image.width()][image.channels()];
    int at = 0;
    for (double[][] row : in) {
      for (double[] pixel : row) {
        for (int c = 0; c < pixel.length; c++) {
          pixel[c] = (image.pixels()[at++] & 0xFF) / 255.0;
        }
      }
    }
    double[][][] x = clip(crop(view, in, height, width, random));
    if (random.nextDouble() < view.flip()) {
      x = flip(x);
    }
    if (random.nextDouble() < view.jitter()) {
      x = jitter(view, x, random);
    }
    if (random.nextDouble() < view.gray()) {
      for (double[][] row : x) {
        for (double[] p : row) {
          java.util.Arrays.fill(p, grey(p));
        }
      }
    }
    if (random.nextDouble() < view.blur()) {
      double u = random.nextDouble();
      x = blur(x, (1 - u) * view.blurSigmaLow() + u * view.blurSigmaHigh());
    }
    boolean invert = random.nextDouble() < view.solarize();
    for (double[][] row : x) {
      for (double[] p : row) {
        for (int c = 0; c < p.length; c++) {
          double value = invert && p[c] >= 0.5 ? 1 - p[c] : p[c];
          p[c] = (Math.clamp(value, 0.0, 1.0) - mean) / std;
        }
      }
    }
    return x;
  }

  private static double[][][] crop(
      View view, double[][][] in, int height, int width, PhiloxStream random) {
    int h = in.length;
    int w = in[0].length;
    double u = random.nextDouble();
    double area = ((1 - u) * view.cropScaleLow() + u * view.cropScaleHigh()) * h * w;
    double v = random.nextDouble();
    double ratio = Math.pow(view.cropRatioLow(), 1 - v) * Math.pow(view.cropRatioHigh(), v);
    int ch = Math.min(h, Math.max(1, (int) Math.floor(Math.sqrt(area / ratio) + 0.5)));
    int cw = Math.min(w, Math.max(1, (int) Math.floor(Math.sqrt(area * ratio) + 0.5)));
    int top = random.nextInt(h - ch + 1);
    int left = random.nextInt(w - cw + 1);
    double[][][] out = new double[height][width][in[0][0].length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double sum = 0;
        double[] total = new double[out[y][x].length];
        for (int i = 0; i < ch; i++) {
          for (int j = 0; j < cw; j++) {
            double weight =
                weight(view.filter(), i, y, ch, height) * weight(view.filter(), j, x, cw, width);
            sum += weight;
            for (int c = 0; c < total.length; c++) {
              total[c] += weight * in[top + i][left + j][c];
            }
          }
        }
        for (int c = 0; c < total.length; c++) {
          out[y][x][c] = total[c] / sum;
        }
      }
    }
    return out;
  }

  /// Of input `i` of `from` for output `o` of `to`: the kernel at their distance, in pixels of the
  /// coarser of the two grids.
  private static double weight(Filter filter, int i, int o, int from, int to) {
    double scale = (double) from / to;
    double d = Math.abs(i + 0.5 - (o + 0.5) * scale) / Math.max(1, scale);
    if (filter == Filter.BILINEAR) {
      return Math.max(0, 1 - d);
    }
    if (d >= 2) {
      return 0;
    }
    return d <= 1 ? 1.5 * d * d * d - 2.5 * d * d + 1 : -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2;
  }

  private static double[][][] flip(double[][][] in) {
    double[][][] out = new double[in.length][in[0].length][];
    for (int y = 0; y < in.length; y++) {
      for (int x = 0; x < in[y].length; x++) {
        out[y][x] = in[y][in[y].length - 1 - x];
      }
    }
    return out;
  }

  private static double[][][] jitter(View view, double[][][] in, PhiloxStream random) {
    double b = view.brightness() * (2 * random.nextDouble() - 1);
    double c = 1 + view.contrast() * (2 * random.nextDouble() - 1);
    double s = 1 + view.saturation() * (2 * random.nextDouble() - 1);
    double h = view.hue() * (2 * random.nextDouble() - 1);
    boolean byol = view.style() == Jitter.BYOL;
    double[][][] x = in;
    for (int op : random.permutation(4)) {
      int channels = x[0][0].length;
      double[] means = new double[channels];
      double greyMean = 0;
      double pixels = x.length * x[0].length;
      for (double[][] row : x) {
        for (double[] p : row) {
          greyMean += grey(p) / pixels;
          for (int k = 0; k < channels; k++) {
            means[k] += p[k] / pixels;
          }
        }
      }
      for (double[][] row : x) {
        for (double[] p : row) {
          double grey = grey(p);
          if (op >= 2 && channels == 3 && (byol || op == 3)) {
            double[] hsv = hsv(p);
            double turned = op == 3 ? hsv[0] + h : hsv[0];
            double saturation = op == 2 ? Math.clamp(hsv[1] * s, 0.0, 1.0) : hsv[1];
            System.arraycopy(rgb(turned - Math.floor(turned), saturation, hsv[2]), 0, p, 0, 3);
          }
          for (int k = 0; k < channels; k++) {
            if (op == 0) {
              p[k] = byol ? p[k] + b : p[k] * (1 + b);
            } else if (op == 1) {
              double mean = byol ? means[k] : greyMean;
              p[k] = c * p[k] + (1 - c) * mean;
            } else if (op == 2 && channels == 3 && !byol) {
              p[k] = s * p[k] + (1 - s) * grey;
            }
          }
        }
      }
      x = clip(x);
    }
    return x;
  }

  static double[] hsv(double[] p) {
    double max = Math.max(p[0], Math.max(p[1], p[2]));
    double range = max - Math.min(p[0], Math.min(p[1], p[2]));
    double hue = 0;
    if (range > 0) {
      hue =
          max == p[0]
              ? (p[1] - p[2]) / range / 6
              : max == p[1]
                  ? (p[2] - p[0]) / range / 6 + 1.0 / 3
                  : (p[0] - p[1]) / range / 6 + 2.0 / 3;
    }
    return new double[] {hue - Math.floor(hue), max > 0 ? range / max : 0, max};
  }

  static double[] rgb(double h, double s, double v) {
    int sector = (int) Math.floor(6 * h) % 6;
    double f = 6 * h - Math.floor(6 * h);
    double p = v * (1 - s);
    double q = v * (1 - s * f);
    double t = v * (1 - s * (1 - f));
    return switch (sector) {
      case 0 -> new double[] {v, t, p};
      case 1 -> new double[] {q, v, p};
      case 2 -> new double[] {p, v, t};
      case 3 -> new double[] {p, q, v};
      case 4 -> new double[] {t, p, v};
      default -> new double[] {v, p, q};
    };
  }

  private static double grey(double[] p) {
    return p.length == 1 ? p[0] : 0.2989 * p[0] + 0.5870 * p[1] + 0.1140 * p[2];
  }

  private static double[][][] blur(double[][][] in, double sigma) {
    int radius = Math.floorDiv(Math.floorDiv(in.length, 10), 2);
    double[][][] out = new double[in.length][in[0].length][in[0][0].length];
    for (int y = 0; y < in.length; y++) {
      for (int x = 0; x < in[y].length; x++) {
        double sum = 0;
        for (int i = -radius; i <= radius; i++) {
          for (int j = -radius; j <= radius; j++) {
            double weight = Math.exp(-(i * i + j * j) / (2 * sigma * sigma));
            sum += weight;
            double[] from =
                in[Math.clamp(y + i, 0, in.length - 1)][Math.clamp(x + j, 0, in[y].length - 1)];
            for (int c = 0; c < from.length; c++) {
              out[y][x][c] += weight * from[c];
            }
          }
        }
        for (int c = 0; c < out[y][x].length; c++) {
          out[y][x][c] /= sum;
        }
      }
    }
    return out;
  }

  private static double[][][] clip(double[][][] x) {
    for (double[][] row : x) {
      for (double[] p : row) {
        for (int c = 0; c < p.length; c++) {
          p[c] = Math.clamp(p[c], 0.0, 1.0);
        }
      }
    }
    return x;
  }
}
