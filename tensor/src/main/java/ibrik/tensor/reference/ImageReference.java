package ibrik.tensor.reference;

import ibrik.tensor.DType;
import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.ImageOp.Augment;
import ibrik.tensor.op.ImageOp.Jitter;
import ibrik.tensor.op.ViewParameters;
import java.util.List;

/// Scalar meaning of [ImageOp]: one step after the other over a whole view in f64.
final class ImageReference {
  private ImageReference() {}

  static Kernel kernel(ImageOp op) {
    return switch (op) {
      case Augment augment ->
          (in, out) -> {
            for (long n = 0; n < out.getFirst().dim(0); n++) {
              View view = new View(augment, in, n);
              view.make();
              view.write(out.getFirst(), n);
            }
          };
    };
  }

  /// One view as it comes to be: values `[height, width, channels]`.
  private static final class View {
    private final Augment op;
    private final List<Tensor> in;
    private final long n;
    private final ViewParameters drawn;
    private final int channels;
    private double[] x;

    View(Augment op, List<Tensor> in, long n) {
      this.op = op;
      this.in = in;
      this.n = n;
      this.drawn = ViewParameters.read(in.get(1).data(), n);
      this.channels = op.channels();
      this.x = new double[op.height() * op.width() * channels];
    }

    void make() {
      resize();
      clip();
      if (drawn.flip()) {
        flip();
      }
      for (int i = 0; i < drawn.changes(); i++) {
        change(drawn.change(i));
        clip();
      }
      if (drawn.gray()) {
        mixWithGrey(0);
      }
      if (drawn.sigma() >= 0) {
        blur(Math.max(drawn.sigma(), Augment.LEAST_SIGMA));
      }
      for (int i = 0; i < x.length; i++) {
        x[i] = x[i] < drawn.threshold() ? x[i] : 1 - x[i];
      }
      clip();
    }

    void write(Tensor out, long view) {
      for (int i = 0; i < x.length; i++) {
        int c = i % channels;
        double value = (x[i] - op.mean().get(c)) / op.std().get(c);
        Elements.set(out.data(), out.dtype(), view * x.length + i, value);
      }
    }

    /// Channel `c` of a pixel of the image.
    private double pixel(int row, int column, int c) {
      Tensor images = in.getFirst();
      if (row < 0 || row >= images.dim(1) || column < 0 || column >= images.dim(2)) {
        return 0;
      }
      long at = (n * images.dim(1) + row) * images.dim(2) + column;
      if (in.size() == 3 && Elements.get(in.get(2).data(), DType.BOOL, at) == 0) {
        return Augment.BACKGROUND;
      }
      int depth = (int) images.dim(3);
      if (depth == 3 && channels == 1) {
        return grey(value(3 * at), value(3 * at + 1), value(3 * at + 2));
      }
      return value(depth * at + (depth == 1 ? 0 : c));
    }

    private double value(long index) {
      return Elements.get(in.getFirst().data(), DType.U8, index) / 255;
    }

    private static double grey(double red, double green, double blue) {
      return Augment.RED * red + Augment.GREEN * green + Augment.BLUE * blue;
    }

    /// Along columns, then along rows.
    private void resize() {
      Axis across = axis(drawn.width(), op.width());
      Axis down = axis(drawn.height(), op.height());
      double[] narrow = new double[drawn.height() * op.width() * channels];
      for (int i = 0; i < narrow.length; i++) {
        int column = i / channels % op.width();
        int row = drawn.top() + i / channels / op.width();
        double[] weights = across.weights[column];
        for (int k = 0; k < weights.length; k++) {
          int from = drawn.left() + across.first[column] + k;
          narrow[i] += weights[k] * pixel(row, from, i % channels);
        }
      }
      int line = op.width() * channels;
      for (int i = 0; i < x.length; i++) {
        double[] weights = down.weights[i / line];
        for (int k = 0; k < weights.length; k++) {
          x[i] += weights[k] * narrow[(down.first[i / line] + k) * line + i % line];
        }
      }
    }

    /// Output `i` comes from the inputs `first[i]`, `first[i] + 1`, ... with `weights[i]`.
    @SuppressWarnings("ArrayRecordComponent")
    private record Axis(int[] first, double[][] weights) {}

