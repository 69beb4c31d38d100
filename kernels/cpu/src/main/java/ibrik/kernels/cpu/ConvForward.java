package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// `y = conv(x, w)`: one [Correlation] per group.
final class ConvForward {
  private ConvForward() {}

  static void run(CpuPool pool, ConvShape d, MemorySegment x, MemorySegment w, MemorySegment y) {
    int[] tapY = new int[d.r() * d.s()];
    int[] tapX = new int[d.r() * d.s()];
    for (int t = 0; t < tapY.length; t++) {
      tapY[t] = t / d.s() * d.g().dilationHeight() - d.g().padHeight();
      tapX[t] = t % d.s() * d.g().dilationWidth() - d.g().padWidth();
    }
    int channels = d.groupChannels();
    List<Panel> panels = Panel.of(d.groupKernels());
    for (int group = 0; group < d.g().groups(); group++) {
      Correlation correlation =
          new Correlation(
              d.h(),
              d.w(),
              d.c(),
              group * channels,
              channels,
              tapY,
              tapX,
              d.g().strideHeight(),
              d.g().strideWidth(),
              d.p(),
              d.q());
      long firstKernel = (long) group * d.groupKernels();
      // A kernel's taps and channels are consecutive: the weights are a transposed matrix.
      int depth = tapY.length * channels;
      Gemm.Operand weights =
          new Gemm.Operand(w, firstKernel * depth * 4, depth, d.groupKernels(), true);
      MemorySegment packed = Gemm.packB(pool, weights, panels, Scratch.Slot.WEIGHTS);
      Correlation.Target target =
          new Correlation.Target(
              y, (long) d.p() * d.q() * d.k(), firstKernel, (long) d.q() * d.k(), d.k());
      correlation.run(pool, d.n(), x, panels, packed, target);
    }
  }
}
