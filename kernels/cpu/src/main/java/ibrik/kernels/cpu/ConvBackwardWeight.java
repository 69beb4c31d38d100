package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// `dw` from `x` and `dy`: for each kernel row r, the matrix `dw[k, (s,c)]` is a sum over output
/// pixels of outer products `dy[pixel, k] * x[pixel + tap, (s,c)]`. With dilation 1 and one group
/// the taps of a row are consecutive floats of the padded image, so tiles read both operands where
/// they lie.
///
/// The batch is cut into chunks whose padded images fit the second-level cache. Where a result is
/// small, the chunks are the tasks, in some groups, each with a partial result, added in order; so
/// threads meet once. Else the tiles are the tasks, chunk by chunk, and a chunk has so many pixels
/// that going through the result once for each does not count.
final class ConvBackwardWeight {
  /// Bytes of padded images per chunk.
  private static final long CHUNK_BYTES = 384 << 10;

  /// Bytes of a result of which there may be several, and of all of them.
  private static final long SMALL_RESULT = 1 << 20;

  private static final long PARTIALS = 8 << 20;

  /// Largest number of partial results.
  private static final int SPLITS = 16;

  /// Floats of the result that one task adds up.
  private static final long JOINED = 1 << 13;

  /// Pixels per chunk, at least, where tiles are tasks.
  private static final int PIXELS = 512;

  private ConvBackwardWeight() {}

  /// One kind of tile: which taps it covers, and where they lie.
  ///
  /// @param tapY row offset of its inputs in the padded image, in rows
  /// @param tapX column offset
  /// @param floats consecutive floats it covers
  /// @param first where they lie in `dw[k]`
  private record Strip(int tapY, int tapX, int floats, int first) {}

