package ibrik.kernels.cuda;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Loss;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Loss].
final class LossCuda {
  static final CudaFile CROSS_ENTROPY = CudaFile.of("loss/cross_entropy.cu", 256, CudaFile.FLOATS);

  private LossCuda() {}

  static @Nullable CudaOp op(Loss op, List<TensorSpec> in) {
    TensorSpec logits = in.getFirst();
    if (!CROSS_ENTROPY.serves(logits.dtype())) {
      return null;
    }
    RowGrid rows = RowGrid.of(logits);
    CudaSource source = CROSS_ENTROPY.with(logits.dtype());
    boolean backward = op instanceof Loss.SoftmaxCrossEntropyBackward;
    CudaOp cuda =
        (gpu, args, out) -> {
          Launch launch = gpu.kernel(source, rows.variant(op.tag()));
          args.forEach(launch::tensor);
          Tensor x = args.getFirst();
          long width = rows.width();
          launch
              .tensor(out.getFirst())
              .i64(rows.rows())
              .i64(width)
              .i32(backward ? Packs.fit(width, x, out.getFirst()) : Packs.fit(width, x))
              .run(rows.grid(gpu));
        };
    return backward ? cuda.overwriting(0) : cuda; // the last pass reads and writes one place
  }
}
