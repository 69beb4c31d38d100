package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// `dw` from `x` and `dy`: for each kernel row r, the matrix `dw[k, (s,c)]` is a sum over output
/// pixels of outer products `dy[pixel, k] * x[pixel + tap, (s,c)]`. Tiles read x as [WeightInputs]
/// lays it out: with dilation 1 the taps of a row are consecutive floats of the padded image. A run
/// of a tile is one row of outputs; where rows are short and there are many kernels, the columns of
/// a panel are copied side by side first, and a run is a whole chunk. dy is copied into blocks of
/// as many kernels as a tile has rows, pixel by pixel: otherwise each step of a tile would touch
/// another line of the cache.
///
/// The batch is cut into chunks whose inputs fit the second-level cache. Where a result is small,
/// the chunks are the tasks, in some groups, each with a partial result, added in order; so threads
/// meet once. Else the tiles are the tasks, chunk by chunk, and a chunk has so many pixels that
/// going through the result once for each does not count.
final class ConvBackwardWeight {
  /// Bytes of inputs per chunk.
  private static final long CHUNK_BYTES = 384 << 10;

  /// Bytes of a result of which there may be several, and of all of them.
  private static final long SMALL_RESULT = 1 << 20;

  private static final long PARTIALS = 8 << 20;

  /// Largest number of partial results.
  private static final int SPLITS = 16;

  /// Floats of the result that one task adds up.
  private static final long JOINED = 1 << 13;

  /// Kernels per block of the copy of dy.
  private static final int BLOCK = 8;

  /// Rows of outputs that are short.
  private static final int SHORT = 32;

  /// Kernels that are many: products enough for the columns of a panel to be copied.
  private static final int MANY = 64;

  /// Pixels per chunk, at least, where tiles are tasks.
  private static final int PIXELS = 512;

  private static final ValueLayout.OfLong PAIR = ValueLayout.JAVA_LONG_UNALIGNED;

  private ConvBackwardWeight() {}

  static void run(CpuPool pool, ConvShape d, MemorySegment x, MemorySegment dy, MemorySegment dw) {
    if (Winograd.serves(d)) {
      WinogradBackwardWeight.run(pool, d, x, dy, dw);
      return;
    }
    dw.fill((byte) 0);
    if (d.n() == 0) {
      return;
    }
    if (Grouping.serves(d.groups(), d.groupChannels(), d.groupKernels())) {
      GroupedBackwardWeight.run(pool, d, x, dy, dw);
      return;
    }
    for (int group = 0; group < d.groups(); group++) {
      for (int t = 0; t < d.frames().taps(); t++) {
        new Task(d, x, dy, dw, group, t).run(pool);
      }
    }
  }

  /// The gradient of one group and one tap in time: that of a convolution of images, the frames
  /// that the tap reads.
  private static final class Task {
    private final ConvShape d;
    private final MemorySegment dy;
    private final MemorySegment dw;
    private final int group;
    private final int tap;
    private final int kernels;
    private final WeightInputs inputs;
    private final List<Piece> pieces;
    private final List<Panel> panels;
    private final long[] dwKernel;
    private final long kernelFloats;
    private final boolean partial;
    private final int perChunk;

    Task(ConvShape d, MemorySegment x, MemorySegment dy, MemorySegment dw, int group, int tap) {
      this.d = d;
      this.dy = dy;
      this.dw = dw;
      this.group = group;
      this.tap = tap;
      kernels = d.groupKernels();
      inputs = WeightInputs.of(d, x, group);
      pieces = pieces();
      panels = Panel.of(inputs.strips().getFirst().floats());
      kernelFloats = (long) d.rows().taps() * d.columns().taps() * d.groupChannels();
      dwKernel = Tile.rows(kernels, kernelFloats * 4);
      partial = resultFloats() * 4 <= SMALL_RESULT;
      long fitting = CHUNK_BYTES / Math.max(inputs.bytes(), 1);
      long pixels = Math.max((long) inputs.rows() * d.columns().out(), 1);
      long deep = partial ? 1 : Math.ceilDiv(PIXELS, pixels);
      perChunk = Math.clamp(Math.max(fitting, deep), 1, Math.max(pieces.size(), 1));
    }

    /// Rows `top ... top+rows-1` of a frame of dy, and the frame of x that the tap reads for it,
    /// both counted over all videos.
    private record Piece(int dy, int x, int top, int rows) {}

