package ibrik.kernels.cpu;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Binds [IntegerOp] to [IntGemm].
final class IntegerCpu {
  private IntegerCpu() {}

  static @Nullable Kernel kernel(IntegerOp op, CpuPool pool) {
    return switch (op) {
      case IntegerOp.IntMatMul(int zero) ->
          (in, out) -> {
            Tensor w = in.get(1);
            int depth = (int) w.dim(1);
            int rows = (int) (in.getFirst().elems() / Math.max(1, depth));
            rows = depth == 0 ? (int) (out.getFirst().elems() / Math.max(1, w.dim(0))) : rows;
            IntGemm.Rows x = new IntGemm.Matrix(in.getFirst().data(), depth, zero);
            IntGemm.run(pool, x, rows, w.data(), (int) w.dim(0), depth, out.getFirst().data());
          };
      case IntegerOp.IntConv2d(Conv2dGeometry g, int zero) ->
          (in, out) -> {
            Tensor x = in.get(0);
            Tensor w = in.get(1);
            Tensor y = out.getFirst();
            ConvShape shape = ConvShape.of(x.shape(), w.shape(), y.shape(), g);
            IntGemm.run(
                pool,
                new IntGemm.Patches(x.data(), shape, zero),
                Math.toIntExact(shape.n() * shape.outPixels()),
                w.data(),
                shape.k(),
                shape.taps() * shape.c(),
                y.data());
          };
      case IntegerOp.Requantize requantize ->
          (in, out) -> requantize(pool, requantize, in, out.getFirst());
      // Done once per model.
      case IntegerOp.PackInt4 _, IntegerOp.UnpackInt4 _ -> null;
    };
  }

  private static void requantize(
      CpuPool pool, IntegerOp.Requantize op, List<Tensor> in, Tensor out) {
    MemorySegment sum = in.get(0).data();
    MemorySegment bias = in.get(1).data();
    MemorySegment multiplier = in.get(2).data();
    MemorySegment shift = in.get(3).data();
    MemorySegment y = out.data();
    long channels = out.dim(-1);
    Chunks.run(
        pool,
        out.elems(),
        (from, to) -> {
          long c = from % channels;
          for (long i = from; i < to; i++) {
            y.set(
                ValueLayout.JAVA_BYTE,
                i,
                op.apply(
                    sum.get(Lanes.INT, i * 4),
                    bias.get(Lanes.INT, c * 4),
                    multiplier.get(Lanes.INT, c * 4),
                    shift.get(Lanes.INT, c * 4)));
            c = c + 1 == channels ? 0 : c + 1;
          }
        });
  }
}
