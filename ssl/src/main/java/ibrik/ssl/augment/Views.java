package ibrik.ssl.augment;

import ibrik.ssl.augment.View.JitterStyle;
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

  private static View byolView(double blur, double solarize) {
    return new View(
        0.08,
        1,
        THREE_QUARTERS,
        FOUR_THIRDS,
        Filter.BICUBIC,
        0,
        0.5,
        0.8,
        0.4,
        0.4,
        0.2,
        0.1,
        JitterStyle.BYOL,
        0.2,
        blur,
        0.1,
        2,
        solarize);
  }

  /// SimCLR with colour strength `s` (Chen et al. 2020): 1 for ImageNet, 0.5 and no blur for CIFAR.
  public static List<View> simclr(double s, double blur) {
    View view =
        new View(
            0.08,
            1,
            THREE_QUARTERS,
            FOUR_THIRDS,
            Filter.BICUBIC,
            0,
            0.5,
            0.8,
            0.8 * s,
            0.8 * s,
            0.8 * s,
            0.2 * s,
            JitterStyle.MULTIPLICATIVE,
            0.2,
            blur,
            0.1,
            2,
            0);
    return List.of(view, view);
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
        JitterStyle.MULTIPLICATIVE,
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
            JitterStyle.BYOL,
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
        new View(
            1, 1, 1, 1, Filter.BILINEAR, 4, 0.5, 0, 0, 0, 0, 0, JitterStyle.BYOL, 0, 0, 0.1, 1, 0));
  }
}