    /// All pieces but those whose frame of x is one of zeros.
    private List<Piece> pieces() {
      Window window = new Window(d.frames().forward(), d.rows().forward(), d.columns().forward());
      int height = d.rows().out();
      List<Piece> found = new ArrayList<>();
      for (int n = 0; n < d.n() * d.frames().out(); n++) {
        int frame = window.frame(n, tap);
        for (int top = 0; top < height && frame >= 0; top += inputs.rows()) {
          found.add(new Piece(n, frame, top, Math.min(inputs.rows(), height - top)));
        }
      }
      return found;
    }

    private long resultFloats() {
      return kernels * kernelFloats;
    }

    void run(CpuPool pool) {
      long floats = resultFloats();
      if (d.frames().taps() == 1) {
        run(pool, dw.asSlice(group * floats * 4, floats * 4));
        return;
      }
      MemorySegment own = Scratch.floats(Scratch.Slot.GRADIENT, floats).asSlice(0, floats * 4);
      own.fill((byte) 0);
      run(pool, own);
      for (int k = 0; k < kernels; k++) {
        long kernel = (long) (group * kernels + k) * d.frames().taps() + tap;
        long bytes = kernelFloats * 4;
        MemorySegment.copy(own, k * bytes, dw, kernel * bytes, bytes);
      }
    }

    private void run(CpuPool pool, MemorySegment target) {
      long dwFloats = resultFloats();
      int chunks = Math.ceilDiv(pieces.size(), perChunk);
      if (!partial || chunks <= 1) {
        for (int chunk = 0; chunk < chunks; chunk++) {
          chunkByTiles(pool, chunk, target);
        }
        return;
      }
      int splits = Math.clamp(PARTIALS / Math.max(dwFloats * 4, 1), 1, Math.min(SPLITS, chunks));
      MemorySegment partials = Scratch.floats(Scratch.Slot.PARTIAL, dwFloats * splits);
      pool.run(
          splits,
          split -> {
            MemorySegment own = partials.asSlice(split * dwFloats * 4, dwFloats * 4);
            own.fill((byte) 0);
            for (int chunk = chunks * split / splits;
                chunk < chunks * (split + 1) / splits;
                chunk++) {
              Prepared prepared = prepare(pool, chunk, Scratch.floats(Scratch.Slot.IMAGE, room()));
              for (WeightInputs.Strip strip : inputs.strips()) {
                for (Panel panel : panels) {
                  kernels(prepared, strip, panel, own);
                }
              }
            }
          });
      join(pool, partials, splits, target);
    }

    /// Adds up partial results, in order.
    private void join(CpuPool pool, MemorySegment partials, int splits, MemorySegment target) {
      long floats = resultFloats();
      pool.run(
          (int) Math.ceilDiv(floats, JOINED),
          task -> {
            long first = task * JOINED;
            long count = Math.min(JOINED, floats - first);
            for (int split = 0; split < splits; split++) {
              Vectors.addInto(target, first * 4, partials, (split * floats + first) * 4, count);
            }
          });
    }

    /// Room for a chunk and what tiles may read past its end.
    private long room() {
      return inputs.bytes() / 4 * perChunk + WeightInputs.SLACK;
    }

    /// A chunk's inputs and gradients, and the start of every output row in both.
    private record Prepared(
        MemorySegment inputs, long[] xRows, MemorySegment dy, long[] dyRows, long pixels) {}

    private Prepared prepare(CpuPool pool, int chunk, MemorySegment buffer) {
      int first = chunk * perChunk;
      List<Piece> own = pieces.subList(first, Math.min(first + perChunk, pieces.size()));
      long bytes = inputs.bytes();
      int columns = d.columns().out();
      int[] rowOf = new int[own.size() + 1];
      for (int i = 0; i < own.size(); i++) {
        rowOf[i + 1] = rowOf[i] + own.get(i).rows;
      }
      int rows = rowOf[own.size()];
      long pixels = (long) rows * columns;
      MemorySegment gradients =
          Scratch.floats(Scratch.Slot.WEIGHTS, pixels * Math.ceilDiv(kernels, BLOCK) * BLOCK);
      pool.run(
          own.size(),
          i -> {
            Piece piece = own.get(i);
            inputs.make(piece.x, piece.top, piece.rows, buffer.asSlice(i * bytes, bytes));
            block(piece, gradients, (long) rowOf[i] * columns, pixels);
          });
      buffer.asSlice(own.size() * bytes, WeightInputs.SLACK * 4L).fill((byte) 0);
      long[] dyRows = new long[rows];
      long[] xRows = new long[rows];
      for (int i = 0; i < own.size(); i++) {
        Piece piece = own.get(i);
        long start = inputs.start(i, piece.x, piece.top);
        for (int y = 0; y < piece.rows; y++) {
          int row = rowOf[i] + y;
          dyRows[row] = (long) row * columns * BLOCK * 4;
          xRows[row] = start + y * inputs.row();
        }
      }
      return new Prepared(inputs.data(buffer), xRows, gradients, dyRows, pixels);
    }

