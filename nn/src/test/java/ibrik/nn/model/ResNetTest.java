package ibrik.nn.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Module;
import ibrik.nn.NoLeaks;
import ibrik.nn.Parameter;
import ibrik.nn.model.ResNet.Stem;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class ResNetTest {
  private static Encoder make(String name, double width, Stem stem, boolean zeroLastGamma) {
    return Models.create(Build.cpu(1), name, 3, width, stem, zeroLastGamma);
  }

  /// The published counts without the classifier; the CIFAR family by hand, with 576 and 2,176 for
  /// its two shortcuts.
  @ParameterizedTest
  @CsvSource({
    "resnet18, IMAGENET, 11176512, 512",
    "resnet34, IMAGENET, 21284672, 512",
    "resnet50, IMAGENET, 23508032, 2048",
    "resnet8, CIFAR, 77392, 64",
    "resnet20, CIFAR, 271824, 64"
  })
  void hasAsManyParametersAsPublished(String name, Stem stem, long count, int features) {
    try (Encoder net = make(name, 1, stem, false)) {
      assertEquals(count, net.parameterCount());
      assertEquals(features, net.featureDim());
    }
  }

  /// 3 * 3 * 3 weights per channel in place of 7 * 7 * 3, and nothing else; 8 channels here.
  @ParameterizedTest
  @ValueSource(strings = {"resnet18", "resnet34", "resnet50"})
  void theCifarStemDiffersInItsFirstKernel(String name) {
    try (Encoder big = make(name, 0.125, Stem.IMAGENET, false);
        Encoder small = make(name, 0.125, Stem.CIFAR, false)) {
      assertEquals((49 - 9) * 3 * 8, big.parameterCount() - small.parameterCount());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, IMAGENET, 64, 64",
    "resnet18, IMAGENET, 33, 64",
    "resnet18, CIFAR, 17, 64",
    "resnet34, CIFAR, 8, 64",
    "resnet50, IMAGENET, 32, 256",
    "resnet50, CIFAR, 9, 256",
    "resnet8, CIFAR, 13, 8",
    "resnet20, CIFAR, 8, 8"
  })
  void imagesBecomeFeatures(String name, Stem stem, int side, int features) {
    try (TensorScope _ = TensorScope.open();
        Encoder net = make(name, 0.125, stem, false)) {
      Tensor x = Tensor.of(new float[2 * side * side * 3], 2, side, side, 3);
      assertEquals(features, net.featureDim());
      assertEquals(Shape.of(2, features), net.forward(x).shape());
      assertEquals(Shape.of(2, features), net.eval().forward(x).shape());
    }
  }

  @Test
  void theWidthScalesEveryLayerButTheImage() {
    try (Encoder net = make("resnet8", 2, Stem.CIFAR, false)) {
      assertEquals(128, net.featureDim());
      assertEquals(Shape.of(32, 3, 3, 3), net.parameters().getFirst().value().shape());
    }
    try (Encoder net = make("resnet8", 0.01, Stem.CIFAR, false)) {
      assertEquals(1, net.featureDim(), "never below one channel");
    }
  }

  @Test
  void namesTellStageBlockAndLayer() {
    try (Encoder net = make("resnet18", 0.125, Stem.CIFAR, false)) {
      List<String> names = net.parameters().stream().map(Parameter::name).toList();
      assertEquals("conv1.weight", names.getFirst());
      assertTrue(names.contains("layer2.0.conv1.weight"));
      assertTrue(names.contains("layer4.1.bn2.beta"));
      assertTrue(names.contains("layer2.0.shortcut.0.weight"));
      assertTrue(names.stream().noneMatch(n -> n.startsWith("layer1.0.shortcut")));
    }
  }

  @Test
  void theLastGammaOfEachBlockMayStartAtZero() {
    for (String name : List.of("resnet18", "resnet50")) {
      try (Encoder net = make(name, 0.125, Stem.CIFAR, true)) {
        String last = name.equals("resnet18") ? "bn2.gamma" : "bn3.gamma";
        for (Parameter p : net.parameters()) {
          if (p.role() == Parameter.Role.NORM_SCALE) {
            double want = p.name().endsWith(last) ? 0 : 1;
            assertTrue(Arrays.stream(p.value().toDoubles()).allMatch(v -> v == want), p.name());
          }
        }
      }
    }
  }

  @Test
  void seedAndNamesDecideTheStart() {
    try (TensorScope _ = TensorScope.open();
        Module a = make("resnet8", 0.5, Stem.CIFAR, false);
        Module b = make("resnet8", 0.5, Stem.CIFAR, false)) {
      Tensor x = Tensor.of(new float[192], 1, 8, 8, 3).add(1);
      assertEquals(a.forward(x).toString(), b.forward(x).toString());
    }
  }

  /// Of the norms only those of shortcuts stand without a ReLU.
  @ParameterizedTest
  @CsvSource({"resnet8, 7, 2", "resnet18, 17, 3", "resnet50, 49, 4"})
  void noReluAndNoSumPassesOverAnActivationOfItsOwn(String name, int fused, int shortcuts) {
    try (TensorScope _ = TensorScope.open();
        Encoder net = make(name, 0.125, Stem.CIFAR, false)) {
      Tensor x = Tensor.of(new float[2 * 9 * 9 * 3], 2, 9, 9, 3);
      try (Tape.Run run = Tape.record(() -> net.forward(x))) {
        List<String> tags = run.nodes().stream().map(node -> node.op().tag()).toList();
        assertEquals(fused, Collections.frequency(tags, "batch_norm_relu"));
        assertEquals(shortcuts, Collections.frequency(tags, "batch_norm"));
        assertEquals(0, Collections.frequency(tags, "relu"));
        assertEquals(0, Collections.frequency(tags, "add"));
      }
    }
  }
}
