package ibrik.ssl.method.simclr;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes SimCLR.
public final class SimClrFactory implements MethodFactory<SimClrConfig> {
  @Override
  public String name() {
    return "simclr";
  }

  @Override
  public String title() {
    return "SimCLR";
  }

  @Override
  public String summary() {
    return "SimCLR (Chen et al. 2020): views of one image attract, other images repel";
  }

  @Override
  public Class<SimClrConfig> configType() {
    return SimClrConfig.class;
  }

  /// Large images: the paper's. CIFAR: widths of lightly's CIFAR-10 benchmark, temperature of the
  /// paper (appendix B.9). Tiny and grey: ours.
  @Override
  public SimClrConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new SimClrConfig(2048, 128, 0.1);
      case CIFAR -> new SimClrConfig(512, 128, 0.5);
      case TINY, GREY -> new SimClrConfig(128, 64, 0.2);
    };
  }

  /// Large images: the paper's LARS for 100 epochs, with smaller batches. CIFAR: lightly's CIFAR-10
  /// benchmark, SGD with 0.06 per 128 images. Tiny and grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.3, 1e-6, 256, 100, 10);
      case CIFAR -> Recipe.sgd(0.12, 5e-4, 128, 200, 0).decayingEverything();
      case TINY -> Recipe.sgd(0.5, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.6, 5e-4, 64, 110, 2);
    };
  }

  /// The paper's (appendix A), with half the colour strength and without blur for small images
  /// (appendix B.9).
  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.simclr(1, 0.5);
      case CIFAR, TINY -> Views.simclr(0.5, 0);
      case GREY -> Views.gentle();
    };
  }

  @Override
  public Method create(SimClrConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new SimClr(config, parts));
  }
}
