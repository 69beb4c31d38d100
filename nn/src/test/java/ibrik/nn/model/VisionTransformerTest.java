package ibrik.nn.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.NoLeaks;
import ibrik.nn.Parameter;
import ibrik.nn.model.VisionTransformer.Config;
import ibrik.nn.model.VisionTransformer.Form;
import ibrik.nn.optim.AdamW;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.WeightDecay;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class VisionTransformerTest {
  private static Tensor images(Build build, long n, long height, long width) {
    TensorSpec spec = new TensorSpec(build.dtype(), Shape.of(n, height, width, 3));
    return Tensors.normal(spec, 0, 1, Tensors.key(9, n, build.device()));
  }

  /// Published sizes: 5.5 and 21.7 million for images of 224 pixels, patches of 16 and no classes.
  @Test
  void parameterCountsAreThePublishedOnes() {
    Form form = Form.of(224, 16, 3);
    try (VisionTransformer tiny = Models.transformer(Build.cpu(1), "vit-tiny", 1, form);
        VisionTransformer small = Models.transformer(Build.cpu(1), "vit-small", 1, form)) {
      assertEquals(5_524_416, tiny.parameterCount());
      assertEquals(21_665_664, small.parameterCount());
    }
  }

  @Test
  void featuresOfEverySizeOfImage() {
    try (TensorScope _ = TensorScope.open();
        VisionTransformer net =
            Models.transformer(Build.cpu(1), "vit-nano", 0.5, Form.of(16, 4, 3))) {
      assertEquals(32, net.featureDim());
      assertEquals(Shape.of(2, 32), net.forward(images(Build.cpu(1), 2, 16, 16)).shape());
      assertEquals(Shape.of(3, 7, 32), net.tokens(images(Build.cpu(1), 3, 8, 12)).shape());
      assertEquals(Shape.of(1, 32), net.forward(images(Build.cpu(1), 1, 4, 4)).shape());
      assertThrows(
          IllegalArgumentException.class, () -> net.forward(images(Build.cpu(1), 1, 6, 8)));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsForTheImage(boolean fixed) {
    Build build = new Build(DType.F64, Device.REFERENCE, 3, "");
    Form form = Form.of(4, 2, 3);
    try (TensorScope _ = TensorScope.open();
        VisionTransformer net =
            new VisionTransformer(build, new Config(4, 1, 2, fixed ? form.mocoV3() : form))) {
      GradCheck check = GradCheck.of(in -> net.forward(in.getFirst()));
      check.firstOrder(List.of(images(build, 1, 4, 4)), 1).orThrow();
      check.firstOrder(List.of(images(build, 1, 2, 6)), 1).orThrow();
    }
  }

  /// Every parameter gets a gradient, also by way of interpolated positions.
  @Test
  void gradientsReachEveryParameter() {
    try (TensorScope _ = TensorScope.open();
        VisionTransformer net =
            Models.transformer(Build.cpu(1), "vit-nano", 0.5, Form.of(8, 4, 3))) {
      Tensor x = images(Build.cpu(1), 2, 12, 12);
      List<Tensor> values = net.parameters().stream().map(Parameter::value).toList();
      try (Tape.Run run = Tape.record(() -> net.forward(x).square().mul(net.forward(x)).sum())) {
        List<Tensor> gradients = run.gradients(values);
        for (int i = 0; i < values.size(); i++) {
          String name = net.parameters().get(i).name();
          // A shift of all keys changes no softmax.
          boolean none = name.endsWith("key.bias");
          assertEquals(none, gradients.get(i).abs().max().item() < 1e-4, name);
        }
      }
    }
  }

  @Test
  void mocoV3TrainsNeitherPatchesNorPositions() {
    try (VisionTransformer net =
        Models.transformer(Build.cpu(1), "vit-nano", 1, Form.of(16, 4, 3).mocoV3())) {
      List<String> names = net.parameters().stream().map(Parameter::name).toList();
      assertTrue(names.stream().noneMatch(n -> n.startsWith("patches") || n.equals("position")));
      assertTrue(net.stateDict().containsKey("patches.weight"), "but the patches are saved");
    }
  }

  @Test
  void sinesByHand() {
    // Column 1, row 2, width 8: frequencies 1 and 1/100.
    double[] all = Grid.sines(3, 2, 8);
    double[] got = Arrays.copyOfRange(all, 5 * 8, 6 * 8);
    double[] want = {
      Math.sin(1), Math.sin(0.01), Math.cos(1), Math.cos(0.01),
      Math.sin(2), Math.sin(0.02), Math.cos(2), Math.cos(0.02)
    };
    assertArrayEquals(want, got, 1e-15);
  }

  /// Weights add up to 1, the same size is itself, and a place a quarter past the third row of
  /// eight takes what Keys' kernel says.
  @Test
  void resizingIsCubicInterpolation() {
    try (TensorScope _ = TensorScope.open()) {
      double[] same = Grid.resize(3, 3, 3).toDoubles();
      for (int i = 0; i < 81; i++) {
        assertEquals(i % 10 == 0 ? 1 : 0, same[i], 1e-15);
      }
      double[] sums = Grid.resize(5, 7, 2).sum(List.of(1), false).toDoubles();
      double[] ones = new double[14];
      Arrays.fill(ones, 1);
      assertArrayEquals(ones, sums, 1e-14);
      // Twice the rows: row 5 lies at 2.25. Its first column is made of first columns.
      double[] row = Grid.resize(8, 16, 8).narrow(0, 5 * 8, 1).toDoubles();
      double[] down = new double[8];
      for (int i = 0; i < 8; i++) {
        down[i] = row[i * 8];
      }
      double[] keys = {0, -0.10546875, 0.87890625, 0.26171875, -0.03515625, 0, 0, 0};
      assertArrayEquals(keys, down, 1e-15);
      // At the edge the taps outside fall on the first row: centre -0.25.
      double[] first = Grid.resize(8, 16, 8).narrow(0, 0, 1).toDoubles();
      assertEquals(1 + 0.10546875, first[0], 1e-15);
      assertEquals(-0.10546875, first[8], 1e-15);
    }
  }

  /// Two steps of training with drops, eager and replayed, give the same bits.
  @Test
  void aTrainingStepCanBeCaptured() {
    try (Twin eager = new Twin();
        Twin replayed = new Twin();
        Program program = Program.capture(replayed::step)) {
      for (int i = 0; i < 3; i++) {
        program.replay();
        try (TensorScope _ = TensorScope.open()) {
          float want = (float) eager.step().getFirst().item();
          assertEquals(want, (float) program.outputs().getFirst().item());
        }
      }
      assertEquals(bits(eager), bits(replayed));
      List<Float> losses = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        program.replay();
        losses.add((float) program.outputs().getFirst().item());
      }
      assertTrue(losses.getLast() < 0.5 * losses.getFirst(), losses::toString);
    }
  }

  private static List<List<Double>> bits(Twin twin) {
    return twin.net.stateDict().values().stream()
        .map(v -> Arrays.stream(v.value().toDoubles()).boxed().toList())
        .toList();
  }

  /// A small network that learns to tell two images apart.
  private static final class Twin implements AutoCloseable {
    final VisionTransformer net =
        Models.transformer(Build.cpu(5), "vit-nano", 0.5, Form.of(8, 4, 3).dropPath(0.2));
    private final Variable x;
    private final Variable y;
    private final Variable lr = Variable.scalar("lr", 3e-3, Device.CPU);
    private final Optimizer optimizer;

    Twin() {
      try (TensorScope _ = TensorScope.open()) {
        x = Variable.of("x", images(Build.cpu(1), 8, 8, 8));
        y = Variable.of("y", Tensor.of(new int[] {0, 1, 2, 3, 0, 1, 2, 3}, 8));
      }
      optimizer = new AdamW(net.parameters(), lr, 0.9, 0.999, 1e-8, WeightDecay.weights(0.01));
    }

    List<Tensor> step() {
      try (TensorScope scope = TensorScope.open();
          Tape.Run run =
              Tape.record(() -> net.forward(x.value()).softmaxCrossEntropy(y.value()).mean())) {
        optimizer.step(
            run.gradientsOf(optimizer.parameters().stream().map(Parameter::variable).toList()));
        return List.of(scope.keep(run.keep(run.value())));
      }
    }

    @Override
    public void close() {
      net.close();
      x.close();
      y.close();
      lr.close();
      optimizer.close();
    }
  }

  @Test
  void saysWhatIsWrong() {
    assertEquals(
        "[vision_transformer] sizes must be at least 1, and the patch size must divide the image;"
            + " got image 28, patch 5, channels 1",
        assertThrows(IllegalArgumentException.class, () -> Form.of(28, 5, 1)).getMessage());
    assertEquals(
        "[vision_transformer] sines and cosines of two coordinates need a dim divisible by 4; got 6",
        assertThrows(
                IllegalArgumentException.class,
                () -> new Config(6, 1, 1, Form.of(8, 4, 1).mocoV3()))
            .getMessage());
  }
}
