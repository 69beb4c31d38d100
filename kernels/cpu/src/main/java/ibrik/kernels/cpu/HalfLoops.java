package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.FLOAT;

import ibrik.tensor.DType;
import ibrik.tensor.HalfFloats;
import ibrik.tensor.backend.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Casts between f32 and the 16-bit floats. Plain loops, which the compiler vectorises for bf16.
final class HalfLoops {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private HalfLoops() {}

  static boolean serves(DType from, DType to) {
    return from != to && (from.wide() == to || from == to.wide());
  }

  static Kernel kernel(DType from, DType to, CpuPool pool) {
    return (in, out) -> {
      MemorySegment x = in.getFirst().data();
      MemorySegment y = out.getFirst().data();
      Chunks.run(
          pool,
          in.getFirst().elems(),
          (start, end) -> {
            if (to == DType.F32) {
              widen(from, x, y, start, end);
            } else {
              narrow(to, x, y, start, end);
            }
          });
    };
  }

  /// Elements of a 16-bit type to f32.
  static void widen(DType type, MemorySegment x, MemorySegment y, long from, long to) {
    if (type == DType.BF16) {
      widen(x, y, from, to);
    } else {
      for (long i = from; i < to; i++) {
        y.set(FLOAT, i * 4, Float.float16ToFloat(x.get(SHORT, i * 2)));
      }
    }
  }

  /// f32 to the nearest of a 16-bit type.
  static void narrow(DType type, MemorySegment x, MemorySegment y, long from, long to) {
    if (type == DType.BF16) {
      narrow(x, y, from, to);
    } else {
      for (long i = from; i < to; i++) {
        y.set(SHORT, i * 2, Float.floatToFloat16(x.get(FLOAT, i * 4)));
      }
    }
  }

  /// bf16 to f32.
  static void widen(MemorySegment x, MemorySegment y, long from, long to) {
    for (long i = from; i < to; i++) {
      y.set(Lanes.INT, i * 4, x.get(SHORT, i * 2) << 16);
    }
  }

  /// f32 to the nearest bf16.
  static void narrow(MemorySegment x, MemorySegment y, long from, long to) {
    for (long i = from; i < to; i++) {
      y.set(SHORT, i * 2, HalfFloats.toBf16(x.get(FLOAT, i * 4)));
    }
  }
}
