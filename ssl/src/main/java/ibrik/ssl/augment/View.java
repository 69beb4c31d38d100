package ibrik.ssl.augment;

/// How one random view of an image is made. All strengths are as in the papers' tables.
///
/// @param cropScaleLow least share of the area that a crop keeps, in (0, 1]; 1 with high 1: no crop
/// @param cropScaleHigh largest share
/// @param cropRatioLow least aspect ratio (width / height), drawn log-uniformly
/// @param cropRatioHigh largest aspect ratio
/// @param filter interpolation of crops
/// @param padCrop pixels of zero padding for a plain shifted crop instead of a resized one; 0: none
/// @param flip probability of a horizontal flip
/// @param jitter probability of colour jitter
/// @param brightness strength of brightness jitter
/// @param contrast strength of contrast jitter
/// @param saturation strength of saturation jitter
/// @param hue strength of hue jitter, in turns of the hue circle, at most 0.5
/// @param style which arithmetic jitter uses
/// @param gray probability of dropping colour
/// @param blur probability of Gaussian blur
/// @param blurSigmaLow least deviation of the blur, pixels
/// @param blurSigmaHigh largest deviation
/// @param solarize probability of inverting values from 0.5 up
public record View(
    double cropScaleLow,
    double cropScaleHigh,
    double cropRatioLow,
    double cropRatioHigh,
    Filter filter,
    int padCrop,
    double flip,
    double jitter,
    double brightness,
    double contrast,
    double saturation,
    double hue,
    JitterStyle style,
    double gray,
    double blur,
    double blurSigmaLow,
    double blurSigmaHigh,
    double solarize) {
  /// Arithmetic of colour jitter.
  public enum JitterStyle {
    /// Additive brightness, contrast around the mean of each channel, saturation and hue in HSV:
    /// the official code of BYOL.
    BYOL,
    /// Multiplicative brightness, contrast around the grey mean, saturation by mixing with grey:
    /// the form of common image libraries.
    MULTIPLICATIVE
  }

  /// Checks ranges.
  public View {
    share("cropScaleLow", cropScaleLow);
    share("cropScaleHigh", cropScaleHigh);
    probability("flip", flip);
    probability("jitter", jitter);
    probability("gray", gray);
    probability("blur", blur);
    probability("solarize", solarize);
    atLeastZero("brightness", brightness);
    atLeastZero("contrast", contrast);
    atLeastZero("saturation", saturation);
    atLeastZero("blurSigmaLow", blurSigmaLow);
    if (!(cropScaleLow <= cropScaleHigh)
        || !(cropRatioLow > 0 && cropRatioLow <= cropRatioHigh)
        || !(hue >= 0 && hue <= 0.5)
        || !(blurSigmaLow <= blurSigmaHigh)
        || padCrop < 0) {
      throw new IllegalArgumentException(
          "[view] low bounds must not exceed high ones, ratios must be positive, hue in [0, 0.5],"
              + " padCrop at least 0; got scale "
              + cropScaleLow
              + ".."
              + cropScaleHigh
              + ", ratio "
              + cropRatioLow
              + ".."
              + cropRatioHigh
              + ", hue "
              + hue
              + ", blur sigma "
              + blurSigmaLow
              + ".."
              + blurSigmaHigh
              + ", padCrop "
              + padCrop);
    }
  }

  private static void share(String name, double value) {
    if (!(value > 0 && value <= 1)) {
      throw new IllegalArgumentException("[view] " + name + " must be in (0, 1]; got " + value);
    }
  }

  private static void probability(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "[view] " + name + " is a probability and must be in [0, 1]; got " + value);
    }
  }

  private static void atLeastZero(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "[view] " + name + " must be a number of at least 0; got " + value);
    }
  }
}
