package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// Matrix product `C = op(A) op(B)` in f32 on dense row-major operands.
///
/// B is copied once into panels of one or two vectors, so that tiles read it in order. A is read
/// where it lies, unless it is transposed or its rows would conflict in the cache: then it is
/// copied block by block, or at once where several tasks need the same block. The depth K is cut
/// into blocks of [#DEPTH] that are added to C in order, so every element is summed in one fixed
/// order. Tasks are blocks of rows (and of panels where there are few rows).
final class Gemm {
  /// Steps per block of K: a panel of this depth stays in the second-level cache.
  private static final int DEPTH = 1024;

  /// Rows per task.
  private static final int ROWS = 144;

  /// Rows per task where A is copied at once.
  private static final int COPIED_ROWS = 64;

  /// Floats below which one thread copies faster than several.
  private static final int SMALL_COPY = 1 << 14;

  /// Floats between addresses that share a set of the first-level cache.
  static final int SET_PITCH = 1024;

  /// Floats of a packed B, at most: a deep one is gone through in pieces.
  private static final long PACKED = 1 << 25;

  /// Floats of an A that is copied at once, at most.
  private static final long PACKED_ROWS = 1 << 21;

  /// Multiplications below which one thread is faster than several.
  private static final long SMALL = 1 << 16;

  private Gemm() {}

  /// One operand: `rows x columns` as the product sees it, stored transposed or not.
  ///
  /// @param data the storage
  /// @param offset bytes to the first element
  /// @param transposed whether element (i, j) lies at `j * pitch + i`
  /// @param pitch floats from one stored row to the next
  record Operand(
      MemorySegment data, long offset, int rows, int columns, boolean transposed, long pitch) {
    /// Stored without gaps.
    Operand(MemorySegment data, long offset, int rows, int columns, boolean transposed) {
      this(data, offset, rows, columns, transposed, transposed ? rows : columns);
    }

    /// Whether tiles may read its rows where they lie: stored as rows, and not so far apart that
    /// those of one tile share a set of the first-level cache.
    boolean readable() {
      return !transposed && pitch % SET_PITCH != 0;
    }

    /// `count` columns of the product's view, from column `from`.
    Operand strip(int from, int count) {
      long start = transposed ? from * pitch : from;
      return new Operand(data, offset + start * 4, rows, count, transposed, pitch);
    }

    /// `count` rows of the product's view, from row `from`.
    Operand rows(int from, int count) {
      long start = transposed ? from : from * pitch;
      return new Operand(data, offset + start * 4, count, columns, transposed, pitch);
    }
  }

  /// Computes `c[offset ...] = a b`; a K of 0 gives zeros.
  static void run(CpuPool pool, Operand a, Operand b, MemorySegment c, long cOffset) {
    run(pool, a, b, c, cOffset, b.columns(), false);
  }

  /// [#run(CpuPool, Operand, Operand, MemorySegment, long)] into rows of `cPitch` floats, adding to
  /// what is there on request.
  static void run(
      CpuPool pool,
      Operand a,
      Operand b,
      MemorySegment c,
      long cOffset,
      long cPitch,
      boolean accumulate) {
    int m = a.rows();
    int n = b.columns();
    int depth = a.columns();
    if (m == 0 || n == 0) {
      return;
    }
    if (depth == 0) {
      for (int i = 0; i < m && !accumulate; i++) {
        c.asSlice(cOffset + i * cPitch * 4, 4L * n).fill((byte) 0);
      }
      return;
    }
    List<Panel> panels = Panel.of(n);
    int piece = (int) Math.max(1, PACKED / Panel.padded(panels) / DEPTH) * DEPTH;
    if (depth > piece) {
      for (int start = 0; start < depth; start += piece) {
        int length = Math.min(piece, depth - start);
        boolean add = accumulate || start > 0;
        run(pool, a.strip(start, length), b.rows(start, length), c, cOffset, cPitch, add);
      }
      return;
    }
    boolean small = (long) m * n * depth < SMALL;
    MemorySegment packed = packB(pool, b, panels, Scratch.Slot.PACKED_B);
    int rowBlocks = Math.ceilDiv(m, ROWS);
    // Few row blocks: share out the panels too, so that short wide products use all threads.
    int panelBlocks = Math.min(panels.size(), Math.max(1, Math.ceilDiv(16, rowBlocks)));
    Operand rows = panelBlocks > 1 ? readable(pool, small, a) : a;
    forEach(
        pool,
        small,
        rowBlocks * panelBlocks,
        task -> {
          int rowBlock = task / panelBlocks;
          int panelBlock = task % panelBlocks;
          int from = panels.size() * panelBlock / panelBlocks;
          int to = panels.size() * (panelBlock + 1) / panelBlocks;
          int top = rowBlock * ROWS;
          block(
              rows,
              panels.subList(from, to),
              packed,
              top,
              Math.min(ROWS, m - top),
              c,
              cOffset,
              cPitch,
              accumulate);
        });
  }

