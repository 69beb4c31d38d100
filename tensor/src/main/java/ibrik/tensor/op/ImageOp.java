package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// From bytes of images to what a network sees. Inputs are whole numbers, so there are no
/// gradients.
public sealed interface ImageOp extends Op {
  /// Interpolation. Both kernels are stretched where an image shrinks, so that nothing is left that
  /// the result cannot show.
  enum Filter {
    /// Triangle, support 1.
    BILINEAR(1) {
      @Override
      public double at(double x) {
        return Math.max(0, 1 - Math.abs(x));
      }
    },
    /// Keys' cubic convolution with a = -0.5 (Catmull-Rom), support 2.
    BICUBIC(2) {
      @Override
      public double at(double x) {
        double a = Math.abs(x);
        if (a < 1) {
          return (1.5 * a - 2.5) * a * a + 1;
        }
        return a < 2 ? ((-0.5 * a + 2.5) * a - 4) * a + 2 : 0;
      }
    };

    private final int support;

    Filter(int support) {
      this.support = support;
    }

    /// From here on the kernel is 0.
    public int support() {
      return support;
    }

    /// The weight at distance `x`.
    public abstract double at(double x);
  }

  /// Arithmetic of colour jitter.
  enum Jitter {
    /// Additive brightness, contrast around the mean of each channel, saturation and hue in HSV:
    /// the official code of BYOL.
    BYOL,
    /// Multiplicative brightness, contrast around the grey mean, saturation by mixing with grey:
    /// the form of common image libraries.
    MULTIPLICATIVE
  }

  /// A view of each image: inputs `images [N,H,W,C]` in u8, C 1 or 3, `parameters [N,13]` in f32,
  /// one row of [ViewParameters] per view, and, if wanted, `subject [N,H,W]` in bool; output
  /// `[N,height,width,K]` with K channels, those of `mean` and `std`.
  ///
  /// In this order, every value between 0 and 1:
  ///
  /// 1. bytes / 255; grey to colour and colour to grey (weights below) as K asks; what is not
  ///    subject becomes 0.5; outside the image is 0
  /// 2. the window, resized: for output i along an axis of n inputs and m outputs the centre lies
  ///    at `(i + 1/2) n/m`, input k weighs `filter((k + 1/2 - centre) / max(n/m, 1))`, and the
  ///    weights of the inputs inside the window are divided by their sum; clipped to `[0, 1]`
  /// 3. flip
  /// 4. jitter: brightness, contrast, saturation, hue in the order drawn, each clipped to `[0, 1]`;
  ///    the last two leave grey images as they are
  /// 5. grayscale: `0.2989 r + 0.5870 g + 0.1140 b` in all channels
  /// 6. blur: `exp(-k^2 / 2 sigma^2)` for `k = -taps/2 ... taps/2`, divided by their sum, along
  ///    both axes; the pixels of the rim go on outside
  /// 7. solarise: `x < threshold ? x : 1 - x`; clipped
  /// 8. `(x - mean) / std` per channel
  ///
  /// Jitter of [Jitter#BYOL]: `x + b`; `(x - mean) c + mean` with the mean of each channel over the
  /// view; the saturation of HSV times s, at most 1; the hue of HSV turned. Of
  /// [Jitter#MULTIPLICATIVE]: `x b`; the same with the mean of the grey view; `x s + grey (1 - s)`;
  /// the hue of HSV turned.
  ///
  /// Parameters that are not numbers or windows without a pixel are an [IllegalArgumentException]
  /// on host backends and give NaN elsewhere.
  ///
  /// **Source** Grill et al. 2020, arXiv:2006.07733, appendix B, and its official code; Chen et al.
  /// 2020, arXiv:2002.05709, appendix A
  ///
  /// @param height rows of a view
  /// @param width columns of a view
  /// @param taps of the blur, odd; 1: no blur whatever was drawn
  /// @param filter of the resize
  /// @param jitter arithmetic of colour
  /// @param mean per channel, 1 or 3 of them
  /// @param std per channel, above 0
  /// @param dtype f32, bf16 or f16
  record Augment(
      int height,
      int width,
      int taps,
      Filter filter,
      Jitter jitter,
      List<Float> mean,
      List<Float> std,
      DType dtype)
      implements ImageOp {
    /// Weight of red in grey.
    public static final float RED = 0.2989f;

    /// Weight of green in grey.
    public static final float GREEN = 0.5870f;

    /// Weight of blue in grey.
    public static final float BLUE = 0.1140f;

    /// What becomes of all that is not subject.
    public static final float BACKGROUND = 0.5f;

    /// Deviation at which a tap beside the middle is 0 in any format.
    public static final float LEAST_SIGMA = 1e-3f;

    /// Checks and copies.
    public Augment {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
      rule(
          height >= 1
              && width >= 1
              && height <= ViewParameters.MOST
              && width <= ViewParameters.MOST,
          "views must have 1 to " + ViewParameters.MOST + " rows and columns",
          height + "x" + width);
      rule(taps >= 1 && taps % 2 == 1, "taps must be odd", taps);
      rule(
          (mean.size() == 1 || mean.size() == 3)
              && std.size() == mean.size()
              && mean.stream().allMatch(Float::isFinite)
              && std.stream().allMatch(s -> s > 0 && Float.isFinite(s)),
          "1 or 3 channels must have a finite mean and a std above 0 each",
          "mean " + mean + ", std " + std);
      rule(
          dtype == DType.F32 || dtype == DType.BF16 || dtype == DType.F16,
          "dtype must be f32, bf16 or f16",
          dtype);
    }

    private static void rule(boolean holds, String rule, Object got) {
      if (!holds) {
        throw new IllegalArgumentException("[augment] " + rule + "; got " + got);
      }
    }

    /// Channels of a view.
    public int channels() {
      return mean.size();
    }

    /// Pixels that the blur reaches to each side.
    public int radius() {
      return taps / 2;
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check =
          in.size() == 3
              ? Check.of(this, in, "images", "parameters", "subject").type(2, DType.BOOL)
              : Check.of(this, in, "images", "parameters");
      check.type(0, DType.U8).type(1, DType.F32).rank(0, 4).done();
      Shape images = in.getFirst().shape();
      long n = images.dim(0);
      check
          .rule(images.dim(3) == 1 || images.dim(3) == 3, "images must have 1 or 3 channels")
          .rule(images.dim(1) >= 1 && images.dim(2) >= 1, "images must have at least one pixel")
          .rule(
              in.get(1).shape().equals(Shape.of(n, ViewParameters.COLUMNS)),
              "parameters must be [" + n + "," + ViewParameters.COLUMNS + "], a row per image")
          .rule(
              in.size() < 3 || in.get(2).shape().equals(Shape.of(n, images.dim(1), images.dim(2))),
              "subject must be images without their last axis")
          .done();
      return List.of(new TensorSpec(dtype, Shape.of(n, height, width, channels())));
    }
  }
}
