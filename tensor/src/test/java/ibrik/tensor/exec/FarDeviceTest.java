package ibrik.tensor.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.op.Update;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Every op runs on a device that has no kernels and whose memory the host cannot address: over
/// host memory and back.
@ExtendWith(NoLeaks.class)
class FarDeviceTest {
  private static final Device FAR = Device.parse("far");

  @AfterEach
  void nothingLeakedThere() {
    assertEquals(0, Backends.of(FAR).memory(0).liveBytes());
  }

  private static Tensor far(float... values) {
    return Tensor.of(values, values.length).to(FAR);
  }

  @Test
  void primitivesFallBack() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor y = far(1, 2).add(far(10, 20));
      assertEquals(FAR, y.device());
      assertArrayEquals(new float[] {11, 22}, y.toFloats());
      assertEquals(22, y.max().item());
      assertEquals("f32[2] [11.0000, 22.0000]", y.toString());
    }
  }

  @Test
  void fusedOpsRunTheirCompositionThere() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor y = far(0, 0, 0, 0).reshape(2, 2).softmax();
      assertEquals(FAR, y.device());
      assertArrayEquals(new float[] {.5f, .5f, .5f, .5f}, y.toFloats());
    }
  }

  @Test
  void slicesAreReadAtTheirOffset() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor slice = far(1, 2, 3, 4).narrow(0, 1, 2);
      assertArrayEquals(new float[] {2, 3}, slice.toFloats());
      assertArrayEquals(new float[] {-2, -3}, slice.neg().toFloats());
      assertArrayEquals(new float[] {2, 3}, slice.to(Device.CPU).toFloats());
    }
  }

  @Test
  void tensorsAreMadeThere() {
    try (TensorScope _ = TensorScope.open()) {
      assertArrayEquals(new int[] {0, 1, 2}, Tensors.iota(3, DType.I32, FAR).toInts());
      TensorSpec spec = new TensorSpec(DType.F32, Shape.of(5));
      Tensor here = Tensors.uniform(spec, 0, 1, Tensors.key(1, 2, Device.CPU));
      Tensor there = Tensors.uniform(spec, 0, 1, Tensors.key(1, 2, FAR));
      assertArrayEquals(here.toFloats(), there.toFloats());
    }
  }

  @Test
  void updatesAreWrittenBack() {
    try (TensorScope _ = TensorScope.open();
        Variable target = Variable.of("target", far(1, 2, 3, 4));
        Variable tau = Variable.scalar("tau", 0.5, FAR)) {
      Tensor part = target.value().narrow(0, 1, 2);
      Eval.INSTANCE.apply(new Update.Ema(1), List.of(part, far(4, 5), tau.value()));
      assertArrayEquals(new float[] {1, 3, 4, 4}, target.value().toFloats());
      assertEquals(2, target.value().version());
    }
  }

  @Test
  void itsMemoryIsOutOfReach() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = far(1);
      assertEquals(
          "[tensor] f32[1] lives on far, not in host memory; call to(Device.CPU)",
          assertThrows(IllegalStateException.class, x::data).getMessage());
    }
  }
}
