package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/// Small vector loops that several kernels share. Offsets in bytes, counts in floats.
final class Vectors {
  /// Lane `i` to lane `i ^ step`, for steps of half the lanes, a quarter, ... 1.
  private static final List<VectorShuffle<Float>> SWAPS = swaps();

  private Vectors() {}

  private static List<VectorShuffle<Float>> swaps() {
    List<VectorShuffle<Float>> swaps = new ArrayList<>();
    for (int step = Lanes.COUNT / 2; step >= 1; step /= 2) {
      int distance = step;
      swaps.add(VectorShuffle.fromOp(F32, i -> i ^ distance));
    }
    return List.copyOf(swaps);
  }

  /// The sum of the lanes, half added to half. `reduceLanes(ADD)` leaves its order open, and the
  /// order does change once code is compiled: the same call would give other bits later on.
  static float sum(FloatVector lanes) {
    FloatVector sums = lanes;
    for (VectorShuffle<Float> swap : SWAPS) {
      sums = sums.add(sums.rearrange(swap));
    }
    return sums.lane(0);
  }

  /// The last `count` floats of a row, fewer than a vector holds; zeros behind them. One vector's
  /// work for all of them, where a scalar tail would take an exponential for each.
  static FloatVector loadTail(MemorySegment x, long offset, int count) {
    float[] lanes = new float[Lanes.COUNT];
    MemorySegment.copy(x, FLOAT, offset, lanes, 0, count);
    return FloatVector.fromArray(F32, lanes, 0);
  }

  /// Stores the first `count` lanes.
  static void storeTail(FloatVector value, MemorySegment x, long offset, int count) {
    MemorySegment.copy(value.toArray(), 0, x, FLOAT, offset, count);
  }

  /// `to += from`.
  static void addInto(
      MemorySegment to, long toOffset, MemorySegment from, long fromOffset, long count) {
    long i = 0;
    for (; i + Lanes.COUNT <= count; i += Lanes.COUNT) {
      FloatVector sum =
          FloatVector.fromMemorySegment(F32, to, toOffset + i * 4, ORDER)
              .add(FloatVector.fromMemorySegment(F32, from, fromOffset + i * 4, ORDER));
      sum.intoMemorySegment(to, toOffset + i * 4, ORDER);
    }
    for (; i < count; i++) {
      float sum = to.get(FLOAT, toOffset + i * 4) + from.get(FLOAT, fromOffset + i * 4);
      to.set(FLOAT, toOffset + i * 4, sum);
    }
  }
}
