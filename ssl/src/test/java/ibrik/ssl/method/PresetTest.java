package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.model.VisionTransformer.Position;
import ibrik.ssl.config.Defaults;
import ibrik.ssl.config.ModelConfig;
import ibrik.ssl.config.Request;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.EmbeddedSets;
import ibrik.ssl.method.MethodFactory.Images;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PresetTest {
  private static final MethodFactory<?> BYOL = Methods.find("byol").orElseThrow();

  private static RunConfig named(String preset) {
    return Request.of(BYOL).preset(preset).resolve(EmbeddedSets.fashion());
  }

  /// With what a transformer would need: patches that suit the images.
  private static ModelConfig network(String name, Stem stem, int image) {
    int patch = image <= 64 ? 4 : 16;
    return new ModelConfig(name, 1, stem, false, image, patch, Position.LEARNED, false, 0);
  }

  @Test
  void withoutANameTheImagesDecide() {
    assertEquals(Preset.GREY, Preset.of(new Images(28, 1)));
    assertEquals(Preset.GREY, Preset.of(new Images(224, 1)));
    assertEquals(Preset.CIFAR, Preset.of(new Images(32, 3)));
    assertEquals(Preset.CIFAR, Preset.of(new Images(64, 3)));
    assertEquals(Preset.IMAGENET, Preset.of(new Images(65, 3)));
    assertEquals(network("resnet8", Stem.HALF, 28), Defaults.of(BYOL, new Images(28, 1)).model());
    assertEquals(network("resnet20", Stem.CIFAR, 32), Defaults.of(BYOL, new Images(32, 3)).model());
    assertEquals(
        network("resnet18", Stem.IMAGENET, 224), Defaults.of(BYOL, new Images(224, 3)).model());
  }

  @Test
  void aNameDecidesWhateverTheImagesAre() {
    for (Preset preset : Preset.values()) {
      RunConfig config = named(preset.typed());
      assertEquals(BYOL.defaults(preset), config.own());
      assertEquals(BYOL.recipe(preset), config.train());
      assertEquals(BYOL.views(preset), config.views());
      assertEquals(network(preset.model(), preset.stem(), 28), config.model());
    }
    assertEquals("resnet50", named("imagenet").model().name());
    assertEquals("resnet18", named("cifar").model().name());
    assertEquals("resnet8", named("tiny").model().name());
  }

  @Test
  void settingsWinOverIt() {
    RunConfig config =
        Request.of(BYOL)
            .set("train.epochs", 3)
            .preset("cifar")
            .set("model.name", "resnet20")
            .resolve(EmbeddedSets.fashion());
    assertEquals(3, config.train().epochs());
    assertEquals("resnet20", config.model().name());
    assertEquals(BYOL.recipe(Preset.CIFAR).batchSize(), config.train().batchSize());
  }

  @Test
  void aWrongNameIsMended() {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> named("cifra"));
    assertEquals(
        "[config] unknown preset 'cifra'; did you mean cifar?; known: imagenet, cifar, tiny, grey",
        thrown.getMessage());
    assertEquals(
        "[config] unknown preset 'large'; known: imagenet, cifar, tiny, grey",
        assertThrows(IllegalArgumentException.class, () -> named("large")).getMessage());
  }

  @Test
  void aRunGoesOnWithItsOwn() {
    RunConfig config = named("tiny");
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Request.of(BYOL).preset("tiny").resume(config.toJson()))
            .getMessage();
    assertTrue(message.startsWith("[resume] a run goes on with the configuration"), message);
    assertTrue(message.contains("leave --preset tiny out"), message);
  }

  /// Flags such as --view2-blur mean the same whichever preset there is, unless a hyper-parameter
  /// says how many small views there are.
  @Test
  void theNumberOfViewsDoesNotDependOnIt() {
    for (MethodFactory<?> method : Methods.all()) {
      if (Stream.of(method.configType().getRecordComponents())
          .anyMatch(component -> component.getName().equals("localCrops"))) {
        continue;
      }
      assertEquals(
          1,
          List.of(Preset.values()).stream().map(p -> method.views(p).size()).distinct().count(),
          method.name());
    }
  }
}
