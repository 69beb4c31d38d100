package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.WinogradGrid.GAP;
import static ibrik.kernels.cpu.WinogradGrid.IN;
import static ibrik.kernels.cpu.WinogradGrid.OUT;
import static ibrik.kernels.cpu.WinogradGrid.POINTS;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;

/// `dw` from `x` and `dy` by way of the points of [Winograd]: its maps the other way round.
///
/// ```
/// V[p, tile, c] = (B^T x B)[p]     D[p, tile, k] = (A dy A^T)[p]
/// U[p, k, c] = sum over tiles of D[p, tile, k] V[p, tile, c]     dw = G^T U G
/// ```
///
/// Tiles are gone through in chunks, each added to U in order. V and D lie panel by panel of
/// channels, tile after tile: steps of a product read neighbouring lines of the cache. Where U is
/// small, a task takes its share of the chunks through all of it within its own cache, and the sums
/// of the tasks are added up in order; else all tasks share each chunk.
final class WinogradBackwardWeight {
  private static final int TAPS = 3;

  /// Bytes of V and D of a chunk: they stay in the second-level cache.
  private static final long CHUNK = 1 << 20;

  /// Tiles per chunk, at least: U is gone through once for each chunk.
  private static final int TILES = 64;

  /// Bytes of a U of which there may be several.
  private static final long SMALL = 1 << 20;

  /// How many.
  private static final int SPLITS = 8;

  /// Floats that tiles may read past the last panel.
  private static final int SLACK = 64;

  private final ConvShape d;
  private final WinogradGrid grid;
  private final List<Panel> ins;
  private final List<Panel> outs;
  private final int strips;

  private WinogradBackwardWeight(ConvShape d) {
    this.d = d;
    grid = WinogradGrid.forward(d);
    ins = Panel.of(d.c());
    outs = Panel.of(d.k());
    long tiles = Math.max(TILES, CHUNK / ((long) POINTS * (d.c() + d.k()) * 4));
    strips = Math.clamp(Math.ceilDiv(tiles, grid.tiles()), 1, grid.strips());
  }

  /// @param d of one image, at least
  static void run(CpuPool pool, ConvShape d, MemorySegment x, MemorySegment dy, MemorySegment dw) {
    try {
      new WinogradBackwardWeight(d).run(pool, x, dy, dw);
    } finally {
      // Addresses do not keep alive what lies there; buffers of Scratch live on by themselves.
      Reference.reachabilityFence(dw);
    }
  }

  /// Floats from U at one point to that at the next.
  private long sumPitch() {
    return (long) d.k() * d.c() + GAP;
  }

  /// Floats of U.
  private long sums() {
    return POINTS * sumPitch();
  }

  /// Floats from V at one point to that at the next.
  private long inPitch(int tiles) {
    return (long) tiles * d.c() + GAP;
  }

  /// Floats from D at one point to that at the next.
  private long outPitch(int tiles) {
    return (long) tiles * d.k() + GAP;
  }

  private void run(CpuPool pool, MemorySegment x, MemorySegment dy, MemorySegment dw) {
    int chunks = Math.ceilDiv(grid.strips(), strips);
    int splits = sums() * 4 <= SMALL ? Math.min(SPLITS, chunks) : 1;
    MemorySegment sums = Scratch.floats(Scratch.Slot.GRADIENT, splits * sums());
    if (splits == 1) {
      Part part = new Part(sums);
      for (int chunk = 0; chunk < chunks; chunk++) {
        part.add(pool, x, dy, chunk, chunk > 0);
      }
    } else {
      pool.run(
          splits,
          split -> {
            Part part = new Part(sums.asSlice(split * sums() * 4, sums() * 4));
            int first = chunks * split / splits;
            for (int chunk = first; chunk < chunks * (split + 1) / splits; chunk++) {
              part.add(pool, x, dy, chunk, chunk > first);
            }
          });
    }
    pool.run(d.k(), k -> result(k, sums, splits, dw));
  }

  /// Sums over some chunks.
  private final class Part {
    private final MemorySegment inputs;
    private final MemorySegment gradients;
    private final MemorySegment sums;

    Part(MemorySegment sums) {
      int most = strips * grid.tiles();
      this.sums = sums;
      inputs = Scratch.floats(Scratch.Slot.IMAGE, POINTS * inPitch(most) + SLACK);
      gradients = Scratch.floats(Scratch.Slot.PRODUCTS, POINTS * outPitch(most) + SLACK);
    }

