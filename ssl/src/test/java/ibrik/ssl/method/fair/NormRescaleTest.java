package ibrik.ssl.method.fair;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.nn.Build;
import ibrik.nn.Linear;
import ibrik.nn.MlpHead;
import ibrik.nn.Parameter;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.fair.NormRescale.Which;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
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
