package ibrik.ssl.method.randominit;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;

/// Makes the floor.
public final class RandomInitFactory implements MethodFactory<RandomInitConfig> {
  @Override
  public String name() {
    return "random-init";
  }

  @Override
  public String title() {
    return "Random init";
  }

  @Override
  public String summary() {
    return "No training at all: the floor";
  }

  @Override
  public Class<RandomInitConfig> configType() {
    return RandomInitConfig.class;
  }

  @Override
  public RandomInitConfig defaults(Preset preset) {
    return new RandomInitConfig();
  }

  @Override
  public Recipe recipe(Preset preset) {
    return Recipe.sgd(0.1, 0, 128, 0, 0);
  }

  @Override
  public List<View> views(Preset preset) {
    return Views.supervised();
  }

  @Override
  public Method create(RandomInitConfig config, Setting setting) {
    return new RandomInit(setting);
  }
}
