package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The activations of binary networks with parameters per channel, over `rows` rows of `columns`
/// channels from row `first` on. Backward loops write `dx` and leave sums down the columns for
/// [ColumnSums].
final class ShiftLoops {
  private ShiftLoops() {}

  /// `sign(x + shift)`, -1 or 1.
  static void sign2(
      MemorySegment x, MemorySegment shift, MemorySegment y, long first, int rows, int columns) {
    for (long row = first; row < first + rows; row++) {
      long at = row * columns * 4;
      int j = 0;
      for (; j + COUNT <= columns; j += COUNT) {
        SignLoops.sign2(load(x, at + j * 4L).add(load(shift, j * 4L)))
            .intoMemorySegment(y, at + j * 4L, ORDER);
      }
      for (; j < columns; j++) {
        float t = x.get(FLOAT, at + j * 4L) + shift.get(FLOAT, j * 4L);
        y.set(FLOAT, at + j * 4L, t < 0 ? -1f : 1f);
      }
    }
  }

  /// `sign(x + shift)`, -1, 0 or 1.
  static void sign3(
      MemorySegment x, MemorySegment shift, MemorySegment y, long first, int rows, int columns) {
    for (long row = first; row < first + rows; row++) {
      long at = row * columns * 4;
      int j = 0;
      for (; j + COUNT <= columns; j += COUNT) {
        SignLoops.sign3(load(x, at + j * 4L).add(load(shift, j * 4L)))
            .intoMemorySegment(y, at + j * 4L, ORDER);
      }
      for (; j < columns; j++) {
        float t = x.get(FLOAT, at + j * 4L) + shift.get(FLOAT, j * 4L);
        y.set(FLOAT, at + j * 4L, Math.signum(t));
      }
    }
  }

  /// The clipped surrogate at `x + shift` and its column sums.
  static void clip(
      MemorySegment x,
      MemorySegment shift,
      MemorySegment dy,
      MemorySegment dx,
      long first,
      int rows,
      int columns,
      MemorySegment sums,
      long to) {
    long step = columns * 4L;
    int j = 0;
    for (; j + COUNT <= columns; j += COUNT) {
      FloatVector s = load(shift, j * 4L);
      FloatVector sum = FloatVector.zero(F32);
      long at = first * step + j * 4L;
      for (int i = 0; i < rows; i++, at += step) {
        FloatVector passed = SignLoops.clip(load(x, at).add(s), load(dy, at));
        passed.intoMemorySegment(dx, at, ORDER);
        sum = sum.add(passed);
      }
      sum.intoMemorySegment(sums, to + j * 4L, ORDER);
    }
    for (; j < columns; j++) {
      float sum = 0;
      long at = first * step + j * 4L;
      for (int i = 0; i < rows; i++, at += step) {
        float t = x.get(FLOAT, at) + shift.get(FLOAT, j * 4L);
        float passed = SignLoops.clip(t, dy.get(FLOAT, at));
        dx.set(FLOAT, at, passed);
        sum += passed;
      }
      sums.set(FLOAT, to + j * 4L, sum);
    }
  }

  /// The surrogate `2 - 2 |x + shift|` and its column sums.
  static void approx(
      MemorySegment x,
      MemorySegment shift,
      MemorySegment dy,
      MemorySegment dx,
      long first,
      int rows,
      int columns,
      MemorySegment sums,
      long to) {
    long step = columns * 4L;
    int j = 0;
    for (; j + COUNT <= columns; j += COUNT) {
      FloatVector s = load(shift, j * 4L);
      FloatVector sum = FloatVector.zero(F32);
      long at = first * step + j * 4L;
      for (int i = 0; i < rows; i++, at += step) {
        FloatVector passed = SignLoops.approx(load(x, at).add(s), load(dy, at));
        passed.intoMemorySegment(dx, at, ORDER);
        sum = sum.add(passed);
      }
      sum.intoMemorySegment(sums, to + j * 4L, ORDER);
    }
    for (; j < columns; j++) {
      float sum = 0;
      long at = first * step + j * 4L;
      for (int i = 0; i < rows; i++, at += step) {
        float t = x.get(FLOAT, at) + shift.get(FLOAT, j * 4L);
        float passed = SignLoops.approx(t, dy.get(FLOAT, at));
        dx.set(FLOAT, at, passed);
        sum += passed;
      }
      sums.set(FLOAT, to + j * 4L, sum);
    }
  }

