package ibrik.kernels.cpu;

import ibrik.tensor.DType;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.ImageOp;
import org.jspecify.annotations.Nullable;

/// Binds [ImageOp], a task per image: a call with one image stays on the thread that makes it, so
/// loader threads do not take part in the work of others, nor others in theirs.
final class ImageCpu {
  private ImageCpu() {}

  static @Nullable Kernel kernel(ImageOp op, CpuPool pool) {
    return switch (op) {
      case ImageOp.Augment augment when augment.dtype() == DType.F32 ->
          (in, out) ->
              pool.run(
                  Math.toIntExact(out.getFirst().dim(0)),
                  n -> ViewMaker.own().make(augment, in, out.getFirst(), n));
      case ImageOp.Augment _ -> null;
    };
  }
}
