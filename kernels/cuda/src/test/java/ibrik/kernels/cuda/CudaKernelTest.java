package ibrik.kernels.cuda;

import static ibrik.kernels.cuda.EmulatedBackend.DEVICE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.kernels.cuda.driver.CompileException;
import ibrik.kernels.cuda.driver.CudaException;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.exec.Program;
import ibrik.tensor.op.Check;
import ibrik.tensor.op.CustomOp;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Kernels of a user.
@ExtendWith(LiveBytes.class)
class CudaKernelTest {
  private static final String SWISH =
      """
      extern "C" __global__ void swish(const float *x, float *y, long long n, float beta) {
        long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
        if (i < n) y[i] = x[i] / (1 + expf(-beta * x[i]));
      }
      """;

  @BeforeEach
  void emulates() {
    Emulation.assume();
  }

  /// An op from outside the engine whose kernel is a text.
  record Swish(float beta) implements CustomOp {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").floating().done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      throw new AssertionError("the kernel serves");
    }

    @Override
    public List<Tensor> vjp(List<Tensor> in, List<Tensor> out, List<Tensor> cotangents) {
      throw new AssertionError("no gradient is asked for");
    }

    @Override
    public Kernel kernel(Device device, List<TensorSpec> in) {
      if (!device.equals(DEVICE) || in.getFirst().dtype() != DType.F32) {
        return null;
      }
      CudaKernel swish = CudaKernel.compile(SWISH, "swish");
      long n = in.getFirst().elems();
      return (x, y) ->
          swish
              .on(x.getFirst())
              .tensor(x.getFirst())
              .tensor(y.getFirst())
              .i64(n)
              .f32(beta)
              .run(Grid.of(Math.ceilDiv(n, 256), 256));
    }
  }

  private static float[] swish(float... x) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (float) (x[i] / (1 + Math.exp(-1.5 * x[i])));
    }
    return y;
  }

  @Test
  void aTextIsAnOpEagerlyAndInAProgram() {
    float[] numbers = {-2, -0.5f, 0, 1, 3};
    try (TensorScope _ = TensorScope.open();
        Variable x = Variable.of("x", Tensor.of(numbers, 5).to(DEVICE))) {
      Tensor y = Interpreter.current().apply1(new Swish(1.5f), List.of(x.value()));
      assertArrayEquals(swish(numbers), y.toFloats(), 1e-6f);
      try (Program step =
          Program.capture(() -> Interpreter.current().apply(new Swish(1.5f), List.of(x.value())))) {
        for (int i = 0; i < 3; i++) {
          numbers[0] = i;
          x.set(Tensor.of(numbers, 5).to(DEVICE));
          step.replay();
          assertArrayEquals(
              swish(numbers), step.outputs().getFirst().toFloats(), 1e-6f, "replay " + i);
        }
      }
    }
  }

  @Test
  void anErrorNamesFileAndLine() {
    String message =
        assertThrows(
                CompileException.class,
                () ->
                    CudaKernel.compile(
                            """
                            #include "ibrik.cuh"
                            extern "C" __global__ void wrong(float *y) {
                              y[0] = nothing;
                            }
                            """,
                            "wrong")
                        .check(DEVICE))
            .getMessage();
    assertTrue(message.startsWith("[cuda] wrong.cu does not compile:\n"), message);
    // As g++ and as NVRTC write it.
    assertTrue(message.contains("wrong.cu:3:") || message.contains("wrong.cu(3)"), message);
    assertTrue(message.contains("nothing"), message);
  }

  @Test
  void aNameThatIsNotThereIsAnError() {
    String message =
        assertThrows(CudaException.class, () -> CudaKernel.compile(SWISH, "swosh").check(DEVICE))
            .getMessage();
    assertTrue(message.contains("swosh"), message);
  }

  @Test
  void otherDevicesAreRefused() {
    try (TensorScope _ = TensorScope.open()) {
      CudaKernel kernel = CudaKernel.compile(SWISH, "swish");
      assertEquals(
          "[cuda] a kernel of CUDA needs a GPU; got a tensor on reference; move it with"
              + " to(Device.parse(\"cuda\"))",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> kernel.on(Tensor.scalar(1f).to(Device.REFERENCE)))
              .getMessage());
    }
  }
}
