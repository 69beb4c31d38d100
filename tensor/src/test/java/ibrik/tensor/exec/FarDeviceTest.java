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
import ibrik.tensor.backend.Feed;
import ibrik.tensor.backend.Readout;
import ibrik.tensor.op.Update;
import java.lang.foreign.MemorySegment;
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
  void batchesAreFedAndNumbersReadOut() {
    for (Device device : List.of(FAR, Device.CPU)) {
      try (Variable x = Variable.zeros("x", new TensorSpec(DType.I32, Shape.scalar()), device);
          Feed feed = Feed.into(x);
          Readout seen = Readout.of(List.of(x.value()))) {
        int[] batch = {7};
        feed.stage(MemorySegment.ofArray(batch));
        batch[0] = 8; // may change at once
        assertEquals(0, x.value().item());
        feed.deliver();
        seen.request();
        feed.stage(MemorySegment.ofArray(batch));
        feed.deliver();
        assertEquals(7, seen.number(0), "as it was when it was sent for");
        assertEquals(8, x.value().item());
        assertEquals(
            "[feed] nothing was staged for x i32[]; call stage first",
            assertThrows(IllegalStateException.class, feed::deliver).getMessage());
        assertEquals(
            "[feed] x i32[] needs 4 bytes; got 8",
            assertThrows(
                    IllegalArgumentException.class,
                    () -> feed.stage(MemorySegment.ofArray(new int[2])))
                .getMessage());
        feed.stage(MemorySegment.ofArray(batch));
        assertThrows(
            IllegalStateException.class,
            () ->
                Program.capture(
                        () -> {
                          feed.deliver();
                          return List.of(x.value());
                        })
                    .close());
      }
    }
  }

  @Test
  void onlySingleNumbersAreReadOut() {
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(
          "[readout] tensors must have one element each; got f32[2]; read it with"
              + " to(Device.CPU)",
          assertThrows(IllegalArgumentException.class, () -> Readout.of(List.of(far(1, 2))))
              .getMessage());
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
