package ibrik.ssl.augment;

import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Named recipes of views.
public final class Views {
  private static final double THREE_QUARTERS = 3.0 / 4;
  private static final double FOUR_THIRDS = 4.0 / 3;

  private Views() {}

  /// The two views of BYOL on ImageNet (Grill et al. 2020, table 6).
  public static List<View> byol() {
    return List.of(byolView(1.0, 0), byolView(0.1, 0.2));
  }

  /// BYOL for small images: no blur; the recipe known as asymmetric in solo-learn.
  public static List<View> byolCifar() {
    return List.of(byolView(0, 0), byolView(0, 0.2));
  }

  /// The two views of [#byol()] with crops of at least `low`, then `count` times the small one.
  public static List<View> byolCrops(double low, View small, int count) {
    List<View> large = byol().stream().map(view -> view.cropped(low, 1)).toList();
    return multiCrop(large, small, count);
  }

  /// One view of [#byol()], to build other recipes from: a small crop, say.
  public static View byolView(double blur, double solarize) {
    return jittered(0.4, 0.4, 0.2, 0.1, Jitter.BYOL, Filter.BICUBIC)
        .blurred(blur)
        .solarized(solarize);
  }

  /// Crops of 0.08 to 1, flip 0.5, jitter of these strengths with probability 0.8, grey 0.2.
  private static View jittered(
      double brightness,
      double contrast,
      double saturation,
      double hue,
      Jitter style,
      Filter filter) {
    return new View(
        0.08,
        1,
        THREE_QUARTERS,
        FOUR_THIRDS,
        filter,
        0,
        0.5,
        0.8,
        brightness,
        contrast,
        saturation,
        hue,
        style,
        0.2,
        0,
        0.1,
        2,
        0);
  }

  /// SimCLR with colour strength `s` (Chen et al. 2020): 1 for ImageNet, 0.5 and no blur for CIFAR.
  public static List<View> simclr(double s, double blur) {
    View view =
        jittered(0.8 * s, 0.8 * s, 0.8 * s, 0.2 * s, Jitter.MULTIPLICATIVE, Filter.BICUBIC)
            .blurred(blur);
    return List.of(view, view);
  }

  /// Large views, then `count` times the small one (Caron et al. 2020).
  public static List<View> multiCrop(List<View> large, View small, int count) {
    List<View> views = new ArrayList<>(large);
    views.addAll(Collections.nCopies(count, small));
    return List.copyOf(views);
  }

  /// Multi-crop of SwAV on ImageNet (Caron et al. 2020, main setting of the official code): two
  /// views as large as the data, `small` ones of 96 pixels, all with one photometric recipe.
  public static List<View> swav(int small) {
    View view = jittered(0.8, 0.8, 0.8, 0.2, Jitter.MULTIPLICATIVE, Filter.BILINEAR).blurred(0.5);
    View large = view.cropped(0.14, 1);
    return multiCrop(List.of(large, large), view.cropped(0.05, 0.14).sized(96), small);
  }

  /// Multi-crop for CIFAR as in solo-learn's configuration of SwAV: two views of weaker colour, one
  /// of them solarised at times, and `small` ones of `side` pixels; 18 there.
  public static List<View> swavCifar(int small, int side) {
    View large =
        jittered(0.6, 0.6, 0.6, 0.2, Jitter.MULTIPLICATIVE, Filter.BICUBIC).cropped(0.2, 1);
    View tiny =
        jittered(0.8, 0.8, 0.8, 0.2, Jitter.MULTIPLICATIVE, Filter.BICUBIC)
            .cropped(0.08, 0.5)
            .blurred(0.1)
            .solarized(0.1)
            .sized(side);
    return multiCrop(List.of(large, large.solarized(0.2)), tiny, small);
  }

  /// [#gentle()] with `small` crops of half the side. Not from a paper.
  public static List<View> gentleCrops(int small) {
    List<View> large = gentle();
    return multiCrop(large, large.getFirst().cropped(0.1, 0.4).sized(14), small);
  }

  /// Two views of one recipe, MoCo v2's (Chen et al. 2020, arXiv:2003.04297), which SimSiam took
  /// over: crops of at least a fifth of the image, colour strength 0.4.
  ///
  /// @param cropScaleLow 0.2 in the papers
  /// @param blur probability; 0.5 in the papers, 0 for small images
  public static List<View> mocoV2(double cropScaleLow, double blur) {
    View view = common(cropScaleLow, 0.4, 0.1, blur, 0);
    return List.of(view, view);
  }

  /// A pair as in [#byol()] with the colour arithmetic of common image libraries: Barlow Twins,
  /// VICReg, MoCo v3 and others.
  ///
  /// @param cropScaleLow least share of the area
  /// @param firstBlur probability for the first view
  /// @param secondBlur probability for the second view
  public static List<View> asymmetric(double cropScaleLow, double firstBlur, double secondBlur) {
    return List.of(
        common(cropScaleLow, 0.2, 0.1, firstBlur, 0),
        common(cropScaleLow, 0.2, 0.1, secondBlur, 0.2));
  }

  /// Two views of one recipe for small images, each solarised now and then: solo-learn's for VICReg
  /// on CIFAR.
  public static List<View> vicRegCifar() {
    View view = common(0.2, 0.2, 0.1, 0, 0.1);
    return List.of(view, view);
  }

  private static View common(
      double cropScaleLow, double saturation, double hue, double blur, double solarize) {
    return new View(
        cropScaleLow,
        1,
        THREE_QUARTERS,
        FOUR_THIRDS,
        Filter.BICUBIC,
        0,
        0.5,
        0.8,
        0.4,
        0.4,
        saturation,
        hue,
        Jitter.MULTIPLICATIVE,
        0.2,
        blur,
        0.1,
        2,
        solarize);
  }

  /// For small grey pictures of one centred object, such as Fashion-MNIST: larger crops, light
  /// changes. Not from a paper.
  public static List<View> gentle() {
    View view =
        new View(
            0.3,
            1,
            THREE_QUARTERS,
            FOUR_THIRDS,
            Filter.BILINEAR,
            0,
            0.5,
            0.8,
            0.4,
            0.4,
            0.2,
            0.1,
            Jitter.BYOL,
            0,
            0.2,
            0.1,
            1,
            0);
    return List.of(view, view);
  }

  /// One view for supervised training: shifted by up to four pixels and flipped (He et al. 2016).
  public static List<View> supervised() {
    return List.of(
        new View(1, 1, 1, 1, Filter.BILINEAR, 4, 0.5, 0, 0, 0, 0, 0, Jitter.BYOL, 0, 0, 0.1, 1, 0));
  }

  /// One view for fine-tuning images of `side` rows: up to 64 that of [#supervised()]; above, a
  /// crop of 8 % to all of the area, resized, and flipped, as papers do on ImageNet.
  public static List<View> fineTuning(int side) {
    return side <= 64
        ? supervised()
        : List.of(
            new View(
                0.08,
                1,
                THREE_QUARTERS,
                FOUR_THIRDS,
                Filter.BILINEAR,
                0,
                0.5,
                0,
                0,
                0,
                0,
                0,
                Jitter.BYOL,
                0,
                0,
                0.1,
                1,
                0));
  }
}
