package ibrik.ssl.method.dino;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Parts;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import java.util.List;
import java.util.Map;

/// Makes DINO.
public final class DinoFactory implements MethodFactory<DinoConfig> {
  @Override
  public String name() {
    return "dino";
  }

  /// What was kept at first was the student.
  @Override
  public Map<String, String> laterSettings() {
    return Map.of("keep_student", "true");
  }

  @Override
  public String title() {
    return "DINO";
  }

  @Override
  public String summary() {
    return "DINO (Caron et al. 2021): match a slow teacher's centred, sharpened outputs,"
        + " multi-crop";
  }

  @Override
  public Class<DinoConfig> configType() {
    return DinoConfig.class;
  }

  /// Large images: the official code's. CIFAR: solo-learn's, two views. Tiny and grey: ours.
  @Override
  public DinoConfig defaults(Preset preset) {
    return switch (preset) {
      case IMAGENET ->
          new DinoConfig(2048, 256, 65536, false, 0.1, 0.04, 0.04, 0, 0.9, 0.996, 1, 3, 8);
      case CIFAR ->
          new DinoConfig(2048, 256, 4096, false, 0.1, 0.07, 0.04, 0, 0.9, 0.9995, 1, 0, 0);
      case TINY, GREY -> new DinoConfig(256, 64, 256, true, 0.1, 0.04, 0.04, 0, 0.9, 0.99, 1, 3, 2);
    };
  }

  /// Large images: the official code's for ResNet-50, momentum SGD. CIFAR: solo-learn's. Tiny and
  /// grey: ours.
  @Override
  public Recipe recipe(Preset preset) {
    return switch (preset) {
      case IMAGENET -> Recipe.sgd(0.03, 1e-4, 256, 100, 10).endingAt(1e-6 / 0.03);
      case CIFAR -> Recipe.lars(0.3, 1e-6, 256, 1000, 10).clippedLars(0.02);
      case TINY -> Recipe.sgd(0.3, 5e-4, 128, 6, 1);
      case GREY -> Recipe.sgd(0.4, 5e-4, 64, 60, 2);
    };
  }

  @Override
  public List<View> views(Preset preset) {
    return views(defaults(preset), preset);
  }

  /// Two large crops and some small ones. Large images: the official code's for ResNets. CIFAR:
  /// solo-learn's asymmetric pair; its small crops, if asked for, and those of tiny and grey images
  /// are ours.
  @Override
  public List<View> views(DinoConfig config, Preset preset) {
    int small = config.localCrops();
    return switch (preset) {
      case IMAGENET ->
          Views.byolCrops(0.14, Views.byolView(0.5, 0).cropped(0.05, 0.14).sized(96), small);
      case CIFAR, TINY ->
          Views.multiCrop(
              Views.byolCifar(), Views.byolView(0, 0).cropped(0.08, 0.4).sized(18), small);
      case GREY -> Views.gentleCrops(small);
    };
  }

  @Override
  public Method create(DinoConfig config, Setting setting) {
    return Parts.assemble(setting, parts -> new Dino(config, parts));
  }
}
