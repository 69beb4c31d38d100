package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.ImageOp.Augment;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [ImageOp].
final class ImageCuda {
  static final CudaFile AUGMENT =
      CudaFile.of("image/augment.cu", 256, List.of(DType.F32, DType.BF16, DType.F16));

  /// Shared memory that every device gives to a block, bytes.
  private static final long SHARED = 48 << 10;

  /// Scratch memory for views that are larger, bytes.
  private static final long SCRATCH = 256 << 20;

  private ImageCuda() {}

  static @Nullable CudaOp op(ImageOp op, List<TensorSpec> in) {
    return switch (op) {
      case Augment augment -> augment(augment, in.getFirst().shape());
    };
  }

  private static @Nullable CudaOp augment(Augment op, Shape images) {
    long elems = (long) op.height() * op.width() * op.channels();
    if (elems > Integer.MAX_VALUE) {
      return null;
    }
    long room = elems * Float.BYTES * (op.taps() > 1 ? 2 : 1);
    boolean shared = room <= SHARED;
    long views = images.dim(0);
    long blocks = shared ? views : Math.min(views, Math.max(1, SCRATCH / room));
    long[] sizes = {
      views,
      images.dim(1),
      images.dim(2),
      images.dim(3),
      op.height(),
      op.width(),
      op.channels(),
      op.taps(),
      op.filter() == Filter.BICUBIC ? 1 : 0,
      op.jitter() == Jitter.BYOL ? 1 : 0
    };
    return (gpu, in, out) -> {
      long grid = Math.min(blocks, gpu.fullGrid());
      Launch launch =
          gpu.kernel(AUGMENT.with(op.dtype()), "augment_v1")
              .tensor(in.get(0))
              .tensor(in.get(1))
              .address(in.size() == 3 ? CudaBuffer.address(in.get(2)) : 0)
              .tensor(out.getFirst())
              .address(shared ? 0 : gpu.scratch(grid * room))
              .struct(sizes);
      perChannel(launch, op.mean());
      perChannel(launch, op.std());
      launch.run(Grid.of(grid, AUGMENT.threads()).shared(shared ? Math.toIntExact(room) : 0));
    };
  }

  /// Three floats, the last repeated where there is one channel.
  private static void perChannel(Launch launch, List<Float> values) {
    for (int c = 0; c < 3; c++) {
      launch.f32(values.get(Math.min(c, values.size() - 1)));
    }
  }
}
