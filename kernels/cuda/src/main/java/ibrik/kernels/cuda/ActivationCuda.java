package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Activation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Activation].
final class ActivationCuda {
  static final CudaFile GELU = CudaFile.of("activation/gelu.cu", 256, CudaFile.FLOATS);

  private ActivationCuda() {}

  static @Nullable CudaOp op(Activation op, List<TensorSpec> in) {
    TensorSpec x = in.getFirst();
    if (!GELU.serves(x.dtype())) {
      return null;
    }
    CudaSource source = GELU.with(x.dtype());
    String name = op.tag() + "_v1";
    long packs = Math.ceilDiv(x.elems(), Packs.elements(x.dtype()));
    CudaOp cuda =
        (gpu, args, out) -> {
          Launch launch = gpu.kernel(source, name);
          args.forEach(launch::tensor);
          launch
              .tensor(out.getFirst())
              .i64(x.elems())
              .i32(Packs.aligned(args) & Packs.aligned(out))
              .run(Grid.strided(packs, GELU.threads(), gpu.fullGrid()));
        };
    return cuda.overwriting(0, 1);
  }
}
