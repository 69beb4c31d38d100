package ibrik.kernels.cpu;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.util.List;

/// Binds [Linear] to [Gemm] and the convolutions.
final class LinearCpu {
  private LinearCpu() {}

  static Kernel kernel(Linear op, CpuPool pool) {
    return (in, outs) -> {
      Tensor a = in.get(0);
      Tensor b = in.get(1);
      Tensor out = outs.getFirst();
      switch (op) {
        case Linear.MatMul matMul -> matMul(pool, matMul, a, b, out);
        case Linear.Conv2d(Conv2dGeometry g) ->
            ConvForward.run(
                pool,
                ConvShape.of(a.shape(), b.shape(), out.shape(), g),
                a.data(),
                b.data(),
                out.data());
        case Linear.Conv2dBackwardData(Conv2dGeometry g, _, _) ->
            ConvBackwardData.run(
                pool,
                ConvShape.of(out.shape(), b.shape(), a.shape(), g),
                a.data(),
                b.data(),
                out.data());
        case Linear.Conv2dBackwardWeight(Conv2dGeometry g, _, _) ->
            ConvBackwardWeight.run(
                pool,
                ConvShape.of(a.shape(), out.shape(), b.shape(), g),
                a.data(),
                b.data(),
                out.data());
      }
    };
  }

  private static void matMul(CpuPool pool, Linear.MatMul op, Tensor a, Tensor b, Tensor out) {
    int m = (int) out.dim(-2);
    int n = (int) out.dim(-1);
    int k = (int) a.dim(op.transposeA() ? -2 : -1);
    Shape batch = Linear.MatMul.batch(out.shape());
    List<Long> startA = Broadcast.starts(Linear.MatMul.batch(a.shape()), batch);
    List<Long> startB = Broadcast.starts(Linear.MatMul.batch(b.shape()), batch);
    for (int i = 0; i < batch.elems(); i++) {
      Gemm.run(
          pool,
          new Gemm.Operand(a.data(), startA.get(i) * m * k * 4, m, k, op.transposeA()),
          new Gemm.Operand(b.data(), startB.get(i) * k * n * 4, k, n, op.transposeB()),
          out.data(),
          (long) i * m * n * 4);
    }
  }
}