    /// Copies the gradients of a piece, pixels from number `first` of the chunk's `pixels` on, into
    /// blocks `[kernels / 8, pixels, 8]`; zeros stand in for kernels beyond the last.
    private void block(Piece piece, MemorySegment to, long first, long pixels) {
      long line = (long) piece.dy * d.rows().out() + piece.top;
      long source = (line * d.columns().out() * d.k() + (long) group * kernels) * 4;
      long count = (long) piece.rows * d.columns().out();
      for (int k = 0; k < kernels; k += BLOCK) {
        long target = (k / BLOCK * pixels + first) * BLOCK * 4;
        if (k + BLOCK <= kernels) {
          whole(source + k * 4L, count, to, target);
        } else {
          part(source + k * 4L, count, kernels - k, to, target);
        }
      }
    }

    private void whole(long source, long count, MemorySegment to, long target) {
      long step = d.k() * 4L;
      for (long i = 0; i < count; i++) {
        long from = source + i * step;
        long at = target + i * BLOCK * 4;
        to.set(PAIR, at, dy.get(PAIR, from));
        to.set(PAIR, at + 8, dy.get(PAIR, from + 8));
        to.set(PAIR, at + 16, dy.get(PAIR, from + 16));
        to.set(PAIR, at + 24, dy.get(PAIR, from + 24));
      }
    }

    private void part(long source, long count, int floats, MemorySegment to, long target) {
      to.asSlice(target, count * BLOCK * 4).fill((byte) 0);
      for (long i = 0; i < count; i++) {
        for (int k = 0; k < floats; k++) {
          float value = dy.get(Lanes.FLOAT, source + (i * d.k() + k) * 4);
          to.set(Lanes.FLOAT, target + (i * BLOCK + k) * 4, value);
        }
      }
    }

    private void chunkByTiles(CpuPool pool, int chunk, MemorySegment target) {
      MemorySegment buffer = Scratch.floats(Scratch.Slot.PACKED_B, room());
      Prepared prepared = prepare(pool, chunk, buffer);
      List<WeightInputs.Strip> strips = inputs.strips();
      pool.run(
          strips.size() * panels.size(),
          task ->
              kernels(
                  prepared,
                  strips.get(task / panels.size()),
                  panels.get(task % panels.size()),
                  target));
    }

    /// All kernels of one strip and panel, added to `target [kernels, R*S*channels]`.
    private void kernels(
        Prepared prepared, WeightInputs.Strip strip, Panel panel, MemorySegment target) {
      boolean copied = d.columns().out() < SHORT && kernels >= MANY;
      long column = strip.at() + panel.start() * 4L;
      Tile operands =
          copied
              ? side(prepared, panel, column)
              : new OuterTiles.Operands(
                  prepared.dy,
                  prepared.dyRows,
                  BLOCK * 4,
                  prepared.inputs,
                  prepared.xRows,
                  inputs.column());
      int tileRows = Tile.rows(panel.vectors());
      for (int k = 0; k < kernels; k += tileRows) {
        TileSink.run(
            panel,
            operands,
            k % BLOCK,
            new Tile.Place(target, dwKernel, k, (strip.first() + panel.start()) * 4L),
            k / BLOCK * prepared.pixels * BLOCK * 4,
            copied ? 0 : column,
            0,
            copied ? 1 : prepared.dyRows.length,
            copied ? Math.toIntExact(prepared.pixels) : d.columns().out(),
            Math.min(tileRows, kernels - k),
            true);
      }
    }

    /// The columns of a panel, copied side by side: one run for all pixels.
    private Tile side(Prepared prepared, Panel panel, long at) {
      int columns = d.columns().out();
      int width = panel.paddedColumns();
      MemorySegment packed = Scratch.floats(Scratch.Slot.PANEL, prepared.pixels * width);
      for (int row = 0; row < prepared.xRows.length; row++) {
        long target = (long) row * columns * width * 4;
        long source = prepared.xRows[row] + at;
        for (int i = 0; i < columns; i++) {
          long from = source + i * inputs.column();
          for (int j = 0; j < width; j += Lanes.COUNT) {
            FloatVector.fromMemorySegment(Lanes.F32, prepared.inputs, from + j * 4L, Lanes.ORDER)
                .intoMemorySegment(packed, target + ((long) i * width + j) * 4, Lanes.ORDER);
          }
        }
      }
      long[] start = {0};
      return new OuterTiles.Operands(prepared.dy, start, BLOCK * 4, packed, start, width * 4L);
    }
  }
}
