package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// `y = conv(x, w)`: one [Correlation] per group, or one [GroupedCorrelation] where the groups are
/// narrow.
final class ConvForward {
  private ConvForward() {}

  static void run(CpuPool pool, ConvShape d, MemorySegment x, MemorySegment w, MemorySegment y) {
    if (Winograd.serves(d)) {
      Winograd.forward(pool, d, x, w, y);
      return;
    }
    Window window = new Window(d.frames().forward(), d.rows().forward(), d.columns().forward());
    int images = d.n() * d.frames().out();
    int channels = d.groupChannels();
    int kernels = d.groupKernels();
    int taps = d.taps();
    if (Grouping.serves(d.groups(), channels, kernels)) {
      Grouping grouping = new Grouping(d.groups(), channels, kernels);
      MemorySegment packed =
          grouping.pack(taps, w, (kernel, tap, e) -> ((long) kernel * taps + tap) * channels + e);
      new GroupedCorrelation(window, grouping).run(pool, images, x, packed, target(d, y, 0));
      return;
    }
    List<Panel> panels = Panel.of(kernels);
    for (int group = 0; group < d.groups(); group++) {
      int firstKernel = group * kernels;
      // A kernel's taps and channels are consecutive: the weights are a transposed matrix.
      int depth = taps * channels;
      Gemm.Operand weights =
          new Gemm.Operand(w, (long) firstKernel * depth * 4, depth, kernels, true);
      MemorySegment packed = Gemm.packB(pool, weights, panels, Scratch.Slot.WEIGHTS);
      new Correlation(window, d.c(), group * channels, channels)
          .run(pool, images, x, panels, packed, target(d, y, firstKernel));
    }
  }

  private static Window.Target target(ConvShape d, MemorySegment y, int first) {
    long row = (long) d.columns().out() * d.k();
    long frame = d.outPixels() * d.k();
    return new Window.Target(y, d.frames().out() * frame, frame, first, row, d.k());
  }
}
