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

/// Convolutions of 3x3 taps and stride 1 with a quarter of the multiplications: Winograd's F(4x4,
/// 3x3). Inputs and kernels are taken to 36 points, where the convolution is a matrix product for
/// each, and the products back to outputs; [WinogradLoops] has the maps.
///
/// ```
/// V[p, tile, c] = (B^T x B)[p]     U[p, c, k] = (G w G^T)[p]
/// M[p, tile, k] = sum over c of V[p, tile, c] U[p, c, k]     y = A^T M A
/// ```
///
/// A task takes some strips of tiles through all three, within the second-level cache. Rounding
/// errors are about twice those of [Correlation], and sums of whole numbers are not exact. What is
/// infinite or no number reaches all 16 outputs of its tiles, not only those whose taps read it.
final class Winograd {
  /// Whether it may be used at all: `-Dibrik.cpu.winograd=false` has every product added up as the
  /// definition says.
  private static final boolean ON =
      !System.getProperty("ibrik.cpu.winograd", "true").equals("false");

  /// Channels on either side, at least: the maps take as long as the products they save for fewer.
  private static final int CHANNELS = 64;

  /// Tiles of all images, at least: transformed kernels are four times as large as kernels, and
  /// have to be written and read whatever they are used for.
  private static final int FEW_TILES = 64;

  /// Bytes of transformed inputs and products per task: they stay in the second-level cache.
  private static final long CACHE = 1 << 20;

  /// Tiles per task, at least: all transformed kernels pass once per task.
  private static final int TILES = 32;

  /// Tasks that are enough to keep all threads busy.
  private static final int MANY_TASKS = 16;

  /// Panels of kernels for which inputs may be transformed once more.
  private static final int PANELS = 8;

  private Winograd() {}

  /// Whether it is worth it: enough channels on both sides to make products of, in whole vectors,
  /// and enough tiles, which do not reach far beyond the outputs.
  static boolean serves(ConvShape d) {
    return ON
        && fits(d)
        && Math.min(d.c(), d.k()) >= CHANNELS
        && worth(d.n(), d.rows().out(), d.columns().out())
        && worth(d.n(), d.rows().in(), d.columns().in());
  }

  /// Whether it can be done at all.
  static boolean fits(ConvShape d) {
    return d.groups() == 1
        && d.frames().equals(Extent.NONE)
        && fits(d.rows())
        && fits(d.columns())
        && d.c() % COUNT == 0
        && d.k() % COUNT == 0;
  }

  private static boolean fits(Extent e) {
    return e.taps() == 3 && e.stride() == 1 && e.dilation() == 1 && e.out() > 0;
  }

  private static boolean worth(int images, int height, int width) {
    long tiles = (long) Math.ceilDiv(height, OUT) * Math.ceilDiv(width, OUT);
    return images * tiles >= FEW_TILES && 2L * height * width > tiles * OUT * OUT;
  }

  /// `y = conv(x, w)`.
  static void forward(
      CpuPool pool, ConvShape d, MemorySegment x, MemorySegment w, MemorySegment y) {
    WinogradKernels kernels = new WinogradKernels(d.c(), d.k());
    run(pool, WinogradGrid.forward(d), kernels, x, kernels.forward(pool, w), y);
  }

  /// `dx` from `dy` and `w`.
  static void backward(
      CpuPool pool, ConvShape d, MemorySegment dy, MemorySegment w, MemorySegment dx) {
    WinogradKernels kernels = new WinogradKernels(d.k(), d.c());
    run(pool, WinogradGrid.backward(d), kernels, dy, kernels.backward(pool, w), dx);
  }

  private static void run(
      CpuPool pool,
      WinogradGrid grid,
      WinogradKernels kernels,
      MemorySegment in,
      MemorySegment transformed,
      MemorySegment out) {
    try {
      tasks(pool, grid, kernels, in, transformed, out);
    } finally {
      // Addresses do not keep alive what lies there; buffers of Scratch live on by themselves.
      Reference.reachabilityFence(in);
      Reference.reachabilityFence(out);
    }
  }

  private static void tasks(
      CpuPool pool,
      WinogradGrid grid,
      WinogradKernels kernels,
      MemorySegment in,
      MemorySegment transformed,
      MemorySegment out) {
    int strips = grid.strips();
    long perTile = (long) POINTS * (kernels.ins() + kernels.outs()) * 4;
    long tiles = Math.max(TILES, CACHE / perTile);
    int perTask = Math.clamp(Math.ceilDiv(tiles, grid.tiles()), 1, Math.max(strips, 1));
    int blocks = Math.ceilDiv(strips, perTask);
    List<Panel> panels = kernels.panels();
    int most = Math.max(1, panels.size() / PANELS);
    int parts = Math.clamp(Math.ceilDiv(MANY_TASKS, Math.max(blocks, 1)), 1, most);
    pool.run(
        blocks * parts,
        task -> {
          int first = task / parts * perTask;
          int part = task % parts;
          new Task(
                  grid,
                  kernels,
                  panels.subList(panels.size() * part / parts, panels.size() * (part + 1) / parts),
                  first,
                  Math.min(perTask, strips - first))
              .run(in, transformed, out);
        });
  }

