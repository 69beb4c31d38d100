package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.WinogradGrid.GAP;
import static ibrik.kernels.cpu.WinogradGrid.IN;
import static ibrik.kernels.cpu.WinogradGrid.POINTS;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;

/// Kernels of 3x3 taps at the 36 points of [Winograd]: for each point a matrix `[ins, outs]`, in
/// panels of columns as tiles read them.
///
/// @param ins channels that are summed over
/// @param outs channels that come of it
record WinogradKernels(int ins, int outs) {
  private static final int TAPS = 3;

  /// Kernels per task of [#backward].
  private static final int TASK = 64;

  List<Panel> panels() {
    return Panel.of(outs);
  }

  /// Floats from the matrix of one point to that of the next.
  private long pitch() {
    return (long) outs * ins + GAP;
  }

  /// Where a panel of a point begins, in bytes.
  long at(int point, Panel panel) {
    return (point * pitch() + (long) panel.start() * ins) * 4;
  }

  /// From w `[outs, 3, 3, ins]`.
  MemorySegment forward(CpuPool pool, MemorySegment w) {
    MemorySegment to = Scratch.floats(Scratch.Slot.WEIGHTS, POINTS * pitch());
    List<Panel> panels = panels();
    try {
      pool.run(panels.size(), task -> forward(w, panels.get(task), to));
    } finally {
      Reference.reachabilityFence(w);
    }
    return to;
  }

  private void forward(MemorySegment w, Panel panel, MemorySegment to) {
    int width = panel.columns();
    long pitch = (width + 1) * BYTES;
    MemorySegment block = Scratch.floats(Scratch.Slot.PANEL, POINTS * pitch / 4);
    MemorySegment aside = Scratch.floats(Scratch.Slot.TILE, (long) POINTS * COUNT);
    for (int c = 0; c < ins; c += COUNT) {
      for (int k = 0; k < width; k++) {
        transform(
            w.address() + ((long) (panel.start() + k) * TAPS * TAPS * ins + c) * 4,
            ins * 4L,
            aside.address(),
            block.address() + k * BYTES,
            pitch);
      }
      for (int p = 0; p < POINTS; p++) {
        long target = at(p, panel) + (long) c * width * 4;
        Transposes.copy(block, p * pitch, COUNT, width, COUNT, to, target, width);
      }
    }
  }

  /// From w `[ins, 3, 3, outs]`, its taps turned round.
  MemorySegment backward(CpuPool pool, MemorySegment w) {
    MemorySegment to = Scratch.floats(Scratch.Slot.WEIGHTS, POINTS * pitch());
    List<Panel> panels = panels();
    int blocks = Math.ceilDiv(ins, TASK);
    try {
      // Kernel after kernel of one panel: each point's matrix is then written in order.
      pool.run(
          panels.size() * blocks,
          task -> {
            int first = task % blocks * TASK;
            for (int k = first; k < Math.min(ins, first + TASK); k++) {
              backward(w, k, panels.get(task / blocks), to);
            }
          });
    } finally {
      Reference.reachabilityFence(w);
    }
    return to;
  }

  private void backward(MemorySegment w, int k, Panel panel, MemorySegment to) {
    MemorySegment aside = Scratch.floats(Scratch.Slot.TILE, (long) POINTS * COUNT);
    int last = TAPS * TAPS - 1;
    for (int c = 0; c < panel.columns(); c += COUNT) {
      transform(
          w.address() + (((long) k * TAPS * TAPS + last) * outs + panel.start() + c) * 4,
          -outs * 4L,
          aside.address(),
          to.address() + at(0, panel) + ((long) k * panel.columns() + c) * 4,
          pitch() * 4);
    }
  }

  /// One vector of channels of one kernel.
  ///
  /// @param tap bytes between taps
  /// @param pitch bytes between points
  private static void transform(long from, long tap, long aside, long to, long pitch) {
    WinogradLoops.kernels(TAPS, from, TAPS * tap, tap, aside, TAPS * BYTES, BYTES);
    WinogradLoops.kernels(IN, aside, BYTES, TAPS * BYTES, to, pitch, IN * pitch);
  }
}
