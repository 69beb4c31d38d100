package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class VariableTest {
  private static final TensorSpec PAIR = new TensorSpec(DType.F32, Shape.of(2));

  @Test
  void outlivesScopesUntilItIsClosed() {
    Variable variable;
    try (TensorScope _ = TensorScope.open()) {
      variable = Variable.of("w", Tensor.of(new float[] {1, 2}));
    }
    assertEquals("w = f32[2] [1.0000, 2.0000]", variable.toString());
    variable.close();
    assertTrue(variable.value().isClosed());
    variable.close();
  }

  @Test
  void copiesItsStart() {
    try (TensorScope _ = TensorScope.open();
        Variable source = Variable.zeros("source", PAIR, Device.CPU);
        Variable copy = Variable.of("copy", source.value())) {
      source.set(Tensor.of(new float[] {5, 6}));
      assertArrayEquals(new float[] {0, 0}, copy.value().toFloats());
    }
  }

  @Test
  void theValueIsOneLiveHandle() {
    try (TensorScope _ = TensorScope.open();
        Variable v = Variable.zeros("v", PAIR, Device.CPU)) {
      Tensor before = v.value();
      v.set(Tensor.of(new float[] {3, 4}));
      assertSame(before, v.value());
      assertArrayEquals(new float[] {3, 4}, before.toFloats());
      v.set(MemorySegment.ofArray(new float[] {7, 8}));
      assertArrayEquals(new float[] {7, 8}, before.toFloats());
    }
  }

  @Test
  void everyUpdateRaisesTheVersion() {
    try (TensorScope _ = TensorScope.open();
        Variable v = Variable.scalar("lr", 0.5, Device.CPU)) {
      long start = v.value().version();
      v.set(2);
      v.set(Tensor.scalar(3f));
      v.set(MemorySegment.ofArray(new float[] {4}));
      assertEquals(start + 3, v.value().version());
      Tensor view = v.value().reshape(1);
      assertEquals(start + 3, view.version(), "a view has the version of its storage");
      assertTrue(view.isMutable());
      Tensor plain = v.value().add(1);
      assertEquals(0, plain.version());
      assertFalse(plain.isMutable());
    }
  }

  @Test
  void aFailedStartFreesTheMemory() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor gone = Tensor.of(new float[] {1, 2});
      gone.close();
      assertThrows(IllegalStateException.class, () -> Variable.of("w", gone));
    }
  }

  @Test
  void saysWhatDoesNotFit() {
    try (TensorScope _ = TensorScope.open();
        Variable v = Variable.zeros("v", PAIR, Device.CPU)) {
      assertEquals(
          "[variable] v is no scalar; got f32[2]",
          assertThrows(IllegalStateException.class, () -> v.set(1)).getMessage());
      assertEquals(
          "[variable] v f32[2] needs 8 bytes; got 4",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> v.set(MemorySegment.ofArray(new float[] {1})))
              .getMessage());
      Tensor wide = Tensor.of(new double[] {1, 2});
      assertEquals(
          "[assign] target and source must have one type and shape; got target: f32[2], source:"
              + " f64[2]",
          assertThrows(IllegalArgumentException.class, () -> v.set(wide)).getMessage());
    }
  }
}