  /// `(t > 0 ? t : slope t) + after` with `t = x + before`.
  static void rectify(
      MemorySegment x,
      MemorySegment before,
      MemorySegment slope,
      MemorySegment after,
      MemorySegment y,
      long first,
      int rows,
      int columns) {
    for (long row = first; row < first + rows; row++) {
      long at = row * columns * 4;
      int j = 0;
      for (; j + COUNT <= columns; j += COUNT) {
        FloatVector t = load(x, at + j * 4L).add(load(before, j * 4L));
        t.mul(load(slope, j * 4L))
            .blend(t, t.compare(VectorOperators.GT, 0f))
            .add(load(after, j * 4L))
            .intoMemorySegment(y, at + j * 4L, ORDER);
      }
      for (; j < columns; j++) {
        float t = x.get(FLOAT, at + j * 4L) + before.get(FLOAT, j * 4L);
        float bent = t > 0 ? t : t * slope.get(FLOAT, j * 4L);
        y.set(FLOAT, at + j * 4L, bent + after.get(FLOAT, j * 4L));
      }
    }
  }

  /// The gradient of [#rectify]; `sums` takes `dbefore`, `dslope` and `dafter`, one after the
  /// other.
  static void rectifyBackward(
      MemorySegment x,
      MemorySegment before,
      MemorySegment slope,
      MemorySegment dy,
      MemorySegment dx,
      long first,
      int rows,
      int columns,
      MemorySegment sums,
      long to) {
    long step = columns * 4L;
    int j = 0;
    for (; j + COUNT <= columns; j += COUNT) {
      FloatVector b = load(before, j * 4L);
      FloatVector a = load(slope, j * 4L);
      FloatVector dbefore = FloatVector.zero(F32);
      FloatVector dslope = FloatVector.zero(F32);
      FloatVector dafter = FloatVector.zero(F32);
      long at = first * step + j * 4L;
      for (int i = 0; i < rows; i++, at += step) {
        FloatVector t = load(x, at).add(b);
        FloatVector g = load(dy, at);
        VectorMask<Float> above = t.compare(VectorOperators.GT, 0f);
        FloatVector passed = g.mul(a).blend(g, above);
        passed.intoMemorySegment(dx, at, ORDER);
        dbefore = dbefore.add(passed);
        dslope = dslope.add(g.mul(t).blend(0f, above));
        dafter = dafter.add(g);
      }
      dbefore.intoMemorySegment(sums, to + j * 4L, ORDER);
      dslope.intoMemorySegment(sums, to + step + j * 4L, ORDER);
      dafter.intoMemorySegment(sums, to + 2 * step + j * 4L, ORDER);
    }
    for (; j < columns; j++) {
      float dbefore = 0;
      float dslope = 0;
      float dafter = 0;
      long at = first * step + j * 4L;
      for (int i = 0; i < rows; i++, at += step) {
        float t = x.get(FLOAT, at) + before.get(FLOAT, j * 4L);
        float g = dy.get(FLOAT, at);
        float passed = t > 0 ? g : g * slope.get(FLOAT, j * 4L);
        dx.set(FLOAT, at, passed);
        dbefore += passed;
        dslope += t > 0 ? 0 : g * t;
        dafter += g;
      }
      sums.set(FLOAT, to + j * 4L, dbefore);
      sums.set(FLOAT, to + step + j * 4L, dslope);
      sums.set(FLOAT, to + 2 * step + j * 4L, dafter);
    }
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
