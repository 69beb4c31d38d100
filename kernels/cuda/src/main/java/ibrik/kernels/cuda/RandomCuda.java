package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.RandomOp;
import org.jspecify.annotations.Nullable;

/// Launches [RandomOp].
final class RandomCuda {
  static final CudaFile RANDOM = CudaFile.of("random/random.cu", 256, CudaFile.FLOATS);

  private RandomCuda() {}

  static @Nullable CudaOp op(RandomOp op) {
    return switch (op) {
      case RandomOp.RandomUniform(TensorSpec y, double low, double high) -> draw(op, y, low, high);
      case RandomOp.RandomNormal(TensorSpec y, double mean, double std) -> draw(op, y, mean, std);
      case RandomOp.RandomBernoulli(TensorSpec y, double p) -> draw(op, y, p, 0);
    };
  }

  private static @Nullable CudaOp draw(RandomOp op, TensorSpec y, double a, double b) {
    if (!RANDOM.serves(y.dtype())) {
      return null;
    }
    CudaSource source = RANDOM.with(y.dtype());
    long blocks = Math.ceilDiv(y.elems(), y.dtype() == DType.F64 ? 2 : 4);
    return (gpu, in, out) ->
        gpu.kernel(source, op.tag() + "_v1")
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .i64(y.elems())
            .f64(a)
            .f64(b)
            .i32(Packs.aligned(out))
            .run(Grid.strided(blocks, RANDOM.threads(), gpu.fullGrid()));
  }
}
