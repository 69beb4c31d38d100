package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Stochastic depth: what is dropped, how often, and that draws can be repeated.
@ExtendWith(NoLeaks.class)
class DropPathTest {
  private static DropPath layer(long seed, double rate) {
    return new DropPath(Build.cpu(seed).child("drop"), rate);
  }

  private static Tensor ones(long... dims) {
    return Tensor.of(
        filled(1, Math.toIntExact(Arrays.stream(dims).reduce(1, (a, b) -> a * b))), dims);
  }

  private static float[] filled(float value, int count) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void wholeSamplesAreDroppedAndTheOthersMakeUpForIt() {
    try (TensorScope _ = TensorScope.open();
        DropPath drop = layer(1, 0.25)) {
      float[] y = drop.forward(ones(4000, 2, 3)).toFloats();
      int kept = 0;
      for (int i = 0; i < 4000; i++) {
        float[] sample = Arrays.copyOfRange(y, 6 * i, 6 * i + 6);
        assertArrayEquals(filled(sample[0], 6), sample);
        assertTrue(sample[0] == 0 || sample[0] == (float) (1 / 0.75), () -> "" + sample[0]);
        kept += sample[0] > 0 ? 1 : 0;
      }
      assertEquals(3000, kept, 5 * Math.sqrt(4000 * 0.25 * 0.75));
    }
  }

  @Test
  void gradientsPassWhereTheSampleStayed() {
    try (TensorScope _ = TensorScope.open();
        DropPath drop = layer(1, 0.5)) {
      Tensor x = ones(8, 3);
      try (Tape.Run run = Tape.record(() -> drop.forward(x).sum())) {
        float[] dx = run.gradients(List.of(x)).getFirst().toFloats();
        try (DropPath again = layer(1, 0.5)) {
          assertArrayEquals(again.forward(x).toFloats(), dx);
        }
      }
    }
  }

  @Test
  void nothingHappensInEvalModeOrAtRateZero() {
    try (TensorScope _ = TensorScope.open();
        DropPath drop = layer(1, 0.5);
        DropPath none = layer(1, 0)) {
      Tensor x = ones(4, 2);
      assertSame(x, none.forward(x));
      drop.eval();
      assertSame(x, drop.forward(x));
    }
  }

  @Test
  void everyDrawIsNewAndTheStateNamesThem() {
    try (TensorScope _ = TensorScope.open();
        DropPath drop = layer(3, 0.5);
        DropPath other = new DropPath(Build.cpu(3).child("other"), 0.5);
        DropPath copy = layer(4, 0.5)) {
      Tensor x = ones(64, 1);
      float[] first = drop.forward(x).toFloats();
      copy.copyStateFrom(drop);
      float[] second = drop.forward(x).toFloats();
      assertTrue(!Arrays.equals(first, second));
      assertTrue(!Arrays.equals(first, other.forward(x).toFloats()), "names have streams");
      assertArrayEquals(second, copy.forward(x).toFloats());
    }
  }

  @Test
  void aReplayedProgramDrawsAnew() {
    try (TensorScope _ = TensorScope.open();
        DropPath eager = layer(5, 0.5);
        DropPath replayed = layer(5, 0.5)) {
      Tensor x = Tensors.full(ones(32, 2).spec(), 1, Device.CPU);
      List<float[]> draws = new ArrayList<>();
      try (Program program =
          Program.capture(() -> List.of(replayed.forward(Tensors.full(x.spec(), 1, Device.CPU))))) {
        for (int i = 0; i < 3; i++) {
          program.replay();
          draws.add(program.outputs().getFirst().toFloats());
          assertArrayEquals(eager.forward(x).toFloats(), draws.getLast());
        }
      }
      assertTrue(!Arrays.equals(draws.get(0), draws.get(1)));
    }
  }

  @Test
  void aRateOfOneIsRefused() {
    assertEquals(
        "[drop_path] rate must be in [0, 1); got 1.0",
        assertThrows(IllegalArgumentException.class, () -> layer(1, 1)).getMessage());
  }
}
