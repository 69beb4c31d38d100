package example;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.CustomOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// [Swish] with a kernel of its own for f32 in host memory: one pass instead of three.
public record FastSwish(Swish swish) implements CustomOp {
  /// Applies it.
  public static Tensor of(Tensor x, double beta) {
    return Interpreter.current().apply1(new FastSwish(new Swish(beta)), List.of(x));
  }

  @Override
  public @Nullable Kernel kernel(Device device, List<TensorSpec> in) {
    boolean served = device.equals(Device.CPU) && in.getFirst().dtype() == DType.F32;
    return served ? (x, y) -> run(x.getFirst().data(), y.getFirst().data()) : null;
  }

  private void run(MemorySegment x, MemorySegment y) {
    float beta = (float) swish.beta();
    for (long at = 0; at < x.byteSize(); at += Float.BYTES) {
      float v = x.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
      y.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) (v / (1 + Math.exp(-beta * v))));
    }
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    return swish.infer(in);
  }

  @Override
  public List<Tensor> compose(List<Tensor> in) {
    return swish.compose(in);
  }

  @Override
  public List<@Nullable Tensor> vjp(
      List<Tensor> in, List<Tensor> out, List<@Nullable Tensor> cotangents) {
    return swish.vjp(in, out, cotangents);
  }
}
