package ibrik.ssl.method.vicreg;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes VICReg.
public final class VicRegFactory implements MethodFactory<VicRegConfig> {
  @Override
  public String name() {
    return "vicreg";
  }

  @Override
  public String title() {
    return "VICReg";
  }

  @Override
  public String summary() {
    return "VICReg (Bardes et al. 2022): near views, spread dimensions, no covariances";
  }

  @Override
  public Class<VicRegConfig> configType() {
    return VicRegConfig.class;
  }

  /// Large images: the official code's. CIFAR: solo-learn's, whose variance part is not halved.
  /// Tiny and grey: ours.
  @Override
  public VicRegConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new VicRegConfig(8192, 8192, 25, 25, 1);
      case CIFAR -> new VicRegConfig(2048, 2048, 25, 50, 1);
      case TINY, GREY -> new VicRegConfig(256, 256, 25, 25, 1);
    };
  }

  /// Large images: the paper's LARS for 1000 epochs, with smaller batches. CIFAR: solo-learn's, for
  /// 200 epochs instead of 1000. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.2, 1e-6, 256, 1000, 10).endingAt(1e-3);
      case CIFAR -> Recipe.lars(0.3, 1e-4, 256, 200, 10).clippedLars(0.02);
      case TINY -> Recipe.sgd(0.05, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.05, 5e-4, 64, 110, 2);
    };
  }

  /// The paper's, which are BYOL's. Small images: solo-learn's, one recipe for both views.
  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.asymmetric(0.08, 1, 0.1);
      case CIFAR, TINY -> Views.vicRegCifar();
      case GREY -> Views.gentle();
    };
  }

  @Override
  public boolean zeroLastGamma() {
    return true;
  }

  @Override
  public Method create(VicRegConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new VicReg(config, parts));
  }
}
