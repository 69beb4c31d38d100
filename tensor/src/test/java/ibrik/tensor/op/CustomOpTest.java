package ibrik.tensor.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.exec.Interpreter;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// An op from outside: by its composition, by its own kernel, and with a composition that breaks
/// its word.
@ExtendWith(NoLeaks.class)
class CustomOpTest {
  /// `x` and `2 x`. On f64 the op's own kernel runs instead, and leaves its mark: `-x` and `-2 x`.
  private record OneAndTwo() implements CustomOp {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").floating().done();
      return List.of(in.getFirst(), in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.getFirst();
      return List.of(x.mul(x.div(x)), x.add(x));
    }

    @Override
    public List<@Nullable Tensor> vjp(
        List<Tensor> in, List<Tensor> out, List<@Nullable Tensor> cotangents) {
      return Arrays.asList((Tensor) null);
    }

    @Override
    public @Nullable Kernel kernel(Device device, List<TensorSpec> in) {
      if (in.getFirst().dtype() != DType.F64) {
        return null;
      }
      return (x, y) -> {
        for (int i = 0; i < x.getFirst().elems(); i++) {
          double value = ibrik.tensor.Elements.get(x.getFirst().data(), DType.F64, i);
          ibrik.tensor.Elements.set(y.get(0).data(), DType.F64, i, -value);
          ibrik.tensor.Elements.set(y.get(1).data(), DType.F64, i, -2 * value);
        }
      };
    }
  }

  /// Promises the type of x and gives bools.
  private record Liar() implements CustomOp {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return in;
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(in.getFirst().isFinite());
    }

    @Override
    public List<@Nullable Tensor> vjp(
        List<Tensor> in, List<Tensor> out, List<@Nullable Tensor> cotangents) {
      return Arrays.asList((Tensor) null);
    }
  }

  private static List<Tensor> apply(Op op, Tensor x) {
    return Interpreter.current().apply(op, List.of(x));
  }

  @Test
  void theCompositionKeepsItsResultsAndFreesTheRest() {
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> out = apply(new OneAndTwo(), Tensor.of(new float[] {3, 4}));
      assertArrayEquals(new float[] {3, 4}, out.get(0).toFloats());
      assertArrayEquals(new float[] {6, 8}, out.get(1).toFloats());
      assertEquals(3, scope.liveTensors(), "the input and two outputs");
    }
  }

  @Test
  void itsOwnKernelComesFirst() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> out = apply(new OneAndTwo(), Tensor.of(new double[] {3, 4}));
      assertArrayEquals(new double[] {-3, -4}, out.get(0).toDoubles());
      assertArrayEquals(new double[] {-6, -8}, out.get(1).toDoubles());
    }
  }

  @Test
  void theTagIsTheNameOfTheRecord() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new int[] {1, 2});
      assertEquals(
          "[one_and_two] x must be floating point; got x: i32[2]; cast it with cast(DType.F32)",
          assertThrows(IllegalArgumentException.class, () -> apply(new OneAndTwo(), x))
              .getMessage());
    }
  }

  @Test
  void aCompositionMustGiveWhatTheShapeRuleSays() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {3, 4});
      assertEquals(
          "[liar] composition must give [f32[2]]; got [bool[2]]",
          assertThrows(IllegalStateException.class, () -> apply(new Liar(), x)).getMessage());
      assertEquals(1, scope.liveTensors());
    }
  }
}
