package ibrik.kernels.cuda;

import ibrik.kernels.cuda.Images.Variant;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [IntegerOp].
final class IntegerCuda {
  static final CudaFile INT_CONV2D = CudaFile.of("integer/int_conv2d.cu", 256, List.of(DType.I8));
  static final CudaFile REQUANTIZE = CudaFile.of("integer/requantize.cu", 256, List.of(DType.I8));

  /// From here on tensor cores multiply bytes.
  private static final int TENSOR_CAPABILITY = 80;

  private IntegerCuda() {}

  static CudaOp op(IntegerOp op, List<TensorSpec> in) {
    Shape x = in.getFirst().shape();
    return switch (op) {
      case IntegerOp.IntMatMul _, IntegerOp.IntConv2d _ -> product(op, in, null);
      case IntegerOp.Requantize requantize -> requantize(requantize, x);
      case IntegerOp.PackInt4() -> int4("pack_int4_v1", x, x.dim(-1), false);
      case IntegerOp.UnpackInt4(long count) -> int4("unpack_int4_v1", x, count, true);
    };
  }

  /// A product or a convolution, by the given variant or by the best one of the device.
  static CudaOp product(IntegerOp op, List<TensorSpec> in, @Nullable Variant wanted) {
    Shape x = in.get(0).shape();
    Shape w = in.get(1).shape();
    Shape y = op.infer(in).getFirst().shape();
    return switch (op) {
      case IntegerOp.IntMatMul(int zero) -> {
        long filters = w.dim(0);
        long rows = y.elemsBefore(y.rank() - 1);
        yield product(Images.ofRows(rows, x.dim(-1), filters), zero, x.dim(-1), wanted);
      }
      case IntegerOp.IntConv2d(Conv2dGeometry g, int zero) ->
          product(Images.of(x, w, y, g), zero, w.elemsAfter(0), wanted);
      case IntegerOp.Requantize _, IntegerOp.PackInt4 _, IntegerOp.UnpackInt4 _ ->
          throw new IllegalArgumentException("[cuda] no product: " + op);
    };
  }

  private static CudaOp product(Images images, int zero, long depth, @Nullable Variant wanted) {
    return (gpu, in, out) -> {
      Variant best = gpu.info().capability() >= TENSOR_CAPABILITY ? Variant.TENSOR : Variant.TILE;
      // Without channels there are no words to go over.
      Variant variant = depth == 0 ? Variant.V1 : wanted != null ? wanted : best;
      gpu.kernel(
              Images.source(INT_CONV2D.source(), variant),
              variant == Variant.V1 ? "int_conv2d_v1" : "int_conv2d_tile")
          .tensor(in.get(0))
          .tensor(in.get(1))
          .tensor(out.getFirst())
          .i32(zero)
          .struct(images.struct())
          .run(images.grid(variant, gpu));
    };
  }

  private static CudaOp requantize(IntegerOp.Requantize op, Shape sum) {
    return (gpu, in, out) -> {
      long n = sum.elems();
      gpu.kernel(REQUANTIZE.source(), "requantize")
          .tensor(in.get(0))
          .tensor(in.get(1))
          .tensor(in.get(2))
          .tensor(in.get(3))
          .tensor(out.getFirst())
          .i64(n)
          .i64(sum.dim(-1))
          .i32(op.zero())
          .i32(op.low())
          .i32(op.high())
          .run(Grid.strided(Math.ceilDiv(n, 4), REQUANTIZE.threads(), gpu.fullGrid()));
    };
  }

  private static CudaOp int4(String kernel, Shape x, long count, boolean unpack) {
    long perRow = Math.ceilDiv(count, 8L);
    long rows = x.elemsBefore(x.rank() - 1);
    return (gpu, in, out) ->
        gpu.kernel(REQUANTIZE.source(), kernel)
            .tensor(in.getFirst())
            .tensor(out.getFirst())
            .i64(rows)
            .i64(count)
            .i64(perRow)
            .run(
                Grid.strided(
                    rows * (unpack ? count : perRow), REQUANTIZE.threads(), gpu.fullGrid()));
  }
}
