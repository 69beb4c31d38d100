package ibrik.ssl.augment;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;

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
/// @param brightness strength of brightness jitter, in [0, 1]
/// @param contrast strength of contrast jitter, in [0, 1]
/// @param saturation strength of saturation jitter, in [0, 1]
/// @param hue strength of hue jitter, in turns of the hue circle, at most 0.5
/// @param style which arithmetic jitter uses
/// @param gray probability of dropping colour
/// @param blur probability of Gaussian blur
/// @param blurSigmaLow least deviation of the blur, pixels
/// @param blurSigmaHigh largest deviation
/// @param solarize probability of inverting values from 0.5 up
/// @param size rows and columns of the view, pixels; 0: those of the data
/// @param mask probability of greying what is not salient, before the crop
public record View(
    @JsonPropertyDescription("least share of the area that a crop keeps, in (0, 1]")
        double cropScaleLow,
    @JsonPropertyDescription("largest share of the area that a crop keeps, in (0, 1]")
        double cropScaleHigh,
    @JsonPropertyDescription("least width / height of a crop") double cropRatioLow,
    @JsonPropertyDescription("largest width / height of a crop") double cropRatioHigh,
    @JsonPropertyDescription("interpolation of crops: bilinear or bicubic") Filter filter,
    @JsonPropertyDescription(
            "pixels of zero padding for a shifted crop that is not resized; 0: none")
        int padCrop,
    @JsonPropertyDescription("probability of a horizontal flip") double flip,
    @JsonPropertyDescription("probability of colour jitter") double jitter,
    @JsonPropertyDescription("strength of brightness jitter, in [0, 1]") double brightness,
    @JsonPropertyDescription("strength of contrast jitter, in [0, 1]") double contrast,
    @JsonPropertyDescription("strength of saturation jitter, in [0, 1]") double saturation,
    @JsonPropertyDescription("strength of hue jitter in turns of the hue circle, at most 0.5")
        double hue,
    @JsonPropertyDescription("arithmetic of colour jitter: byol or multiplicative") Jitter style,
    @JsonPropertyDescription("probability of dropping colour") double gray,
    @JsonPropertyDescription("probability of Gaussian blur") double blur,
    @JsonPropertyDescription("least deviation of the blur in pixels") double blurSigmaLow,
    @JsonPropertyDescription("largest deviation of the blur in pixels") double blurSigmaHigh,
    @JsonPropertyDescription("probability of inverting values from 0.5 up") double solarize,
    @JsonPropertyDescription("rows and columns of the view, pixels; 0: those of the data") int size,
    @JsonPropertyDescription("probability of greying the background before the crop") double mask) {
  /// Sides that a view of its own size may have, pixels.
  private static final int LEAST_SIDE = 8;

  private static final int MOST_SIDE = 1024;

  /// Checks ranges.
  public View {
    check(cropScaleLow > 0 && cropScaleLow <= 1, "crop_scale_low", "in (0, 1]", cropScaleLow);
    check(
        cropScaleHigh >= cropScaleLow && cropScaleHigh <= 1,
        "crop_scale_high",
        "in [crop_scale_low, 1]",
        cropScaleHigh);
    check(finite(cropRatioLow) && cropRatioLow > 0, "crop_ratio_low", "above 0", cropRatioLow);
    check(
        finite(cropRatioHigh) && cropRatioHigh >= cropRatioLow,
        "crop_ratio_high",
        "at least crop_ratio_low",
        cropRatioHigh);
    check(padCrop >= 0, "pad_crop", "at least 0", padCrop);
    probability("flip", flip);
    probability("jitter", jitter);
    check(brightness >= 0 && brightness <= 1, "brightness", "in [0, 1]", brightness);
    check(contrast >= 0 && contrast <= 1, "contrast", "in [0, 1]", contrast);
    check(saturation >= 0 && saturation <= 1, "saturation", "in [0, 1]", saturation);
    check(hue >= 0 && hue <= 0.5, "hue", "in [0, 0.5]", hue);
    probability("gray", gray);
    probability("blur", blur);
    check(finite(blurSigmaLow) && blurSigmaLow >= 0, "blur_sigma_low", "at least 0", blurSigmaLow);
    check(
        finite(blurSigmaHigh) && blurSigmaHigh >= blurSigmaLow,
        "blur_sigma_high",
        "at least blur_sigma_low",
        blurSigmaHigh);
    probability("solarize", solarize);
    check(
        size == 0 || (size >= LEAST_SIDE && size <= MOST_SIDE),
        "size",
        "0 or between " + LEAST_SIDE + " and " + MOST_SIDE,
        size);
    probability("mask", mask);
  }

  /// A view as large as the data, of the whole image.
  public View(
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
      Jitter style,
      double gray,
      double blur,
      double blurSigmaLow,
      double blurSigmaHigh,
      double solarize) {
    this(
        cropScaleLow,
        cropScaleHigh,
        cropRatioLow,
        cropRatioHigh,
        filter,
        padCrop,
        flip,
        jitter,
        brightness,
        contrast,
        saturation,
        hue,
        style,
        gray,
        blur,
        blurSigmaLow,
        blurSigmaHigh,
        solarize,
        0,
        0);
  }

  /// The same with crops that keep another share of the area.
  public View cropped(double low, double high) {
    return with(low, high, blur, solarize, size, mask);
  }

  /// The same with another probability of blur.
  public View blurred(double probability) {
    return with(cropScaleLow, cropScaleHigh, probability, solarize, size, mask);
  }

  /// The same with another probability of solarisation.
  public View solarized(double probability) {
    return with(cropScaleLow, cropScaleHigh, blur, probability, size, mask);
  }

  /// The same with `side` rows and columns.
  public View sized(int side) {
    return with(cropScaleLow, cropScaleHigh, blur, solarize, side, mask);
  }

  /// The same with the background greyed with this probability.
  public View masked(double probability) {
    return with(cropScaleLow, cropScaleHigh, blur, solarize, size, probability);
  }

  private View with(
      double scaleLow,
      double scaleHigh,
      double blurShare,
      double solarizeShare,
      int side,
      double maskShare) {
    return new View(
        scaleLow,
        scaleHigh,
        cropRatioLow,
        cropRatioHigh,
        filter,
        padCrop,
        flip,
        jitter,
        brightness,
        contrast,
        saturation,
        hue,
        style,
        gray,
        blurShare,
        blurSigmaLow,
        blurSigmaHigh,
        solarizeShare,
        side,
        maskShare);
  }

  /// Rows or columns of the view of data that has `side`.
  public int side(int side) {
    return size == 0 ? side : size;
  }

  private static boolean finite(double value) {
    return Double.isFinite(value);
  }

  private static void probability(String name, double value) {
    check(value >= 0 && value <= 1, name, "a probability in [0, 1]", value);
  }

  private static void check(boolean holds, String name, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("[view] " + name + " must be " + rule + "; got " + value);
    }
  }
}
