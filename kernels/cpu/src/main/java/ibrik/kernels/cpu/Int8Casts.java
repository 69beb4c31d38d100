package ibrik.kernels.cpu;

import ibrik.tensor.DType;
import ibrik.tensor.backend.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Casts at the ends of inference in integers: f32 to i8 and i8, i32 to f32. Plain loops, which the
/// compiler vectorises.
final class Int8Casts {
  private Int8Casts() {}

  static boolean serves(DType from, DType to) {
    return (from == DType.F32 && to == DType.I8)
        || (to == DType.F32 && (from == DType.I8 || from == DType.I32));
  }

  static Kernel kernel(DType from, DType to, CpuPool pool) {
    return (in, out) -> {
      MemorySegment x = in.getFirst().data();
      MemorySegment y = out.getFirst().data();
      Chunks.run(
          pool,
          in.getFirst().elems(),
          (start, end) -> {
            switch (from) {
              case F32 -> toBytes(x, y, start, end);
              case I8 -> bytesToFloats(x, y, start, end);
              default -> intsToFloats(x, y, start, end);
            }
          });
    };
  }

  /// Truncates and saturates; NaN is 0.
  private static void toBytes(MemorySegment x, MemorySegment y, long from, long to) {
    for (long i = from; i < to; i++) {
      int whole = (int) x.get(Lanes.FLOAT, i * 4);
      y.set(ValueLayout.JAVA_BYTE, i, (byte) Math.clamp(whole, Byte.MIN_VALUE, Byte.MAX_VALUE));
    }
  }

  private static void bytesToFloats(MemorySegment x, MemorySegment y, long from, long to) {
    for (long i = from; i < to; i++) {
      y.set(Lanes.FLOAT, i * 4, x.get(ValueLayout.JAVA_BYTE, i));
    }
  }

  private static void intsToFloats(MemorySegment x, MemorySegment y, long from, long to) {
    for (long i = from; i < to; i++) {
      y.set(Lanes.FLOAT, i * 4, (float) x.get(Lanes.INT, i * 4));
    }
  }
}
