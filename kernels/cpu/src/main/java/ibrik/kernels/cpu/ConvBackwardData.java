package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// `dx` from `dy` and `w`. The inputs of one phase - equal `(h + pad) mod stride`, likewise for
/// columns - are touched by the same taps, so each phase is a [Correlation] of dy with stride 1,
/// written to every stride-th row and column of dx. No zero is multiplied.
final class ConvBackwardData {
  private ConvBackwardData() {}

  static void run(CpuPool pool, ConvShape d, MemorySegment dy, MemorySegment w, MemorySegment dx) {
    int strideY = d.g().strideHeight();
    int strideX = d.g().strideWidth();
    for (int group = 0; group < d.g().groups(); group++) {
      for (int y = 0; y < Math.min(strideY, d.h()); y++) {
        for (int x = 0; x < Math.min(strideX, d.w()); x++) {
          phase(pool, d, dy, w, dx, group, y, x);
        }
      }
    }
  }

  /// The taps of one axis that reach inputs `start, start + stride, ...`, with their places in dy
  /// for the first of them, in ascending place.
  private static int[][] taps(int count, int start, int stride, int pad, int dilation) {
    int[][] found = new int[count][];
    int size = 0;
    for (int t = 0; t < count; t++) {
      int place = start + pad - t * dilation;
      if (Math.floorMod(place, stride) == 0) {
        found[size++] = new int[] {t, Math.floorDiv(place, stride)};
      }
    }
    int[][] result = Arrays.copyOf(found, size);
    Arrays.sort(result, (a, b) -> Integer.compare(a[1], b[1]));
    return result;
  }

  private static void phase(
      CpuPool pool,
      ConvShape d,
      MemorySegment dy,
      MemorySegment w,
      MemorySegment dx,
      int group,
      int startY,
      int startX) {
    int[][] tapsY =
        taps(d.r(), startY, d.g().strideHeight(), d.g().padHeight(), d.g().dilationHeight());
    int[][] tapsX =
        taps(d.s(), startX, d.g().strideWidth(), d.g().padWidth(), d.g().dilationWidth());
    int rows = Math.ceilDiv(d.h() - startY, d.g().strideHeight());
    int columns = Math.ceilDiv(d.w() - startX, d.g().strideWidth());
    int channels = d.groupChannels();
    int kernels = d.groupKernels();
    int count = tapsY.length * tapsX.length;
    long rowStep = (long) d.g().strideHeight() * d.w() * d.c();
    long columnStep = (long) d.g().strideWidth() * d.c();
    Correlation.Target target =
        new Correlation.Target(
            dx,
            (long) d.h() * d.w() * d.c(),
            ((long) startY * d.w() + startX) * d.c() + (long) group * channels,
            rowStep,
            columnStep);
    if (count == 0) {
      zero(pool, d, target, rows, columns, channels);
      return;
    }
    int[] offY = new int[count];
    int[] offX = new int[count];
    int[] tap = new int[count];
    for (int i = 0; i < count; i++) {
      int[] ty = tapsY[i / tapsX.length];
      int[] tx = tapsX[i % tapsX.length];
      offY[i] = ty[1];
      offX[i] = tx[1];
      tap[i] = ty[0] * d.s() + tx[0];
    }
    List<Panel> panels = Panel.of(channels);
    MemorySegment packed = pack(d, w, panels, tap, (long) group * kernels);
    new Correlation(d.p(), d.q(), d.k(), group * kernels, kernels, offY, offX, 1, 1, rows, columns)
        .run(pool, d.n(), dy, panels, packed, target);
  }

  /// Weights by panels of input channels: row `t * kernels + k` holds those of kernel k at tap t.
  private static MemorySegment pack(
      ConvShape d, MemorySegment w, List<Panel> panels, int[] tap, long firstKernel) {
    int kernels = d.groupKernels();
    int channels = d.groupChannels();
    long depth = (long) tap.length * kernels;
    MemorySegment packed = Scratch.floats(Scratch.Slot.WEIGHTS, depth * Panel.padded(panels));
    for (Panel panel : panels) {
      long to = panel.start() * depth * 4;
      long width = panel.paddedColumns() * 4L;
      if (!panel.full()) {
        packed.asSlice(to, depth * width).fill((byte) 0);
      }
      for (int t : tap) {
        for (int k = 0; k < kernels; k++, to += width) {
          long from = ((firstKernel + k) * d.r() * d.s() + t) * channels + panel.start();
          MemorySegment.copy(w, from * 4, packed, to, panel.columns() * 4L);
        }
      }
    }
    return packed;
  }

  /// Inputs that no tap reaches.
  private static void zero(
      CpuPool pool, ConvShape d, Correlation.Target target, int rows, int columns, int channels) {
    pool.run(
        d.n(),
        n -> {
          for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
              long at =
                  n * target.image() + target.first() + i * target.row() + j * target.column();
              target.data().asSlice(at * 4, channels * 4L).fill((byte) 0);
            }
          }
        });
  }
}
