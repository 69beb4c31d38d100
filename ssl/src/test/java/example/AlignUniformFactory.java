package example;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes [AlignUniform].
public final class AlignUniformFactory implements MethodFactory<AlignUniformConfig> {
  @Override
  public String name() {
    return "align-uniform";
  }

  @Override
  public String title() {
    return "Alignment and uniformity";
  }

  @Override
  public String summary() {
    return "Alignment and uniformity (Wang and Isola 2020): near views, images all over the sphere";
  }

  @Override
  public Class<AlignUniformConfig> configType() {
    return AlignUniformConfig.class;
  }

  @Override
  public AlignUniformConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET -> new AlignUniformConfig(2048, 128, 1);
      case CIFAR -> new AlignUniformConfig(512, 128, 1);
      case TINY, GREY -> new AlignUniformConfig(128, 64, 1);
    };
  }

  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.sgd(0.03, 1e-4, 256, 200, 0).decayingEverything();
      case CIFAR -> Recipe.sgd(0.12, 5e-4, 128, 200, 0).decayingEverything();
      case TINY -> Recipe.sgd(0.3, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.6, 5e-4, 64, 110, 2);
    };
  }

  @Override
  public List<View> views(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Views.mocoV2(0.2, 0.5);
      case CIFAR, TINY -> Views.mocoV2(0.2, 0);
      case GREY -> Views.gentle();
    };
  }

  @Override
  public Method create(AlignUniformConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new AlignUniform(config, parts));
  }
}
