package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// `dx` from `dy` and `w`. The inputs of one phase - equal `(h + pad) mod stride`, likewise for the
/// other axes - are touched by the same taps, so each phase is a [Correlation] of dy with stride 1,
/// written to every stride-th row and column of dx. No zero is multiplied.
final class ConvBackwardData {
  private ConvBackwardData() {}

  static void run(CpuPool pool, ConvShape d, MemorySegment dy, MemorySegment w, MemorySegment dx) {
    if (Winograd.serves(d)) {
      Winograd.backward(pool, d, dy, w, dx);
      return;
    }
    List<Extent.Phase> frames = d.frames().phases();
    List<Extent.Phase> rows = d.rows().phases();
    List<Extent.Phase> columns = d.columns().phases();
    if (bare(frames) || bare(rows) || bare(columns)) {
      zero(pool, dx);
    }
    for (Extent.Phase frame : frames) {
      for (Extent.Phase row : rows) {
        for (Extent.Phase column : columns) {
          if (frame.taps().length * row.taps().length * column.taps().length > 0) {
            new Task(d, frame, row, column).run(pool, dy, w, dx);
          }
        }
      }
    }
  }

  /// Whether there are inputs that no tap reaches.
  private static boolean bare(List<Extent.Phase> phases) {
    return phases.stream().anyMatch(phase -> phase.taps().length == 0);
  }

  private static void zero(CpuPool pool, MemorySegment dx) {
    Chunks.run(
        pool,
        dx.byteSize() / 4,
        (from, to) -> dx.asSlice(from * 4, (to - from) * 4).fill((byte) 0));
  }

  /// The inputs of one phase of each axis.
  private record Task(ConvShape d, Extent.Phase frame, Extent.Phase row, Extent.Phase column) {
    void run(CpuPool pool, MemorySegment dy, MemorySegment w, MemorySegment dx) {
      Window window = new Window(frame.sweep(), row.sweep(), column.sweep());
      int images = d.n() * frame.sweep().out();
      int[] taps = taps();
      int channels = d.groupChannels();
      int kernels = d.groupKernels();
      if (Grouping.serves(d.groups(), kernels, channels)) {
        Grouping grouping = new Grouping(d.groups(), kernels, channels);
        MemorySegment packed =
            grouping.pack(
                taps.length,
                w,
                (c, tap, k) ->
                    ((long) (c / channels * kernels + k) * d.taps() + taps[tap]) * channels
                        + c % channels);
        new GroupedCorrelation(window, grouping).run(pool, images, dy, packed, target(dx, 0));
        return;
      }
      List<Panel> panels = Panel.of(channels);
      for (int group = 0; group < d.groups(); group++) {
        MemorySegment packed = pack(w, panels, taps, (long) group * kernels);
        new Correlation(window, d.k(), group * kernels, kernels)
            .run(pool, images, dy, panels, packed, target(dx, group * channels));
      }
    }

    /// Where the taps of the phase lie in a kernel.
    private int[] taps() {
      int[] taps = new int[frame.taps().length * row.taps().length * column.taps().length];
      int i = 0;
      for (int t : frame.taps()) {
        for (int r : row.taps()) {
          for (int s : column.taps()) {
            taps[i++] = (t * d.rows().taps() + r) * d.columns().taps() + s;
          }
        }
      }
      return taps;
    }

    private Window.Target target(MemorySegment dx, int channel) {
      long pixels = d.inPixels();
      long width = d.columns().in();
      long first = frame.start() * pixels + row.start() * width + column.start();
      return new Window.Target(
          dx,
          d.frames().in() * pixels * d.c(),
          d.frames().stride() * pixels * d.c(),
          first * d.c() + channel,
          d.rows().stride() * width * d.c(),
          (long) d.columns().stride() * d.c());
    }

    /// Weights by panels of input channels: row `t * kernels + k` holds those of kernel k at tap t.
    private MemorySegment pack(MemorySegment w, List<Panel> panels, int[] taps, long firstKernel) {
      int kernels = d.groupKernels();
      int channels = d.groupChannels();
      long depth = (long) taps.length * kernels;
      MemorySegment packed = Scratch.floats(Scratch.Slot.WEIGHTS, depth * Panel.padded(panels));
      for (Panel panel : panels) {
        long to = panel.start() * depth * 4;
        long width = panel.paddedColumns() * 4L;
        if (!panel.full()) {
          packed.asSlice(to, depth * width).fill((byte) 0);
        }
        for (int t : taps) {
          for (int k = 0; k < kernels; k++, to += width) {
            long from = ((firstKernel + k) * d.taps() + t) * channels + panel.start();
            MemorySegment.copy(w, from * 4, packed, to, panel.columns() * 4L);
          }
        }
      }
      return packed;
    }
  }
}