  private static void forEach(
      CpuPool pool, boolean inline, int tasks, java.util.function.IntConsumer body) {
    if (inline) {
      for (int i = 0; i < tasks; i++) {
        body.accept(i);
      }
    } else {
      pool.run(tasks, body);
    }
  }

  /// Rows `top ... top+rows-1` of C, columns of `panels`.
  private static void block(
      Operand a,
      List<Panel> panels,
      MemorySegment packedB,
      int top,
      int rows,
      MemorySegment c,
      long cOffset,
      long cPitch,
      boolean accumulate) {
    int depth = a.columns();
    boolean inPlace = a.readable();
    int pitch = Math.min(depth, DEPTH) + 16;
    MemorySegment data =
        inPlace ? a.data() : Scratch.floats(Scratch.Slot.PACKED_A, (long) ROWS * (DEPTH + 16));
    long[] aRow = Tile.rows(rows, inPlace ? a.pitch() * 4 : pitch * 4L);
    long[] cRow = Tile.rows(rows, cPitch * 4);
    long[] zero = {0};
    for (int start = 0; start < depth; start += DEPTH) {
      int length = Math.min(DEPTH, depth - start);
      long aStart = inPlace ? a.offset() + (top * a.pitch() + start) * 4 : 0;
      if (!inPlace) {
        packA(a, top, rows, start, length, data, pitch);
      }
      for (Panel panel : panels) {
        long width = panel.paddedColumns() * 4L;
        long panelStart = (long) panel.start() * depth * 4 + start * width;
        Tiles.Operands operands = new Tiles.Operands(data, aRow, zero, packedB, zero);
        long cShift = cOffset + (top * cPitch + panel.start()) * 4;
        int tileRows = Tile.rows(panel.vectors());
        boolean add = accumulate || start > 0;
        for (int row = 0; row < rows; row += tileRows) {
          // Where nothing is added to, the last tile repeats rows of its neighbour.
          int first = add || rows < tileRows ? row : Math.min(row, rows - tileRows);
          TileSink.run(
              panel,
              operands,
              first,
              new Tile.Place(c, cRow, first, cShift),
              aStart,
              panelStart,
              0,
              1,
              length,
              Math.min(tileRows, rows - first),
              add);
        }
      }
    }
  }

  /// A copy of A that tiles can read, if they cannot read A itself and it is not too large.
  private static Operand readable(CpuPool pool, boolean small, Operand a) {
    int m = a.rows();
    int depth = a.columns();
    int pitch = depth % SET_PITCH == 0 ? depth + 16 : depth;
    if (a.readable() || (long) m * pitch > PACKED_ROWS) {
      return a;
    }
    MemorySegment copy = Scratch.floats(Scratch.Slot.PACKED_ROWS, (long) m * pitch);
    forEach(
        pool,
        small,
        Math.ceilDiv(m, COPIED_ROWS),
        task -> {
          int top = task * COPIED_ROWS;
          int count = Math.min(COPIED_ROWS, m - top);
          packA(a, top, count, 0, depth, copy.asSlice((long) top * pitch * 4), pitch);
        });
    return new Operand(copy, 0, m, depth, false, pitch);
  }

  /// Copies rows of op(A) so that each row is contiguous.
  private static void packA(
      Operand a, int top, int rows, int start, int length, MemorySegment to, int pitch) {
    if (!a.transposed()) {
      for (int i = 0; i < rows; i++) {
        long source = a.offset() + ((top + i) * a.pitch() + start) * 4;
        MemorySegment.copy(a.data(), source, to, (long) i * pitch * 4, length * 4L);
      }
      return;
    }
    Transposes.copy(
        a.data(),
        a.offset() + (start * a.pitch() + top) * 4,
        a.pitch(),
        length,
        rows,
        to,
        0,
        pitch);
  }

  /// Copies op(B) panel by panel into a buffer of this thread.
  static MemorySegment packB(CpuPool pool, Operand b, List<Panel> panels, Scratch.Slot slot) {
    MemorySegment packed = Scratch.floats(slot, Math.max(1, Panel.padded(panels) * b.rows()));
    boolean small = (long) b.rows() * b.columns() < SMALL_COPY;
    forEach(pool, small, panels.size(), p -> packB(b, panels.get(p), packed));
    return packed;
  }

  /// Copies one panel of op(B): row k of the panel is `paddedColumns` floats, zeros beyond the
  /// edge.
  private static void packB(Operand b, Panel panel, MemorySegment to) {
    int depth = b.rows();
    int width = panel.paddedColumns();
    long target = (long) panel.start() * depth * 4;
    if (!panel.full()) {
      to.asSlice(target, (long) depth * width * 4).fill((byte) 0);
    }
    if (!b.transposed()) {
      for (int k = 0; k < depth; k++) {
        long source = b.offset() + (k * b.pitch() + panel.start()) * 4;
        MemorySegment.copy(
            b.data(), source, to, target + (long) k * width * 4, panel.columns() * 4L);
      }
      return;
    }
    Transposes.copy(
        b.data(),
        b.offset() + panel.start() * b.pitch() * 4,
        b.pitch(),
        panel.columns(),
        depth,
        to,
        target,
        width);
  }
}
