package ibrik.ssl.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.Build;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.ResNet;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.model.VisionTransformer;
import ibrik.nn.model.VisionTransformer.Position;
import org.junit.jupiter.api.Test;

class ModelConfigTest {
  private static ModelConfig vit(int image, int patch, Position position, double dropPath) {
    return new ModelConfig(
        "vit-nano", 0.5, Stem.CIFAR, false, image, patch, position, true, dropPath);
  }

  @Test
  void aTransformerTakesItsOwnSettings() {
    try (Encoder net = vit(28, 7, Position.SINCOS, 0.1).maker(1).apply(Build.cpu(1))) {
      assertEquals(VisionTransformer.class, net.getClass());
      assertEquals(32, net.featureDim());
      assertEquals(true, net.stateDict().containsKey("patches.weight"));
      assertEquals(false, net.stateDict().containsKey("position"), "fixed");
    }
  }

  @Test
  void aResidualNetworkTakesNone() {
    ModelConfig config =
        new ModelConfig("resnet8", 0.25, Stem.HALF, false, 28, 5, Position.LEARNED, false, 0);
    try (Encoder net = config.maker(1).apply(Build.cpu(1))) {
      assertEquals(ResNet.class, net.getClass());
    }
  }

  @Test
  void aPatchMustDivideTheImage() {
    assertEquals(
        "[config] patch must divide image; got image 28 and patch 5",
        assertThrows(IllegalArgumentException.class, () -> vit(28, 5, Position.LEARNED, 0))
            .getMessage());
    assertEquals(
        "[config] drop_path must be in [0, 1); got 1.0",
        assertThrows(IllegalArgumentException.class, () -> vit(28, 4, Position.LEARNED, 1))
            .getMessage());
  }
}
