package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.I32;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.DType;
import ibrik.tensor.HalfFloats;
import ibrik.tensor.backend.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Casts between f32 and the 16-bit floats.
final class HalfLoops {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  /// As many shorts as a vector has floats.
  private static final VectorSpecies<Short> I16 =
      VectorSpecies.of(short.class, VectorShape.forBitSize(16 * COUNT));

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

  /// bf16 to f32: the upper half of its bits.
  static void widen(MemorySegment x, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      IntVector bits =
          (IntVector)
              ShortVector.fromMemorySegment(I16, x, i * 2, ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, I32, 0);
      bits.lanewise(VectorOperators.LSHL, 16).intoMemorySegment(y, i * 4, ORDER);
    }
    for (; i < to; i++) {
      y.set(Lanes.INT, i * 4, x.get(SHORT, i * 2) << 16);
    }
  }

  /// f32 to the nearest bf16, as [HalfFloats#toBf16(float)].
  static void narrow(MemorySegment x, MemorySegment y, long from, long to) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      IntVector bits = IntVector.fromMemorySegment(I32, x, i * 4, ORDER);
      IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
      IntVector near = upper.and(1).add(bits).add(0x7FFF).lanewise(VectorOperators.LSHR, 16);
      var nan = bits.and(0x7FFF_FFFF).compare(VectorOperators.GT, 0x7F80_0000);
      ShortVector kept =
          (ShortVector) near.blend(upper.or(0x40), nan).convertShape(VectorOperators.I2S, I16, 0);
      kept.intoMemorySegment(y, i * 2, ORDER);
    }
    for (; i < to; i++) {
      y.set(SHORT, i * 2, HalfFloats.toBf16(x.get(FLOAT, i * 4)));
    }
  }
}
