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
    return (from == DType.F32 && half(to)) || (to == DType.F32 && half(from));
  }

  private static boolean half(DType type) {
    return type == DType.BF16 || type == DType.F16;
  }

  static Kernel kernel(DType from, DType to, CpuPool pool) {
    return (in, out) -> {
      MemorySegment x = in.getFirst().data();
      MemorySegment y = out.getFirst().data();
      Chunks.run(
          pool,
          in.getFirst().elems(),
          (start, end) -> {
            if (from == DType.BF16) {
              widen(x, y, start, end);
            } else if (to == DType.BF16) {
              narrow(x, y, start, end);
            } else if (from == DType.F16) {
              for (long i = start; i < end; i++) {
                y.set(FLOAT, i * 4, Float.float16ToFloat(x.get(SHORT, i * 2)));
              }
            } else {
              for (long i = start; i < end; i++) {
                y.set(SHORT, i * 2, Float.floatToFloat16(x.get(FLOAT, i * 4)));
              }
            }
          });
    };
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
