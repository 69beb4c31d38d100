package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.I32;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.op.ImageOp.Augment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The loops of [ViewMaker] that move numbers and sum them.
final class ViewLoops {
  /// As many bytes as there are lanes of floats; there are no vectors below 64 bits.
  private static final VectorSpecies<Byte> U8 =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, COUNT * 8)));

  /// Columns that are turned together: as many floats as a line of the cache holds.
  private static final int BLOCK = 16;

  private ViewLoops() {}

  /// `pixels` pixels of `depth` bytes each to `channels` floats each, in [0, 1].
  static void load(
      MemorySegment bytes, long at, int depth, float[] to, int start, int channels, int pixels) {
    if (depth == channels) {
      loadAll(bytes, at, to, start, pixels * channels);
    } else if (channels == 3) {
      for (int i = 0; i < pixels; i++) {
        float grey = value(bytes, at + i) / 255f;
        to[start + 3 * i] = grey;
        to[start + 3 * i + 1] = grey;
        to[start + 3 * i + 2] = grey;
      }
    } else {
      for (int i = 0; i < pixels; i++) {
        long pixel = at + 3L * i;
        to[start + i] =
            (Augment.RED * value(bytes, pixel)
                    + Augment.GREEN * value(bytes, pixel + 1)
                    + Augment.BLUE * value(bytes, pixel + 2))
                / 255f;
      }
    }
  }

  private static int value(MemorySegment bytes, long at) {
    return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  private static void loadAll(MemorySegment bytes, long at, float[] to, int start, int count) {
    int i = 0;
    for (; i + U8.length() <= count; i += COUNT) {
      IntVector whole =
          (IntVector)
              ByteVector.fromMemorySegment(U8, bytes, at + i, ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, I32, 0);
      FloatVector unit = (FloatVector) whole.convert(VectorOperators.I2F, 0);
      unit.div(255f).intoArray(to, start + i);
    }
    for (; i < count; i++) {
      to[start + i] = value(bytes, at + i) / 255f;
    }
  }

  /// Greys the pixels whose flag, from `at` on, is 0.
  static void greyOut(
      MemorySegment subject, long at, float[] to, int start, int channels, int pixels) {
    for (int i = 0; i < pixels; i++) {
      if (value(subject, at + i) == 0) {
        for (int c = 0; c < channels; c++) {
          to[start + i * channels + c] = Augment.BACKGROUND;
        }
      }
    }
  }

  /// `out[to + i] = sum_k weights[at + k] in[from + k step + i]`, `k < count`, `i < length`, a
  /// whole number of vectors.
  static void sum(
      float[] in,
      int from,
      int step,
      float[] weights,
      int at,
      int count,
      float[] out,
      int to,
      int length) {
    for (int i = 0; i < length; i += COUNT) {
      FloatVector sum = FloatVector.fromArray(F32, in, from + i).mul(weights[at]);
      for (int k = 1; k < count; k++) {
        sum = sum.add(FloatVector.fromArray(F32, in, from + k * step + i).mul(weights[at + k]));
      }
      sum.intoArray(out, to + i);
    }
  }

  /// [#sum], clipped to [0, 1].
  static void sumClipped(
      float[] in,
      int from,
      int step,
      float[] weights,
      int at,
      int count,
      float[] out,
      int to,
      int length) {
    for (int i = 0; i < length; i += COUNT) {
      FloatVector sum = FloatVector.fromArray(F32, in, from + i).mul(weights[at]);
      for (int k = 1; k < count; k++) {
        sum = sum.add(FloatVector.fromArray(F32, in, from + k * step + i).mul(weights[at + k]));
      }
      sum.max(0f).min(1f).intoArray(out, to + i);
    }
  }

  /// `to[(c columns + x) stride + y] = from[y line + x channels + c]`, a block of rows at a time.
  static void turn(
      float[] from, int line, int rows, int channels, int columns, float[] to, int stride) {
    for (int y = 0; y < rows; y += BLOCK) {
      int count = Math.min(BLOCK, rows - y);
      for (int c = 0; c < channels; c++) {
        for (int x = 0; x < columns; x++) {
          turnOne(
              from, y * line + x * channels + c, line, to, (c * columns + x) * stride + y, count);
        }
      }
    }
  }

  private static void turnOne(float[] from, int at, int line, float[] to, int start, int count) {
    for (int y = 0; y < count; y++) {
      to[start + y] = from[at + y * line];
    }
  }

  /// `out[y] = sum_x in[at + x stride + y]`.
  static void sumColumns(float[] in, int at, int columns, int stride, float[] out) {
    for (int y = 0; y < stride; y += COUNT) {
      FloatVector sum = FloatVector.zero(F32);
      for (int x = 0; x < columns; x++) {
        sum = sum.add(FloatVector.fromArray(F32, in, at + x * stride + y));
      }
      sum.intoArray(out, y);
    }
  }

  /// Column `x` of a plane blurred across columns; the first and the last go on outside.
  static void blurAcross(
      float[] in,
      int plane,
      int columns,
      int stride,
      float[] taps,
      int radius,
      int x,
      float[] out) {
    for (int y = 0; y < stride; y += COUNT) {
      FloatVector sum = FloatVector.zero(F32);
      for (int k = -radius; k <= radius; k++) {
        int from = plane + Math.clamp(x + k, 0, columns - 1) * stride + y;
        sum = sum.add(FloatVector.fromArray(F32, in, from).mul(taps[k + radius]));
      }
      sum.intoArray(out, plane + x * stride + y);
    }
  }

  /// `count` floats from `at` on, before them the first and behind them the last, `radius` times
  /// each and on to `length` floats.
  static void extend(float[] in, int at, int count, int radius, float[] out, int length) {
    Arrays.fill(out, 0, radius, in[at]);
    System.arraycopy(in, at, out, radius, count);
    Arrays.fill(out, radius + count, length, in[at + count - 1]);
  }

  /// Rows `y ... y + rows - 1` of planes as pixels.
  static void interleave(
      float[] planes, int stride, int columns, int channels, int y, int rows, float[] out) {
    if (channels == 1) {
      for (int row = 0; row < rows; row++) {
        for (int x = 0; x < columns; x++) {
          out[row * columns + x] = planes[x * stride + y + row];
        }
      }
      return;
    }
    int plane = columns * stride;
    for (int row = 0; row < rows; row++) {
      interleaveRow(planes, y + row, plane, stride, columns, out, row * columns * 3);
    }
  }

  private static void interleaveRow(
      float[] planes, int at, int plane, int stride, int columns, float[] out, int to) {
    for (int x = 0; x < columns; x++) {
      int from = at + x * stride;
      out[to + 3 * x] = planes[from];
      out[to + 3 * x + 1] = planes[from + plane];
      out[to + 3 * x + 2] = planes[from + 2 * plane];
    }
  }
}
