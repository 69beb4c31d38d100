package ibrik.tensor.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

/// What the bottom interpreter checks, allocates and marks.
@ExtendWith(NoLeaks.class)
class EvalTest {
  private static Tensor pair() {
    return Tensor.of(new float[] {1, 2});
  }

  private static String refused(Executable call) {
    return assertThrows(IllegalArgumentException.class, call).getMessage();
  }

  @Test
  void nothingIsMadeWhenARuleIsBroken() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = pair();
      Tensor y = Tensor.of(new float[3]);
      assertThrows(IllegalArgumentException.class, () -> x.add(y));
      assertEquals(2, scope.liveTensors());
    }
  }

  @Test
  void allInputsLiveOnOneDevice() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor here = pair();
      Tensor there = here.to(Device.REFERENCE);
      assertEquals(
          "[add] all tensors must live on one device; got cpu and reference; move one with"
              + " to(device)",
          refused(() -> here.add(there)));
    }
  }

  @Test
  void onlyVariablesAreWritten() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor plain = pair().add(0);
      assertEquals(
          "[assign] input 0 is written in place and must be the value of a Variable; got f32[2] made"
              + " by offset",
          refused(() -> Eval.INSTANCE.apply(new Update.Assign(), List.of(plain, pair()))));
      assertArrayEquals(new float[] {1, 2}, plain.toFloats());
    }
  }

  @Test
  void anUpdateMarksWhatItWrites() {
    try (TensorScope _ = TensorScope.open();
        Variable target = Variable.of("target", pair());
        Variable source = Variable.of("source", pair())) {
      long before = target.value().version();
      long other = source.value().version();
      List<Tensor> out =
          Eval.INSTANCE.apply(new Update.Assign(), List.of(target.value(), source.value()));
      assertEquals(List.of(), out);
      assertEquals(before + 1, target.value().version());
      assertEquals(other, source.value().version());
    }
  }

  @Test
  void aSliceOfAVariableCanBeWritten() {
    try (TensorScope _ = TensorScope.open();
        Variable v = Variable.zeros("v", new TensorSpec(DType.F32, Shape.of(4)), Device.CPU)) {
      Eval.INSTANCE.apply(new Update.Assign(), List.of(v.value().narrow(0, 1, 2), pair()));
      assertArrayEquals(new float[] {0, 1, 2, 0}, v.value().toFloats());
      assertEquals(1, v.value().version(), "a write to a part is one to the whole");
    }
  }

  @Test
  void updatesNeedNoScope() {
    Variable v = Variable.scalar("v", 3, Device.CPU);
    Variable w = Variable.scalar("w", 4, Device.CPU);
    v.set(w.value());
    assertEquals(4, v.value().item());
    v.close();
    w.close();
  }

  @Test
  void aLayerSeesEveryOpOfItsLambdaAndNoOther() throws InterruptedException {
    List<String> seen = new ArrayList<>();
    Interpreter layer =
        new Interpreter() {
          @Override
          public List<Tensor> apply(Op op, List<Tensor> in) {
            seen.add(op.tag());
            return Eval.INSTANCE.apply(op, in);
          }
        };
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = pair();
      Interpreter.with(layer, () -> x.mul(x).sum());
      x.neg();
      assertSame(Eval.INSTANCE, Interpreter.current());
      AtomicReference<Interpreter> elsewhere = new AtomicReference<>();
      Interpreter.with(
          layer,
          () -> {
            Thread thread = new Thread(() -> elsewhere.set(Interpreter.current()));
            thread.start();
            try {
              thread.join();
            } catch (InterruptedException stopped) {
              throw new IllegalStateException(stopped);
            }
            return elsewhere;
          });
      assertSame(Eval.INSTANCE, elsewhere.get(), "plain threads inherit no layer");
    }
    assertEquals(List.of("mul", "sum"), seen);
  }

  @Test
  void opsWithoutInputsNeedOneForTheDevice() {
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(
          "[add] needs 2 inputs (a, b)",
          refused(() -> Eval.INSTANCE.apply(new Elementwise.Add(), List.of())));
    }
  }

  @Test
  void typesWithoutKernelsAreRefused() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor bools = Tensor.of(new boolean[2]);
      assertEquals(
          "[dtype] b1 is declared but has no kernels; use another type",
          assertThrows(UnsupportedOperationException.class, () -> bools.cast(DType.B1))
              .getMessage());
    }
  }
}
