package ibrik.ssl.method.msbreg;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;
import java.util.Map;

/// Makes MSBReg.
public final class MsbRegFactory implements MethodFactory<MsbRegConfig> {
  @Override
  public String name() {
    return "msbreg";
  }

  @Override
  public Map<String, String> laterSettings() {
    return Map.of("dispersion", MsbRegConfig.Dispersion.GRAM.name());
  }

  @Override
  public String title() {
    return "MSBReg";
  }

  @Override
  public String summary() {
    return "MSBReg (Moon et al. 2023): embeddings as particles, drawn to a centroid, spread by two"
        + " forces";
  }

  @Override
  public Class<MsbRegConfig> configType() {
    return MsbRegConfig.class;
  }

  /// The paper's own numbers are not known: widths and tau are BYOL's, the weight of the random
  /// force is that of a public module, the weight of the singular values is ours.
  @Override
  public MsbRegConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new MsbRegConfig(4096, 256, true, 4096, true, 0.05, 0.1, 0.99);
      case CIFAR -> new MsbRegConfig(2048, 256, true, 2048, true, 0.05, 0.1, 0.99);
      case TINY, GREY -> new MsbRegConfig(512, 128, true, 512, true, 0.05, 0.1, 0.95);
    };
  }

  /// Not known either: BYOL's for large images, SGD with 0.06 per 128 images for small ones.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.lars(0.3, 1e-6, 256, 300, 10);
      case CIFAR -> Recipe.sgd(0.12, 5e-4, 256, 200, 0).decayingEverything();
      case TINY -> Recipe.sgd(0.5, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(1.0, 5e-4, 64, 110, 2);
    };
  }

  /// BYOL's pair.
  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.byol();
      case CIFAR, TINY -> Views.byolCifar();
      case GREY -> Views.gentle();
    };
  }

  @Override
  public Method create(MsbRegConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new MsbReg(config, parts));
  }
}
