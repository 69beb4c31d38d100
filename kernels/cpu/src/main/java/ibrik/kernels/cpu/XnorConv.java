package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.I32;
import static ibrik.kernels.cpu.Lanes.INT;
import static ibrik.kernels.cpu.Lanes.ORDER;
import static ibrik.kernels.cpu.Tile.ADDRESS;
import static ibrik.kernels.cpu.Tile.ALL;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Conv2dGeometry;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Convolution of packed signs: `alpha_o (C T - 2 p)` with `p = popcount(x xor w)` over T taps of C
/// channels.
///
/// Lanes are filters: one word of a pixel meets the same word of as many filters as there are
/// lanes, and the counts stay in lanes. Four pixels share each load of weights.
///
/// Outside the image the words are 0, which reads as signs of 1. For the other meanings the weights
/// that met them are corrected afterwards: with `e = sum (2 popcount(w_tap) - C)` over the taps
/// outside, `dot = C T - 2 p + m e` with m = 0 for [Binary.Outside#ONE], 1 for
/// [Binary.Outside#ZERO] (they do not count), 2 for [Binary.Outside#MINUS] (they count as -1). e
/// depends on how far a pixel hangs over the edge, and there are few such cases.
final class XnorConv {
  private static final int PIXELS = 4;
  private static final int FILTERS = 2 * COUNT;

  /// Words met with words per task.
  private static final long TASK = 1 << 22;

  private final Conv2dGeometry g;
  private final int height;
  private final int width;
  private final int words;
  private final int filters;
  private final int rows;
  private final int columns;
  private final int kernelRows;
  private final int kernelColumns;
  private final int channels;

  private XnorConv(Binary.XnorConv2d op, Tensor x, Tensor w, Tensor y) {
    g = op.geometry();
    height = (int) x.dim(1);
    width = (int) x.dim(2);
    words = (int) x.dim(3);
    filters = (int) w.dim(0);
    kernelRows = (int) w.dim(1);
    kernelColumns = (int) w.dim(2);
    rows = (int) y.dim(1);
    columns = (int) y.dim(2);
    channels = (int) op.channels();
  }

  static void run(CpuPool pool, Binary.XnorConv2d op, List<Tensor> in, Tensor y) {
    XnorConv conv = new XnorConv(op, in.get(0), in.get(1), y);
    if (y.elems() == 0) {
      return;
    }
    MemorySegment weights = conv.weights(in.get(1).data());
    int correction =
        switch (op.outside()) {
          case ONE -> 0;
          case ZERO -> 1;
          case MINUS -> 2;
        };
    Edges edges = conv.edges(weights, correction);
    MemorySegment alpha = in.get(2).data();
    MemorySegment x = in.get(0).data();
    MemorySegment out = y.data();
    int images = (int) in.get(0).dim(0);
    long perRow = (long) conv.columns * conv.taps() * Math.max(1, conv.words) * conv.filters;
    int rowsPerTask = Math.clamp(TASK / perRow, 1, conv.rows);
    int blocks = Math.ceilDiv(conv.rows, rowsPerTask);
    int imagesPerTask =
        blocks > 1 ? 1 : Math.clamp(TASK / (perRow * conv.rows), 1, Math.max(1, images));
    pool.run(
        Math.ceilDiv(images, imagesPerTask) * blocks,
        task -> {
          int first = task / blocks * imagesPerTask;
          int top = task % blocks * rowsPerTask;
          int bottom = Math.min(conv.rows, top + rowsPerTask);
          for (int n = first; n < Math.min(images, first + imagesPerTask); n++) {
            conv.image(n, x, weights, edges, alpha, out, top, bottom);
          }
        });
  }

  private int taps() {
    return kernelRows * kernelColumns;
  }

  /// Filters, rounded up to whole tiles.
  private int padded() {
    return Math.ceilDiv(filters, FILTERS) * FILTERS;
  }