    /// Adds a chunk to what is there, or begins with it.
    void add(CpuPool pool, MemorySegment x, MemorySegment dy, int chunk, boolean more) {
      int first = chunk * strips;
      int count = Math.min(strips, grid.strips() - first);
      int tiles = count * grid.tiles();
      pool.run(count, s -> transform(x, dy, first, s, tiles));
      pool.run(POINTS, p -> multiply(p, tiles, more));
    }

    /// Takes strip `first + s` to the points, the `s`-th of a chunk of `tiles` tiles.
    private void transform(MemorySegment x, MemorySegment dy, int first, int s, int tiles) {
      long inRow = (long) grid.width() * d.c() * 4;
      long outRow = (long) grid.tiles() * OUT * d.k() * 4;
      MemorySegment strip = Scratch.floats(Scratch.Slot.PANEL, (IN * inRow + OUT * outRow) / 4);
      MemorySegment aside = Scratch.floats(Scratch.Slot.TILE, (long) POINTS * COUNT);
      MemorySegment gradient = strip.asSlice(IN * inRow);
      grid.inputs(first + s, x, d.c(), strip);
      grid.outputs(first + s, dy, d.k(), gradient);
      for (int t = 0; t < grid.tiles(); t++) {
        int tile = s * grid.tiles() + t;
        for (Panel panel : ins) {
          for (int c = 0; c < panel.columns(); c += COUNT) {
            Winograd.transformInputs(
                strip.address() + ((long) t * OUT * d.c() + panel.start() + c) * 4,
                inRow,
                d.c() * 4L,
                aside.address(),
                inputs.address() + at(panel, tile, tiles) + c * 4L,
                inPitch(tiles) * 4);
          }
        }
        for (Panel panel : outs) {
          for (int k = 0; k < panel.columns(); k += COUNT) {
            transformGradients(
                gradient.address() + ((long) t * OUT * d.k() + panel.start() + k) * 4,
                outRow,
                d.k() * 4L,
                aside.address(),
                gradients.address() + at(panel, tile, tiles) + k * 4L,
                outPitch(tiles) * 4);
          }
        }
      }
    }

    private void multiply(int p, int tiles, boolean add) {
      long[] zero = {0};
      long[] rows = Tile.rows(d.k(), d.c() * 4L);
      for (Panel out : outs) {
        long a = (p * outPitch(tiles) + (long) out.start() * tiles) * 4;
        for (Panel in : ins) {
          long b = (p * inPitch(tiles) + (long) in.start() * tiles) * 4;
          Tile operands =
              new OuterTiles.Operands(
                  gradients, zero, out.columns() * 4L, inputs, zero, in.columns() * 4L);
          int height = Tile.rows(in.vectors());
          for (int k = 0; k < out.columns(); k += height) {
            long shift = (p * sumPitch() + in.start()) * 4;
            TileSink.run(
                in,
                operands,
                k,
                new Tile.Place(sums, rows, out.start() + k, shift),
                a,
                b,
                0,
                1,
                tiles,
                Math.min(height, out.columns() - k),
                add);
          }
        }
      }
    }
  }

  /// Where a tile lies in its panel, in bytes from the start of its point.
  private static long at(Panel panel, int tile, int tiles) {
    return ((long) panel.start() * tiles + (long) tile * panel.columns()) * 4;
  }

  /// One vector of channels of the 4x4 gradients of a tile.
  private static void transformGradients(
      long from, long row, long column, long aside, long to, long pitch) {
    WinogradLoops.gradients(OUT, from, row, column, aside, OUT * BYTES, BYTES);
    WinogradLoops.gradients(IN, aside, BYTES, OUT * BYTES, to, pitch, IN * pitch);
  }

  /// The gradient of one kernel from its sums, those of all splits.
  private void result(int k, MemorySegment sums, int splits, MemorySegment dw) {
    MemorySegment aside = Scratch.floats(Scratch.Slot.TILE, (long) POINTS * COUNT);
    long pitch = sumPitch() * 4;
    long pixel = d.c() * 4L;
    for (int split = 1; split < splits; split++) {
      for (int p = 0; p < POINTS; p++) {
        long at = p * pitch + k * pixel;
        Vectors.addInto(sums, at, sums, at + split * sums() * 4, d.c());
      }
    }
    for (int c = 0; c < d.c(); c += COUNT) {
      long from = sums.address() + ((long) k * d.c() + c) * 4;
      long to = dw.address() + ((long) k * TAPS * TAPS * d.c() + c) * 4;
      WinogradLoops.kernelGradients(
          IN, from, IN * pitch, pitch, aside.address(), IN * BYTES, BYTES);
      WinogradLoops.kernelGradients(
          TAPS, aside.address(), BYTES, IN * BYTES, to, pixel, TAPS * pixel);
    }
  }
}