  static void run(CpuPool pool, ConvShape d, MemorySegment x, MemorySegment dy, MemorySegment dw) {
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

  /// The gradient of one group and one tap in time: that of a convolution of images, the frames that
  /// the tap reads.
  private static final class Task {
    private final ConvShape d;
    private final MemorySegment x;
    private final MemorySegment dy;
    private final MemorySegment dw;
    private final int group;
    private final int tap;
    private final List<Pair> images;
    private final int channels;
    private final int kernels;
    private final int paddedHeight;
    private final int paddedWidth;
    private final long paddedFloats;
    private final long[] dyKernel;
    private final long[] dwKernel;
    private final List<Strip> strips;
    private final boolean partial;
    private final int imagesPerChunk;

    Task(ConvShape d, MemorySegment x, MemorySegment dy, MemorySegment dw, int group, int tap) {
      this.d = d;
      this.x = x;
      this.dy = dy;
      this.dw = dw;
      this.group = group;
      this.tap = tap;
      images = images();
      channels = d.groupChannels();
      kernels = d.groupKernels();
      paddedHeight = (d.rows().out() - 1) * d.rows().stride() + (d.rows().taps() - 1) * d.rows().dilation() + 1;
      paddedWidth = (d.columns().out() - 1) * d.columns().stride() + (d.columns().taps() - 1) * d.columns().dilation() + 1;
      paddedFloats = (long) paddedHeight * paddedWidth * channels;
      dyKernel = Tiles.rows(kernels, 4);
      dwKernel = Tiles.rows(kernels, (long) d.rows().taps() * d.columns().taps() * channels * 4);
      strips = strips();
      partial = resultFloats() * 4 <= SMALL_RESULT;
      long fitting = CHUNK_BYTES / Math.max(paddedFloats * 4, 1);
      long deep = partial ? 1 : Math.ceilDiv(PIXELS, Math.max(d.rows().out() * d.columns().out(), 1));
      imagesPerChunk = Math.clamp(Math.max(fitting, deep), 1, Math.max(images.size(), 1));
    }

    /// A frame of dy and the frame of x that the tap reads for it, counted over all videos.
    private record Pair(int dy, int x) {}

    /// All pairs; frames outside are zeros.
    private List<Pair> images() {
      Window window = new Window(d.frames().forward(), d.rows().forward(), d.columns().forward());
      List<Pair> pairs = new ArrayList<>();
      for (int n = 0; n < d.n() * d.frames().out(); n++) {
        int frame = window.frame(n, tap);
        if (frame >= 0) {
          pairs.add(new Pair(n, frame));
        }
      }
      return pairs;
    }

    private List<Strip> strips() {
      boolean contiguous = d.columns().dilation() == 1;
      int rowFloats = d.columns().taps() * channels;
      List<Strip> result = new ArrayList<>();
      for (int r = 0; r < d.rows().taps(); r++) {
        int y = r * d.rows().dilation();
        if (contiguous) {
          result.add(new Strip(y, 0, rowFloats, r * rowFloats));
        } else {
          for (int s = 0; s < d.columns().taps(); s++) {
            result.add(
                new Strip(y, s * d.columns().dilation(), channels, r * rowFloats + s * channels));
          }
        }
      }
      return List.copyOf(result);
    }

    private long resultFloats() {
      return (long) kernels * d.rows().taps() * d.columns().taps() * channels;
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
      long bytes = floats / kernels * 4;
      for (int k = 0; k < kernels; k++) {
        long kernel = (long) (group * kernels + k) * d.frames().taps() + tap;
        MemorySegment.copy(own, k * bytes, dw, kernel * bytes, bytes);
      }
    }

    private void run(CpuPool pool, MemorySegment target) {
      long dwFloats = resultFloats();
      int chunks = Math.ceilDiv(images.size(), imagesPerChunk);
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
              for (Strip strip : strips) {
                for (Panel panel : Panel.of(strip.floats())) {
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
      return paddedFloats * imagesPerChunk + (long) (Tiles.MAX_VECTORS + 1) * Lanes.COUNT;
    }

    /// A chunk's padded images and the start of every output row in both operands.
    private record Prepared(MemorySegment images, long[] dyRows, long[] xRows) {}

    private Prepared prepare(CpuPool pool, int chunk, MemorySegment padded) {
      int first = chunk * imagesPerChunk;
      int count = Math.min(imagesPerChunk, images.size() - first);
      pool.run(count, i -> pad(images.get(first + i).x, padded.asSlice(i * paddedFloats * 4)));
      long end = count * paddedFloats * 4;
      padded.asSlice(end, (long) (Tiles.MAX_VECTORS + 1) * Lanes.BYTES).fill((byte) 0);
      long[] dyRows = new long[count * d.rows().out()];
      long[] xRows = new long[count * d.rows().out()];
      for (int row = 0; row < dyRows.length; row++) {
        int image = row / d.rows().out();
        int p = row % d.rows().out();
        long pixel = ((long) images.get(first + image).dy * d.rows().out() + p) * d.columns().out();
        dyRows[row] = (pixel * d.k() + (long) group * kernels) * 4;
        xRows[row] =
            (image * paddedFloats + (long) p * d.rows().stride() * paddedWidth * channels) * 4;
      }
      return new Prepared(padded, dyRows, xRows);
    }

    private void pad(int image, MemorySegment to) {
      Padding.copy(
          x,
          (long) image * d.rows().in() * d.columns().in() * d.c(),
          d.rows().in(),
          d.columns().in(),
          d.c(),
          group * channels,
          channels,
          to,
          -d.rows().pad(),
          paddedHeight - d.rows().pad(),
          -d.columns().pad(),
          paddedWidth - d.columns().pad());
    }

    private void chunkByTiles(CpuPool pool, int chunk, MemorySegment target) {
      MemorySegment padded = Scratch.floats(Scratch.Slot.PACKED_B, room());
      Prepared prepared = prepare(pool, chunk, padded);
      List<Panel> panels = Panel.of(strips.getFirst().floats());
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
    private void kernels(Prepared prepared, Strip strip, Panel panel, MemorySegment target) {
      Tiles.Operands operands =
          new Tiles.Operands(
              dy,
              dyKernel,
              prepared.dyRows,
              d.k() * 4L,
              prepared.images,
              prepared.xRows,
              (long) d.columns().stride() * channels * 4);
      long shift = (((long) strip.tapY * paddedWidth + strip.tapX) * channels + panel.start()) * 4;
      long to = (strip.first + panel.start()) * 4L;
      int tileRows = Tiles.rows(panel.vectors());
      for (int k = 0; k < kernels; k += tileRows) {
        TileSink.run(
            panel,
            operands,
            k,
            new Tiles.Place(target, dwKernel, k, to),
            0,
            shift,
            0,
            prepared.dyRows.length,
            d.columns().out(),
            Math.min(tileRows, kernels - k),
            true);
      }
    }
  }
}
