package ibrik.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.random.Philox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Which bits of the stream make which element, and the distributions.
@ExtendWith(NoLeaks.class)
class RandomReferenceTest {
  private static final long SEED = 0x0123_4567_89AB_CDEFL;

  private static TensorSpec spec(DType dtype, long... dims) {
    return new TensorSpec(dtype, Shape.of(dims));
  }

  private static Tensor key() {
    return Tensors.key(SEED, 42, Device.CPU);
  }

  private static int[] block(long number) {
    int[] words = new int[4];
    Philox.block(SEED, number, 42, words);
    return words;
  }

  @Test
  void aBlockGivesFourFloats() {
    try (TensorScope _ = TensorScope.open()) {
      float[] x = Tensors.uniform(spec(DType.F32, 6), 0, 1, key()).toFloats();
      for (int i = 0; i < 6; i++) {
        assertEquals(Philox.toUnitFloat(block(i / 4)[i % 4]), x[i]);
      }
    }
  }

  @Test
  void aBlockGivesTwoDoubles() {
    try (TensorScope _ = TensorScope.open()) {
      double[] x = Tensors.uniform(spec(DType.F64, 3), -1, 1, key()).toDoubles();
      for (int i = 0; i < 3; i++) {
        int[] words = block(i / 2);
        double unit = Philox.toUnitDouble(words[2 * (i % 2)], words[2 * (i % 2) + 1]);
        assertEquals(-1 + 2 * unit, x[i]);
      }
    }
  }

  @Test
  void normalsAreCosineAndSineOfOnePair() {
    try (TensorScope _ = TensorScope.open()) {
      float[] z = Tensors.normal(spec(DType.F32, 4), 3, 2, key()).toFloats();
      int[] words = block(0);
      for (int pair = 0; pair < 4; pair += 2) {
        double radius = Math.sqrt(-2 * Math.log(1 - Philox.toUnitFloat(words[pair])));
        double angle = 2 * Math.PI * Philox.toUnitFloat(words[pair + 1]);
        assertEquals(3 + 2 * radius * Math.cos(angle), z[pair], 1e-5);
        assertEquals(3 + 2 * radius * Math.sin(angle), z[pair + 1], 1e-5);
      }
    }
  }

  @Test
  void anElementDoesNotDependOnTheSize() {
    try (TensorScope _ = TensorScope.open()) {
      float[] small = Tensors.normal(spec(DType.F32, 5), 0, 1, key()).toFloats();
      Tensor large = Tensors.normal(spec(DType.F32, 3, 7), 0, 1, key());
      assertArrayEquals(small, large.reshape(-1).narrow(0, 0, 5).toFloats());
    }
  }

  @Test
  void distributionsHaveTheirMoments() {
    try (TensorScope _ = TensorScope.open()) {
      int n = 20_000;
      double root = Math.sqrt(n);
      Tensor u = Tensors.uniform(spec(DType.F32, n), 2, 6, key());
      assertTrue(u.min().item() >= 2 && u.max().item() < 6);
      assertEquals(4, u.cast(DType.F64).mean().item(), 5 * 4 / Math.sqrt(12) / root);
      Tensor z = Tensors.normal(spec(DType.F64, n), 1, 3, key());
      assertEquals(1, z.mean().item(), 5 * 3 / root);
      assertEquals(9, z.sub(1).square().mean().item(), 5 * 9 * Math.sqrt(2) / root);
      Tensor hits = Tensors.bernoulli(spec(DType.F32, n), 0.2, key());
      assertEquals(0.2, hits.mean().item(), 5 * 0.4 / root);
      assertEquals(0, Tensors.bernoulli(spec(DType.F32, n), 0, key()).sum().item());
      assertEquals(n, Tensors.bernoulli(spec(DType.F32, n), 1, key()).sum().item());
    }
  }
}
