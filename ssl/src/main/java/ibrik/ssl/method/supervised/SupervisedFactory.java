package ibrik.ssl.method.supervised;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes supervised training.
public final class SupervisedFactory implements MethodFactory<SupervisedConfig> {
  @Override
  public String name() {
    return "supervised";
  }

  @Override
  public String title() {
    return "Supervised";
  }

  @Override
  public String summary() {
    return "Training with labels: the ceiling";
  }

  @Override
  public Class<SupervisedConfig> configType() {
    return SupervisedConfig.class;
  }

  @Override
  public SupervisedConfig defaults(Preset preset) {
    return new SupervisedConfig(0);
  }

  @Override
  public Recipe recipe(Preset preset) {
    int epochs =
        switch (preset) {
          case IMAGENET, CIFAR -> 100;
          case TINY, GREY -> 15;
        };
    return Recipe.sgd(0.2, 5e-4, 128, epochs, 1);
  }

  @Override
  public List<View> views(Preset preset) {
    return Views.supervised();
  }

  @Override
  public Method create(SupervisedConfig config, Setting setting) {
    return new Supervised(config, setting);
  }
}
