package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.INT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// `C = (X - zero) W^T` with i8 operands and i32 sums, exact.
///
/// The products run on the float tiles: an f32 holds every sum of [#DEPTH] products of a number up
/// to 255 and one up to 128 (`512 * 255 * 128 < 2^24`), so nothing is ever rounded; sums of longer
/// depths are added in i32. The Vector API has no multiply-add of shorts into i32: an inner loop
/// that multiplies shorts and widens the products by hand did 1.7 billion products a second where
/// that of floats did 46 (AVX-512 EPYC core, 512 steps, four rows, JDK 25). What is won is memory:
/// operands are read as bytes and widened while they are packed.
final class IntGemm {
  /// Steps per block of K.
  private static final int DEPTH = 512;

  /// Rows per task.
  private static final int ROWS = 96;

  /// Multiplications below which one thread is faster than several.
  private static final long SMALL = 1 << 16;

  private static final VectorSpecies<Integer> I32 = VectorSpecies.of(int.class, F32.vectorShape());

  private IntGemm() {}

  /// The left operand, row by row.
  interface Rows {
    /// Writes `x[row, start ... start+length-1] - zero` as floats.
    void pack(int row, int start, int length, MemorySegment to, long toOffset);
  }

  /// Rows that lie one after the other.
  record Matrix(MemorySegment x, int depth, int zero) implements Rows {
    @Override
    public void pack(int row, int start, int length, MemorySegment to, long toOffset) {
      widen(x, (long) row * depth + start, length, zero, to, toOffset);
    }
  }

  /// A row per output pixel: what lies under the kernel, tap by tap; 0 outside the image.
  record Patches(MemorySegment x, ConvShape shape, int zero) implements Rows {
    @Override
    public void pack(int row, int start, int length, MemorySegment to, long toOffset) {
      Extent high = shape.rows();
      Extent wide = shape.columns();
      int channels = shape.c();
      int q = row % wide.out();
      int p = row / wide.out() % high.out();
      int n = row / (wide.out() * high.out());
      for (int done = 0; done < length; ) {
        int tap = (start + done) / channels;
        int first = (start + done) % channels;
        int count = Math.min(channels - first, length - done);
        int h = p * high.stride() + tap / wide.taps() * high.dilation() - high.pad();
        int w = q * wide.stride() + tap % wide.taps() * wide.dilation() - wide.pad();
        if (h < 0 || h >= high.in() || w < 0 || w >= wide.in()) {
          to.asSlice(toOffset + done * 4L, count * 4L).fill((byte) 0);
        } else {
          long at = (((long) n * high.in() + h) * wide.in() + w) * channels + first;
          widen(x, at, count, zero, to, toOffset + done * 4L);
        }
        done += count;
      }
    }
  }

  /// Computes `c [rows, columns]` from weights `w [columns, depth]`.
  static void run(
      CpuPool pool, Rows x, int rows, MemorySegment w, int columns, int depth, MemorySegment c) {
    if (rows == 0 || columns == 0) {
      return;
    }
    if (depth == 0) {
      c.fill((byte) 0);
      return;
    }
    List<Panel> panels = Panel.of(columns);
    Panel last = panels.getLast();
    long padded = (long) last.start() + last.paddedColumns();
    MemorySegment packed = Scratch.floats(Scratch.Slot.PACKED_B, padded * depth);
    int rowBlocks = Math.ceilDiv(rows, ROWS);
    int panelBlocks = Math.min(panels.size(), Math.max(1, Math.ceilDiv(16, rowBlocks)));
    boolean small = (long) rows * columns * depth < SMALL;
    tasks(pool, small, panels.size(), i -> packPanel(w, panels.get(i), depth, packed));
    tasks(
        pool,
        small,
        rowBlocks * panelBlocks,
        task -> {
          int from = panels.size() * (task % panelBlocks) / panelBlocks;
          int to = panels.size() * (task % panelBlocks + 1) / panelBlocks;
          int top = task / panelBlocks * ROWS;
          block(
              x,
              top,
              Math.min(ROWS, rows - top),
              panels.subList(from, to),
              packed,
              columns,
              depth,
              c);
        });
  }

  private static void tasks(
      CpuPool pool, boolean inline, int tasks, java.util.function.IntConsumer body) {
    if (inline) {
      for (int i = 0; i < tasks; i++) {
        body.accept(i);
      }
    } else {
      pool.run(tasks, body);
    }
  }