    private Axis axis(int inputs, int outputs) {
      double scale = (double) inputs / outputs;
      double stretch = Math.max(scale, 1);
      Axis axis = new Axis(new int[outputs], new double[outputs][]);
      for (int i = 0; i < outputs; i++) {
        double centre = (i + 0.5) * scale;
        double reach = op.filter().support() * stretch;
        int first = (int) Math.max(0, Math.floor(centre - reach));
        int last = (int) Math.min(inputs - 1, Math.ceil(centre + reach));
        double[] weights = new double[last - first + 1];
        double sum = 0;
        for (int k = first; k <= last; k++) {
          weights[k - first] = op.filter().at((k + 0.5 - centre) / stretch);
          sum += weights[k - first];
        }
        for (int k = 0; k < weights.length; k++) {
          weights[k] /= sum;
        }
        axis.first[i] = first;
        axis.weights[i] = weights;
      }
      return axis;
    }

    private void clip() {
      for (int i = 0; i < x.length; i++) {
        x[i] = Math.clamp(x[i], 0.0, 1.0);
      }
    }

    private void flip() {
      double[] mirrored = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        int column = i / channels % op.width();
        mirrored[i] = x[i + (op.width() - 1 - 2 * column) * channels];
      }
      x = mirrored;
    }

    private void change(int which) {
      boolean byol = op.jitter() == Jitter.BYOL;
      switch (which) {
        case 0 -> brightness(byol ? 1 : drawn.brightness(), byol ? drawn.brightness() : 0);
        case 1 -> contrast(byol);
        case 2 -> {
          if (byol) {
            hsv(drawn.saturation(), 0);
          } else {
            mixWithGrey(drawn.saturation());
          }
        }
        default -> hsv(1, drawn.hue());
      }
    }

    private void brightness(double factor, double term) {
      for (int i = 0; i < x.length; i++) {
        x[i] = x[i] * factor + term;
      }
    }

    private void contrast(boolean byol) {
      double[] means = new double[channels];
      for (int i = 0; i < x.length; i++) {
        means[i % channels] += x[i] * channels / x.length;
      }
      double grey = channels == 3 ? grey(means[0], means[1], means[2]) : means[0];
      for (int i = 0; i < x.length; i++) {
        double mean = byol ? means[i % channels] : grey;
        x[i] = (x[i] - mean) * drawn.contrast() + mean;
      }
    }

    private void mixWithGrey(double share) {
      for (int i = 0; channels == 3 && i < x.length; i += 3) {
        double grey = grey(x[i], x[i + 1], x[i + 2]);
        for (int c = 0; c < 3; c++) {
          x[i + c] = x[i + c] * share + grey * (1 - share);
        }
      }
    }

    /// Saturation of HSV times `factor`, hue turned by `turns`. With hue h in sixths a channel lies
    /// `value * saturation * clamp(min(k, 4 - k), 0, 1)` below the value, `k = (h + 5, 3, 1) mod
    /// 6`.
    private void hsv(double factor, double turns) {
      for (int i = 0; channels == 3 && i < x.length; i += 3) {
        double red = x[i];
        double green = x[i + 1];
        double blue = x[i + 2];
        double value = Math.max(red, Math.max(green, blue));
        double chroma = value - Math.min(red, Math.min(green, blue));
        if (chroma == 0) {
          continue;
        }
        double hue =
            value == red
                ? (green - blue) / chroma
                : value == green ? (blue - red) / chroma + 2 : (red - green) / chroma + 4;
        double below = value * Math.min(chroma / value * factor, 1);
        for (int c = 0; c < 3; c++) {
          double k = hue + 6 * turns + 5 - 2 * c;
          k -= 6 * Math.floor(k / 6);
          x[i + c] = value - below * Math.clamp(Math.min(k, 4 - k), 0.0, 1.0);
        }
      }
    }

    private void blur(double sigma) {
      int radius = op.radius();
      double[] taps = new double[2 * radius + 1];
      double sum = 0;
      for (int k = -radius; k <= radius; k++) {
        taps[k + radius] = Math.exp(-k * k / (2 * sigma * sigma));
        sum += taps[k + radius];
      }
      double[] across = new double[x.length];
      double[] both = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        int column = i / channels % op.width();
        for (int k = -radius; k <= radius; k++) {
          int from = Math.clamp(column + k, 0, op.width() - 1);
          across[i] += taps[k + radius] / sum * x[i + (from - column) * channels];
        }
      }
      int line = op.width() * channels;
      for (int i = 0; i < x.length; i++) {
        for (int k = -radius; k <= radius; k++) {
          int from = Math.clamp(i / line + k, 0, op.height() - 1);
          both[i] += taps[k + radius] / sum * across[from * line + i % line];
        }
      }
      x = both;
    }
  }
}
