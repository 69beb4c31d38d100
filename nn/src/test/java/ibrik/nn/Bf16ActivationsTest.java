package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.init.Init;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet;
import ibrik.nn.model.ResNet.Stem;
import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.op.Conv2dGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Activations between the layers of a network in bf16: their types, and what is rounded when.
@ExtendWith(LiveBytes.class)
class Bf16ActivationsTest {
  private static final double EPS = 1e-5;

  private static Build build(Precision precision) {
    return new Build(DType.F32, Device.CPU, 3, "", precision);
  }

  private static Tensor normal(long stream, long... dims) {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(dims));
    return Tensors.normal(spec, 0, 1, Tensors.key(9, stream, Device.CPU));
  }

  /// Forward x, backward the gradient.
  private static Tensor rounded(Tensor x) {
    return x.cast(DType.BF16).cast(DType.F32);
  }

  // ---- types ----

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void imagesStayBf16UpToTheFeatures(boolean train) {
    Build b = build(Precision.BF16);
    try (TensorScope _ = TensorScope.open();
        Conv2d conv = new Conv2d(b, 3, 5, 3, Conv2dGeometry.of(1, 1), true, Init.kaimingNormal());
        BatchNorm norm = new BatchNorm(b, 5);
        Module max = new MaxPool2d(b, 2, 2, 0);
        Module avg = new AvgPool2d(b, 2, 2, 0);
        Module mean = new GlobalAvgPool(b);
        Linear linear = new Linear(b, 5, 4, true);
        LayerNorm rows = new LayerNorm(b, 5)) {
      if (!train) {
        norm.eval();
      }
      Tensor y = conv.forward(normal(1, 2, 8, 8, 3));
      List<Tensor> narrow =
          List.of(
              y,
              norm.forward(y),
              norm.relu(y),
              norm.addRelu(y, y),
              max.forward(y),
              avg.forward(y),
              y.add(y).relu());
      for (Tensor activation : narrow) {
        assertEquals(DType.BF16, activation.dtype());
      }
      Tensor features = mean.forward(y);
      assertEquals(DType.F32, features.dtype());
      assertEquals(DType.F32, linear.forward(features).dtype());
      assertEquals(DType.F32, linear.forward(y).dtype());
      assertEquals(DType.F32, rows.forward(y).dtype());
    }
  }

  @Test
  void encodersGiveF32() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor images = normal(2, 2, 16, 16, 3);
      for (Precision precision : Precision.values()) {
        Build b = build(precision);
        for (String name : List.of("resnet8", "resnet50")) {
          try (var encoder = Models.create(b, name, 3, 0.25, Stem.IMAGENET, false)) {
            assertEquals(DType.F32, encoder.forward(images).dtype(), name + " " + precision);
          }
        }
      }
    }
  }

  /// Tokens are f32, also behind a convolution.
  @Test
  void transformersWidenWhatTheyAreGiven() {
    Build b = build(Precision.BF16);
    try (TensorScope _ = TensorScope.open();
        PatchEmbed embed = new PatchEmbed(b, 4, 3, 8, false, Init.uniformFanIn());
        TransformerBlock block = new TransformerBlock(b, 8, 2, 16, 0, Init.uniformFanIn())) {
      Tensor tokens = embed.forward(normal(3, 2, 8, 8, 3));
      assertEquals(DType.F32, tokens.dtype());
      assertEquals(DType.F32, block.forward(tokens).dtype());
      Tensor narrow = block.forward(tokens.cast(DType.BF16));
      assertArrayEquals(block.forward(rounded(tokens)).toFloats(), narrow.toFloats());
    }
  }

  // ---- numbers ----

  /// A stem and one block: two convolutions, their norms, the sum; behind it the features.
  private static ResNet network(Precision precision) {
    ResNet.Config config = new ResNet.Config(List.of(1), List.of(8), false, Stem.CIFAR, 3, false);
    return new ResNet(build(precision), config);
  }

  /// The network in f32 alone, rounded by hand wherever a tensor is bf16.
  private static Tensor roundedByHand(ResNet network, Tensor x) {
    Function<String, Tensor> p =
        name ->
            network.parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow()
                .value();
    Conv2dGeometry same = Conv2dGeometry.of(1, 1);
    Tensor stem = rounded(rounded(x).conv2d(rounded(p.apply("conv1.weight")), same));
    Tensor start =
        rounded(stem.batchNormRelu(p.apply("bn1.gamma"), p.apply("bn1.beta"), EPS).getFirst());
    String block = "layer1.0.";
    Tensor y = rounded(rounded(start).conv2d(rounded(p.apply(block + "conv1.weight")), same));
    y =
        rounded(
            y.batchNormRelu(p.apply(block + "bn1.gamma"), p.apply(block + "bn1.beta"), EPS)
                .getFirst());
    y = rounded(y.conv2d(rounded(p.apply(block + "conv2.weight")), same));
    y =
        rounded(
            y.batchNormAddRelu(
                    p.apply(block + "bn2.gamma"), p.apply(block + "bn2.beta"), rounded(start), EPS)
                .getFirst());
    return y.globalAvgPool2d();
  }

  private static List<float[]> gradients(ResNet network, Function<Tensor, Tensor> forward) {
    List<float[]> all = new ArrayList<>();
    Tensor x = normal(4, 6, 9, 8, 3);
    Tensor ct = normal(5, 6, 8);
    List<Tensor> wrt = new ArrayList<>();
    wrt.add(x);
    network.parameters().forEach(p -> wrt.add(p.value()));
    try (TensorScope _ = TensorScope.open();
        Tape.Run run = Tape.record(() -> forward.apply(x).mul(ct).sum())) {
      for (Tensor gradient : run.gradients(wrt)) {
        assertEquals(DType.F32, gradient.dtype());
        all.add(gradient.toFloats());
      }
    }
    return all;
  }

  /// Bit for bit: a sum of gradients at a branch is rounded as an activation is.
  @Test
  void everythingIsRoundedOnce() {
    try (TensorScope _ = TensorScope.open();
        ResNet network = network(Precision.BF16)) {
      Tensor x = normal(4, 6, 9, 8, 3);
      assertArrayEquals(roundedByHand(network, x).toFloats(), network.forward(x).toFloats());
      List<float[]> got = gradients(network, network::forward);
      List<float[]> want = gradients(network, t -> roundedByHand(network, t));
      for (int i = 0; i < want.size(); i++) {
        assertArrayEquals(
            want.get(i), got.get(i), i == 0 ? "x" : network.parameters().get(i - 1).name());
      }
    }
  }

  /// Rounding to 8 bits errs by about 2^-9 of a number. Before the last ReLU there are about 12
  /// roundings, `s = sqrt(12) 2^-9` together. A ReLU is open or shut by mistake where its input
  /// lies within that of 0: for a share of about s/3 of normal numbers, s for three ReLUs. That
  /// share of its squares is wrong in a gradient, so `sqrt(s)` of its length, 8 %; twice that is
  /// allowed.
  @Test
  void gradientsAreThoseOfF32WithinTheRounding() {
    try (TensorScope _ = TensorScope.open();
        ResNet narrow = network(Precision.BF16);
        ResNet wide = network(Precision.F32)) {
      List<float[]> got = gradients(narrow, narrow::forward);
      List<float[]> want = gradients(wide, wide::forward);
      for (int i = 0; i < want.size(); i++) {
        double error = distance(got.get(i), want.get(i));
        String name = i == 0 ? "x" : wide.parameters().get(i - 1).name();
        assertTrue(error > 0, name + " is not rounded");
        assertTrue(error <= 2 * Math.sqrt(Math.sqrt(12) * 0x1p-9), name + ": " + error);
      }
    }
  }

  /// Of the difference, relative to the length of `want`.
  private static double distance(float[] got, float[] want) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < want.length; i++) {
      difference += Math.pow(got[i] - want[i], 2);
      length += Math.pow(want[i], 2);
    }
    return Math.sqrt(difference / length);
  }
}