  private static void block(
      Rows x,
      int top,
      int rows,
      List<Panel> panels,
      MemorySegment packedW,
      int columns,
      int depth,
      MemorySegment c) {
    int pitch = Math.min(depth, DEPTH) + 16;
    MemorySegment packedX = Scratch.floats(Scratch.Slot.PACKED_A, (long) ROWS * (DEPTH + 16));
    MemorySegment tile = Scratch.floats(Scratch.Slot.TILE, 8L * Tile.MAX_VECTORS * COUNT);
    long[] rowStarts = Tile.rows(rows, pitch * 4L);
    long[] zero = {0};
    for (int start = 0; start < depth; start += DEPTH) {
      int length = Math.min(DEPTH, depth - start);
      for (int i = 0; i < rows; i++) {
        x.pack(top + i, start, length, packedX, (long) i * pitch * 4);
      }
      for (Panel panel : panels) {
        long width = panel.paddedColumns() * 4L;
        long panelStart = (long) panel.start() * depth * 4 + start * width;
        Tile operands = new Tiles.Operands(packedX, rowStarts, zero, packedW, zero);
        int tileRows = Tile.rows(panel.vectors());
        Tile.Place aside = new Tile.Place(tile, Tile.rows(tileRows, width), 0, 0);
        for (int row = 0; row < rows; row += tileRows) {
          operands.run(panel.vectors(), row, aside, 0, panelStart, 0, 1, length);
          for (int r = 0; r < Math.min(tileRows, rows - row); r++) {
            long at = ((long) (top + row + r) * columns + panel.start()) * 4;
            store(tile, r * width, panel.columns(), c, at, start > 0);
          }
        }
      }
    }
  }

  /// A row of a tile, as integers, into the sums or added to them.
  private static void store(
      MemorySegment tile, long from, int count, MemorySegment c, long at, boolean add) {
    int j = 0;
    for (; j + COUNT <= count; j += COUNT) {
      IntVector sums =
          (IntVector)
              FloatVector.fromMemorySegment(F32, tile, from + j * 4L, ORDER)
                  .convertShape(VectorOperators.F2I, I32, 0);
      if (add) {
        sums = sums.add(IntVector.fromMemorySegment(I32, c, at + j * 4L, ORDER));
      }
      sums.intoMemorySegment(c, at + j * 4L, ORDER);
    }
    for (; j < count; j++) {
      int sum = (int) tile.get(FLOAT, from + j * 4L);
      c.set(INT, at + j * 4L, add ? c.get(INT, at + j * 4L) + sum : sum);
    }
  }

  /// Row k of a panel holds the weights of its columns at depth k, zeros past the edge.
  private static void packPanel(MemorySegment w, Panel panel, int depth, MemorySegment to) {
    int width = panel.paddedColumns();
    long target = (long) panel.start() * depth * 4;
    if (!panel.full()) {
      to.asSlice(target, (long) depth * width * 4).fill((byte) 0);
    }
    MemorySegment wide =
        Scratch.floats(Scratch.Slot.WEIGHTS, (long) panel.columns() * Math.min(depth, DEPTH));
    for (int start = 0; start < depth; start += DEPTH) {
      int length = Math.min(DEPTH, depth - start);
      for (int j = 0; j < panel.columns(); j++) {
        long from = (long) (panel.start() + j) * depth + start;
        widen(w, from, length, 0, wide, (long) j * length * 4);
      }
      Transposes.copy(
          wide, 0, length, panel.columns(), length, to, target + (long) start * width * 4, width);
    }
  }

  /// `count` bytes minus `zero` as floats.
  private static void widen(
      MemorySegment x, long from, int count, int zero, MemorySegment to, long toOffset) {
    int i = 0;
    if (Widen.POSSIBLE) {
      for (; i + COUNT <= count; i += COUNT) {
        ((FloatVector)
                ByteVector.fromMemorySegment(Widen.BYTES, x, from + i, ORDER)
                    .convertShape(VectorOperators.B2F, F32, 0))
            .sub(zero)
            .intoMemorySegment(to, toOffset + i * 4L, ORDER);
      }
    }
    for (; i < count; i++) {
      to.set(FLOAT, toOffset + i * 4L, (float) (x.get(ValueLayout.JAVA_BYTE, from + i) - zero));
    }
  }

  /// Bytes for a vector of floats: there is no shape of 4 bytes.
  private static final class Widen {
    static final boolean POSSIBLE = COUNT >= 8;
    static final VectorSpecies<Byte> BYTES =
        VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, COUNT * Byte.SIZE)));
  }
}