  /// Weights in blocks of as many filters as a tile has, side by side: word j of tap t is row `t
  /// words + j` of a block; zeros stand in for filters beyond the last.
  private MemorySegment weights(MemorySegment w) {
    int depth = taps() * words;
    MemorySegment packed =
        Scratch.floats(Scratch.Slot.WEIGHTS, Math.max(1, (long) depth * padded()));
    packed.asSlice(0, (long) depth * padded() * 4).fill((byte) 0);
    for (int o = 0; o < filters; o += FILTERS) {
      int count = Math.min(FILTERS, filters - o);
      long block = (long) o * depth * 4;
      Transposes.copy(w, block, depth, count, depth, packed, block, FILTERS);
    }
    return packed;
  }

  /// What is added to `-2 p`, per filter, for each way to hang over the edge.
  ///
  /// @param ofRow for each output row, which taps lie outside, as a number
  /// @param ofColumn the same for columns
  /// @param across number of ways for columns
  /// @param sums `(row * across + column) * padded + filter`
  private record Edges(int[] ofRow, int[] ofColumn, int across, MemorySegment sums) {
    long offset(int row, int column, int padded) {
      return ((long) ofRow[row] * across + ofColumn[column]) * padded * 4;
    }
  }

  private Edges edges(MemorySegment weights, int correction) {
    boolean[][] rowWays = new boolean[rows][];
    for (int i = 0; i < rows; i++) {
      rowWays[i] =
          outside(i * g.strideHeight() - g.padHeight(), kernelRows, g.dilationHeight(), height);
    }
    boolean[][] columnWays = new boolean[columns][];
    for (int i = 0; i < columns; i++) {
      columnWays[i] =
          outside(i * g.strideWidth() - g.padWidth(), kernelColumns, g.dilationWidth(), width);
    }
    int[] ofRow = number(rowWays);
    int[] ofColumn = number(columnWays);
    int down = Arrays.stream(ofRow).max().orElse(0) + 1;
    int across = Arrays.stream(ofColumn).max().orElse(0) + 1;
    int padded = padded();
    MemorySegment sums = Scratch.floats(Scratch.Slot.PARTIAL, (long) down * across * padded);
    MemorySegment excess = excess(weights, correction);
    boolean[] done = new boolean[down * across];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int way = ofRow[i] * across + ofColumn[j];
        if (!done[way]) {
          done[way] = true;
          sum(rowWays[i], columnWays[j], excess, sums, (long) way * padded);
        }
      }
    }
    return new Edges(ofRow, ofColumn, across, sums);
  }

  /// Which taps of a window from `start` on lie outside `0 ... size-1`.
  private static boolean[] outside(int start, int taps, int dilation, int size) {
    boolean[] outside = new boolean[taps];
    for (int t = 0; t < taps; t++) {
      int at = start + t * dilation;
      outside[t] = at < 0 || at >= size;
    }
    return outside;
  }

  /// Numbers the different ways from 0 on.
  private static int[] number(boolean[][] ways) {
    int[] numbers = new int[ways.length];
    int next = 0;
    for (int i = 0; i < ways.length; i++) {
      int same = 0;
      while (!Arrays.equals(ways[same], ways[i])) {
        same++;
      }
      numbers[i] = same < i ? numbers[same] : next++;
    }
    return numbers;
  }

  /// `m (2 popcount(w_tap) - C)` by taps and filters, m the correction.
  private MemorySegment excess(MemorySegment weights, int correction) {
    int padded = padded();
    MemorySegment excess = Scratch.floats(Scratch.Slot.GRADIENT, (long) taps() * padded);
    for (int o = 0; o < padded; o += COUNT) {
      // The block of these filters, and where they lie in its rows.
      long column = ((long) (o / FILTERS) * taps() * words * FILTERS + o % FILTERS) * 4;
      for (int t = 0; t < taps(); t++) {
        IntVector count = IntVector.zero(I32);
        for (int j = 0; j < words; j++) {
          long row = ((long) t * words + j) * FILTERS * 4;
          count = count.add(load(weights, column + row).lanewise(VectorOperators.BIT_COUNT));
        }
        count
            .add(count)
            .sub(channels)
            .mul(correction)
            .intoMemorySegment(excess, ((long) t * padded + o) * 4, ORDER);
      }
    }
    return excess;
  }

  /// Writes `C T` and the excess of all taps outside, from number `to` on.
  private void sum(
      boolean[] rowOut, boolean[] columnOut, MemorySegment excess, MemorySegment sums, long to) {
    int padded = padded();
    for (int o = 0; o < padded; o += COUNT) {
      IntVector sum = IntVector.broadcast(I32, channels * taps());
      for (int t = 0; t < taps(); t++) {
        if (rowOut[t / kernelColumns] || columnOut[t % kernelColumns]) {
          sum = sum.add(load(excess, ((long) t * padded + o) * 4));
        }
      }
      sum.intoMemorySegment(sums, (to + o) * 4, ORDER);
    }
  }

  private void image(
      int n,
      MemorySegment x,
      MemorySegment weights,
      Edges edges,
      MemorySegment alpha,
      MemorySegment y,
      int top,
      int bottom) {
    int y0 = top * g.strideHeight() - g.padHeight();
    int y1 =
        (bottom - 1) * g.strideHeight() - g.padHeight() + (kernelRows - 1) * g.dilationHeight() + 1;
    int x0 = -g.padWidth();
    int x1 = (columns - 1) * g.strideWidth() + x0 + (kernelColumns - 1) * g.dilationWidth() + 1;
    int across = x1 - x0;
    MemorySegment window =
        Scratch.floats(Scratch.Slot.IMAGE, Math.max(1, (long) (y1 - y0) * across * words));
    Padding.copy(
        x,
        (long) n * height * width * words,
        height,
        width,
        words,
        0,
        words,
        window,
        y0,
        y1,
        x0,
        x1);
    // Neighbouring taps of a row are one run of words.
    boolean dense = g.dilationWidth() == 1;
    int runs = dense ? kernelRows : taps();
    int length = dense ? kernelColumns * words : words;
    long[] offsets = new long[runs];
    for (int t = 0; t < runs; t++) {
      int r = dense ? t : t / kernelColumns;
      int s = dense ? 0 : t % kernelColumns;
      offsets[t] =
          ((long) r * g.dilationHeight() * across + (long) s * g.dilationWidth()) * words * 4;
    }
    long pixel = (long) g.strideWidth() * words * 4;
    int padded = padded();
    MemorySegment counts = Scratch.floats(Scratch.Slot.TILE, (long) PIXELS * FILTERS);
    int tile = columns >= PIXELS ? PIXELS : 1;
    for (int o = 0; o < filters; o += FILTERS) {
      long block = (long) o * taps() * words * 4;
      for (int i = top; i < bottom; i++) {
        long row = (long) (i - top) * g.strideHeight() * across * words * 4;
        for (int j = 0; j < columns; j += tile) {
          // The last tile overlaps its neighbour rather than running past the edge.
          int column = Math.min(j, columns - tile);
          long at = row + column * pixel;
          if (tile == PIXELS) {
            four(window, at, pixel, offsets, length, weights, block, counts);
          } else {
            one(window, at, offsets, length, weights, block, counts);
          }
          for (int k = 0; k < tile; k++) {
            long to = (((long) n * rows + i) * columns + column + k) * filters;
            long edge = edges.offset(i, column + k, padded);
            finish(counts, (long) k * FILTERS * 4, edges.sums, edge, alpha, o, y, to);
          }
        }
      }
    }
  }

  /// Counts of four pixels and two vectors of filters. Addresses are absolute, as in [Tile].
  private static void four(
      MemorySegment x,
      long at,
      long pixel,
      long[] offsets,
      int length,
      MemorySegment w,
      long weight,
      MemorySegment counts) {
    IntVector a0 = IntVector.zero(I32);
    IntVector a1 = IntVector.zero(I32);
    IntVector b0 = IntVector.zero(I32);
    IntVector b1 = IntVector.zero(I32);
    IntVector c0 = IntVector.zero(I32);
    IntVector c1 = IntVector.zero(I32);
    IntVector d0 = IntVector.zero(I32);
    IntVector d1 = IntVector.zero(I32);
    long from = w.address() + weight;
    assert at + offsets[offsets.length - 1] + 3 * pixel + length * 4L <= x.byteSize();
    for (long offset : offsets) {
      long p = x.address() + at + offset;
      for (int i = 0; i < length; i++, p += 4, from += 2 * Lanes.BYTES) {
        IntVector w0 = load(ALL, from & ADDRESS);
        IntVector w1 = load(ALL, (from & ADDRESS) + Lanes.BYTES);
        int a = ALL.get(INT, p & ADDRESS);
        int b = ALL.get(INT, (p + pixel) & ADDRESS);
        int c = ALL.get(INT, (p + 2 * pixel) & ADDRESS);
        int d = ALL.get(INT, (p + 3 * pixel) & ADDRESS);
        a0 = a0.add(differing(w0, a));
        a1 = a1.add(differing(w1, a));
        b0 = b0.add(differing(w0, b));
        b1 = b1.add(differing(w1, b));
        c0 = c0.add(differing(w0, c));
        c1 = c1.add(differing(w1, c));
        d0 = d0.add(differing(w0, d));
        d1 = d1.add(differing(w1, d));
      }
    }
    a0.intoMemorySegment(counts, 0, ORDER);
    a1.intoMemorySegment(counts, Lanes.BYTES, ORDER);
    b0.intoMemorySegment(counts, 2 * Lanes.BYTES, ORDER);
    b1.intoMemorySegment(counts, 3 * Lanes.BYTES, ORDER);
    c0.intoMemorySegment(counts, 4 * Lanes.BYTES, ORDER);
    c1.intoMemorySegment(counts, 5 * Lanes.BYTES, ORDER);
    d0.intoMemorySegment(counts, 6 * Lanes.BYTES, ORDER);
    d1.intoMemorySegment(counts, 7 * Lanes.BYTES, ORDER);
  }

  private static void one(
      MemorySegment x,
      long at,
      long[] offsets,
      int length,
      MemorySegment w,
      long weight,
      MemorySegment counts) {
    IntVector a0 = IntVector.zero(I32);
    IntVector a1 = IntVector.zero(I32);
    long from = weight;
    for (long offset : offsets) {
      long p = at + offset;
      for (int i = 0; i < length; i++, p += 4, from += 2 * Lanes.BYTES) {
        int a = x.get(INT, p);
        a0 = a0.add(differing(load(w, from), a));
        a1 = a1.add(differing(load(w, from + Lanes.BYTES), a));
      }
    }
    a0.intoMemorySegment(counts, 0, ORDER);
    a1.intoMemorySegment(counts, Lanes.BYTES, ORDER);
  }

  private static IntVector differing(IntVector weights, int word) {
    return weights.lanewise(VectorOperators.XOR, word).lanewise(VectorOperators.BIT_COUNT);
  }

  /// `alpha (edge - 2 p)` for the filters of one tile; floats from number `to` on.
  private void finish(
      MemorySegment counts,
      long count,
      MemorySegment edges,
      long edge,
      MemorySegment alpha,
      int o,
      MemorySegment y,
      long to) {
    int end = Math.min(filters, o + FILTERS);
    int i = o;
    for (; i + COUNT <= end; i += COUNT) {
      IntVector p = load(counts, count + (i - o) * 4L);
      IntVector dot = load(edges, edge + i * 4L).sub(p.add(p));
      FloatVector whole = (FloatVector) dot.convertShape(VectorOperators.I2F, F32, 0);
      whole
          .mul(FloatVector.fromMemorySegment(F32, alpha, i * 4L, ORDER))
          .intoMemorySegment(y, (to + i) * 4, ORDER);
    }
    for (; i < end; i++) {
      int dot = edges.get(INT, edge + i * 4L) - 2 * counts.get(INT, count + (i - o) * 4L);
      y.set(FLOAT, (to + i) * 4, dot * alpha.get(FLOAT, i * 4L));
    }
  }

  private static IntVector load(MemorySegment x, long offset) {
    return IntVector.fromMemorySegment(I32, x, offset, ORDER);
  }
}
