package ibrik.nn.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.Build;
import ibrik.nn.NoLeaks;
import ibrik.nn.model.ResNet.Stem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(NoLeaks.class)
class ModelsTest {
  private static Encoder make(String name, double width) {
    return Models.create(Build.cpu(1), name, 1, width, Stem.CIFAR, false);
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void everyNameIsKnown() {
    for (String name : Models.names()) {
      try (Encoder net = make(name, 0.0625)) {
        assertEquals(true, net.featureDim() >= 4, name);
      }
    }
  }

  @Test
  void saysWhatIsWrong() {
    refused(
        "[model] unknown model 'vgg'; known: [resnet8, resnet20, resnet18, resnet34, resnet50,"
            + " vit-nano, vit-tiny, vit-small]",
        () -> make("vgg", 1));
    refused("[model] width must be positive; got 0.0", () -> make("resnet8", 0));
    refused("[model] width must be positive; got NaN", () -> make("resnet8", Double.NaN));
    refused(
        "[resnet] needs one block count and one width per stage, each at least 1, and at least one"
            + " image channel; got blocks [1, 1], widths [4], channels 3",
        () -> new ResNet.Config(List.of(1, 1), List.of(4), false, Stem.CIFAR, 3, false));
  }
}