  /// Some strips, some panels of kernels.
  private record Task(
      WinogradGrid grid, WinogradKernels kernels, List<Panel> panels, int first, int strips) {
    int tiles() {
      return strips * grid.tiles();
    }

    /// Floats from the transformed inputs of one point to those of the next.
    long inPitch() {
      return (long) tiles() * kernels.ins() + GAP;
    }

    /// Floats from the products of one point to those of the next.
    long outPitch() {
      return (long) tiles() * kernels.outs() + GAP;
    }

    void run(MemorySegment in, MemorySegment transformed, MemorySegment out) {
      MemorySegment inputs = Scratch.floats(Scratch.Slot.IMAGE, POINTS * inPitch());
      MemorySegment products = Scratch.floats(Scratch.Slot.PRODUCTS, POINTS * outPitch());
      inputs(in, inputs);
      multiply(inputs, transformed, products);
      outputs(products, out);
    }

    private void inputs(MemorySegment in, MemorySegment to) {
      int channels = kernels.ins();
      long row = (long) grid.width() * channels * 4;
      MemorySegment strip = Scratch.floats(Scratch.Slot.PANEL, IN * row / 4);
      MemorySegment aside = Scratch.floats(Scratch.Slot.TILE, (long) POINTS * COUNT);
      for (int s = 0; s < strips; s++) {
        grid.inputs(first + s, in, channels, strip);
        for (int t = 0; t < grid.tiles(); t++) {
          for (int c = 0; c < channels; c += COUNT) {
            transformInputs(
                strip.address() + ((long) t * OUT * channels + c) * 4,
                row,
                channels * 4L,
                aside.address(),
                to.address() + ((long) (s * grid.tiles() + t) * channels + c) * 4,
                inPitch() * 4);
          }
        }
      }
    }

    private void multiply(MemorySegment inputs, MemorySegment transformed, MemorySegment products) {
      int tiles = tiles();
      long[] zero = {0};
      long[] to = Tile.rows(tiles, kernels.outs() * 4L);
      Tile operands =
          new Tiles.Operands(inputs, Tile.rows(tiles, kernels.ins() * 4L), zero, transformed, zero);
      for (int p = 0; p < POINTS; p++) {
        for (Panel panel : panels) {
          long shift = (p * outPitch() + panel.start()) * 4;
          int height = Tile.rows(panel.vectors());
          for (int tile = 0; tile < tiles; tile += height) {
            // The last tile repeats rows of its neighbour.
            int row = tiles < height ? tile : Math.min(tile, tiles - height);
            TileSink.run(
                panel,
                operands,
                row,
                new Tile.Place(products, to, row, shift),
                p * inPitch() * 4,
                kernels.at(p, panel),
                0,
                1,
                kernels.ins(),
                Math.min(height, tiles - row),
                false);
          }
        }
      }
    }

    private void outputs(MemorySegment products, MemorySegment out) {
      int channels = kernels.outs();
      int width = grid.columns().out();
      long row = (long) width * channels * 4;
      MemorySegment aside = Scratch.floats(Scratch.Slot.TILE, (long) POINTS * COUNT);
      for (int s = 0; s < strips; s++) {
        int top = (first + s) % grid.height() * OUT;
        int height = Math.min(OUT, grid.rows().out() - top);
        long image = (long) ((first + s) / grid.height()) * grid.rows().out();
        for (int t = 0; t < grid.tiles(); t++) {
          long pixel = (image + top) * width + (long) t * OUT;
          for (Panel panel : panels) {
            for (int k = panel.start(); k < panel.start() + panel.columns(); k += COUNT) {
              transformOutputs(
                  products.address() + ((long) (s * grid.tiles() + t) * channels + k) * 4,
                  outPitch() * 4,
                  aside.address(),
                  out.address() + (pixel * channels + k) * 4,
                  row,
                  channels * 4L,
                  height,
                  Math.min(OUT, width - t * OUT));
            }
          }
        }
      }
    }
  }

  /// One vector of channels of the 6x6 inputs of a tile.
  ///
  /// @param row bytes between rows of inputs
  /// @param column and between columns
  /// @param aside room for 36 vectors
  /// @param pitch bytes between points
  static void transformInputs(long from, long row, long column, long aside, long to, long pitch) {
    WinogradLoops.inputs(IN, from, row, column, aside, IN * BYTES, BYTES);
    WinogradLoops.inputs(IN, aside, BYTES, IN * BYTES, to, pitch, IN * pitch);
  }

  /// One vector of channels of the outputs of a tile, of which `height` rows and `width` columns
  /// exist.
  private static void transformOutputs(
      long from, long pitch, long aside, long to, long row, long column, int height, int width) {
    WinogradLoops.outputs(IN, from, IN * pitch, pitch, aside, IN * BYTES, BYTES);
    if (width == OUT) {
      WinogradLoops.outputs(height, aside, BYTES, IN * BYTES, to, column, row);
      return;
    }
    // In place: a row is read before its four outputs are written.
    WinogradLoops.outputs(height, aside, BYTES, IN * BYTES, aside, BYTES, IN * BYTES);
    for (int y = 0; y < height; y++) {
      WinogradLoops.copy(width, aside + IN * BYTES * y, BYTES, to + row * y, column);
    }
  }
}
