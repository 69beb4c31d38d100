package ibrik.ssl.method;

import ibrik.nn.model.ResNet.Stem;
import ibrik.ssl.method.MethodFactory.Images;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A setting that recipes are written for. Every method names its hyper-parameters, its recipe and
/// its views for each; nothing is scaled from one to another.
public enum Preset {
  /// The paper's: 224 pixels, ResNet-50.
  IMAGENET("resnet50", Stem.IMAGENET),
  /// Small colour images, ResNet-18, some 200 epochs: what small-scale results are published for.
  CIFAR("resnet18", Stem.CIFAR),
  /// Small colour images in about five minutes on two cores. Ours: stands in no paper.
  TINY("resnet8", Stem.HALF),
  /// Small grey pictures, such as those that come with the library, in minutes. Ours as well.
  GREY("resnet8", Stem.HALF);

  private final String model;
  private final Stem stem;

  Preset(String model, Stem stem) {
    this.model = model;
    this.stem = stem;
  }

  /// The recipe for images of this kind where nobody names one.
  public static Preset of(Images images) {
    if (images.grey()) {
      return GREY;
    }
    return images.small() ? CIFAR : IMAGENET;
  }

  /// Encoder that goes with it.
  public String model() {
    return model;
  }

  /// First layers of the encoder.
  public Stem stem() {
    return stem;
  }

  /// What the user types.
  public String typed() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// All that can be typed.
  public static List<String> names() {
    return Arrays.stream(values()).map(Preset::typed).toList();
  }
}
