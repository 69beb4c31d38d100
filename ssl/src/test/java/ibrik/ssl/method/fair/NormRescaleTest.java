package ibrik.ssl.method.fair;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Linear;
import ibrik.nn.MlpHead;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.fair.NormRescale.Which;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NormRescaleTest extends MethodTest {
  private static double norm(Parameter p) {
    double squares = 0;
    for (double x : p.value().toDoubles()) {
      squares += x * x;
    }
    return Math.sqrt(squares);
  }

  private static void scale(ibrik.nn.Module module, double factor) {
    try (TensorScope _ = TensorScope.open()) {
      module.parameters().forEach(p -> p.variable().set(p.value().mul(factor)));
    }
  }

  @Test
  void normsAreTheReferencesAndDirectionsStay() {
    try (Linear reference = new Linear(Build.cpu(1).child("a"), 3, 2, true);
        Linear network = new Linear(Build.cpu(2).child("b"), 3, 2, true)) {
      scale(network, 7);
      double[] before = network.parameters().getFirst().value().toDoubles();
      Map<String, Double> factors = NormRescale.apply(reference, network, Which.ALL);
      for (int i = 0; i < 2; i++) {
        assertEquals(norm(reference.parameters().get(i)), norm(network.parameters().get(i)), 1e-6);
      }
      double[] after = network.parameters().getFirst().value().toDoubles();
      for (int i = 0; i < after.length; i++) {
        assertEquals(before[i] * factors.get("weight"), after[i], 1e-6);
      }
      assertEquals(java.util.Set.of("weight", "bias"), factors.keySet());
    }
  }

  /// Weights before a batch norm may have any length: in train mode the network gives the same.
  @Test
  void beforeNormsTheFunctionStays() {
    try (TensorScope _ = TensorScope.open();
        Encoder reference = encoder(1);
        Encoder network = encoder(2)) {
      scale(reference, 1.5);
      Tensor x = Tensor.of(normals(32 * 64, 0), 32, 8, 8, 1);
      double[] before = network.forward(x).toDoubles();
      Map<String, Double> factors = NormRescale.apply(reference, network, Which.WEIGHTS);
      assertTrue(factors.values().stream().allMatch(f -> f > 1.2), factors::toString);
      assertTrue(factors.keySet().stream().allMatch(n -> n.endsWith("weight")));
      assertArrayEquals(before, network.forward(x).toDoubles(), 2e-2);
      NormRescale.apply(reference, network, Which.ALL);
      double[] other = network.forward(x).toDoubles();
      assertTrue(Math.abs(before[0] - other[0]) + Math.abs(before[5] - other[5]) > 0.1);
    }
  }

  private static Encoder encoder(long seed) {
    return Models.create(Build.cpu(seed), "resnet8", 1, 0.25, Stem.HALF, true);
  }

  /// Why it is there: under batch norm a step of one rate turns a long weight less. A network whose
  /// kernels are eight times as long learns more slowly; rescaled to those of its like, it learns
  /// as they do.
  @Test
  void longWeightsLearnSlowlyUntilTheyAreRescaled() {
    try (TensorScope _ = TensorScope.open();
        Encoder reference = encoder(1);
        Encoder network = encoder(1)) {
      double normal = lossAfterSteps(reference);
      scaleKernels(network, 8);
      double slow = lossAfterSteps(network);
      assertTrue(slow > 2 * normal, slow + " with long weights, " + normal + " without");
      try (Encoder like = encoder(1);
          Encoder mended = encoder(1)) {
        scaleKernels(mended, 8);
        NormRescale.apply(like, mended, Which.WEIGHTS);
        double rescaled = lossAfterSteps(mended);
        assertEquals(normal, rescaled, 0.02 * normal);
      }
    }
  }

  private static void scaleKernels(ibrik.nn.Module module, double factor) {
    try (TensorScope _ = TensorScope.open()) {
      module.parameters().stream()
          .filter(p -> p.role() == Parameter.Role.WEIGHT)
          .forEach(p -> p.variable().set(p.value().mul(factor)));
    }
  }

  /// Mean of the last losses of a fixed classifier on the features, while the encoder learns to
  /// tell four images from noisy copies of them.
  private static double lossAfterSteps(Encoder encoder) {
    int classes = 4;
    int copies = 4;
    int rows = classes * copies;
    int steps = 30;
    int[] labels = new int[rows];
    Arrays.setAll(labels, i -> i % classes);
    double sum = 0;
    try (TensorScope _ = TensorScope.open();
        Variable rate = Variable.scalar("rate", 0.05, Device.CPU);
        Sgd sgd = new Sgd(encoder.parameters(), rate, 0.9, false, WeightDecay.weights(0))) {
      Tensor head =
          Tensor.of(normals(classes * encoder.featureDim(), 99), classes, encoder.featureDim());
      Tensor right = Tensor.of(labels, rows);
      Tensor pure = Tensor.of(normals(classes * 64, 1), classes, 8, 8, 1);
      Tensor all = LayoutOps.concat(0, Collections.nCopies(copies, pure));
      for (int step = 0; step < steps; step++) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor x = all.add(Tensor.of(normals(rows * 64, 200 + step), rows, 8, 8, 1).mul(0.5));
          try (Tape.Run run =
              Tape.record(
                  () ->
                      encoder
                          .forward(x)
                          .matMul(head, false, true)
                          .softmaxCrossEntropy(right)
                          .mean())) {
            sgd.step(run.gradients(encoder.parameters().stream().map(Parameter::value).toList()));
            sum += step >= steps - 10 ? run.value().item() / 10 : 0;
          }
        }
      }
    }
    return sum;
  }

  /// Scales that start at 0 have no direction.
  @Test
  void zerosAreLeftAlone() {
    try (Encoder reference = encoder(1);
        Encoder network = encoder(2)) {
      Map<String, Double> factors = NormRescale.apply(reference, network, Which.ALL);
      assertEquals(1, factors.get("layer1.0.bn2.gamma"));
      assertEquals(1, factors.get("bn1.beta"));
    }
  }

  @Test
  void formsMustBeEqual() {
    try (MlpHead reference = new MlpHead(Build.cpu(1), 3, 4, 2);
        MlpHead wider = new MlpHead(Build.cpu(1), 3, 5, 2);
        Linear other = new Linear(Build.cpu(1), 3, 2, true)) {
      refuses(
          "[norm_rescale] networks must have the same form; got layers.0.weight: f32[5,3] and"
              + " f32[4,3]",
          () -> NormRescale.apply(reference, wider, Which.ALL));
      refuses(
          "[norm_rescale] networks must have the same form; got weight: f32[2,3] and none",
          () -> NormRescale.apply(reference, other, Which.ALL));
    }
  }
}
