package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// What one thread of this processor can do at most: loops that only multiply and add in registers,
/// or only move vectors. Benchmarks compare kernels with them, in the same run.
public final class Roofs {
  /// Sums that do not wait for each other: more than two units with a latency of four or five need,
  /// few enough for 16 vector registers.
  private static final int CHAINS = 12;

  private Roofs() {}

  /// Bits of a vector.
  public static int vectorBits() {
    return Lanes.F32.vectorBitSize();
  }

  /// Multiplications and additions of one step of [#multiplyAdd].
  public static long flopsPerStep() {
    return 2L * CHAINS * Lanes.COUNT;
  }

  /// Multiplies and adds `steps` times in each of twelve vectors. Returns their sum, so that no
  /// compiler may leave the work out.
  ///
  /// @param factor below 1, lest the numbers grow
  public static float multiplyAdd(int steps, float factor) {
    FloatVector a = FloatVector.broadcast(Lanes.F32, factor);
    FloatVector b = FloatVector.broadcast(Lanes.F32, 1e-3f);
    FloatVector s0 = b;
    FloatVector s1 = b;
    FloatVector s2 = b;
    FloatVector s3 = b;
    FloatVector s4 = b;
    FloatVector s5 = b;
    FloatVector s6 = b;
    FloatVector s7 = b;
    FloatVector s8 = b;
    FloatVector s9 = b;
    FloatVector s10 = b;
    FloatVector s11 = b;
    for (int i = 0; i < steps; i++) {
      s0 = s0.fma(a, b);
      s1 = s1.fma(a, b);
      s2 = s2.fma(a, b);
      s3 = s3.fma(a, b);
      s4 = s4.fma(a, b);
      s5 = s5.fma(a, b);
      s6 = s6.fma(a, b);
      s7 = s7.fma(a, b);
      s8 = s8.fma(a, b);
      s9 = s9.fma(a, b);
      s10 = s10.fma(a, b);
      s11 = s11.fma(a, b);
    }
    FloatVector even = s0.add(s2).add(s4).add(s6).add(s8).add(s10);
    FloatVector odd = s1.add(s3).add(s5).add(s7).add(s9).add(s11);
    return even.add(odd).reduceLanes(VectorOperators.ADD);
  }

  /// Copies floats vector by vector, as kernels move them. [MemorySegment#copyFrom] may write past
  /// the caches where this does not.
  ///
  /// @param bytes a multiple of the vector's
  public static void copy(MemorySegment from, MemorySegment to, long bytes) {
    for (long at = 0; at < bytes; at += Lanes.BYTES) {
      FloatVector.fromMemorySegment(Lanes.F32, from, at, Lanes.ORDER)
          .intoMemorySegment(to, at, Lanes.ORDER);
    }
  }
}
