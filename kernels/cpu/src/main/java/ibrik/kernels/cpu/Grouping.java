package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;

import java.lang.foreign.MemorySegment;

/// Groups of channels too narrow for a tile each: they lie side by side in vectors of output
/// channels, one vector wide, called slots. Output channel `k` sums over inputs `k / outs * ins +
/// e`. With one input per group this is a depthwise convolution; else its inputs are spread out by
/// [Spread] as if they were `ins` images more.
///
/// @param groups number of groups
/// @param ins input channels of a group
/// @param outs output channels of a group
record Grouping(int groups, int ins, int outs) {
  /// Most input channels of a group; each takes a vector per pixel and slot.
  private static final int MOST_INS = 2 * COUNT;

  /// Whether such groups are better off here than one by one.
  static boolean serves(int groups, int ins, int outs) {
    return groups > 1 && outs <= COUNT && ins <= MOST_INS;
  }

  /// All input channels.
  int in() {
    return groups * ins;
  }

  /// All output channels.
  int out() {
    return groups * outs;
  }

  /// Vectors of output channels.
  int slots() {
    return Math.ceilDiv(out(), COUNT);
  }

  /// The first output channel of a slot. The last slot overlaps the one before it, so that it is
  /// full, too.
  int start(int slot) {
    return Math.min(slot * COUNT, Math.max(out() - COUNT, 0));
  }

  /// Lanes of a slot that exist: all, unless there are fewer channels than lanes.
  int lanes() {
    return Math.min(out(), COUNT);
  }

  /// The output channel of a lane; lanes that do not exist repeat the last one.
  int out(int slot, int lane) {
    return Math.min(start(slot) + lane, out() - 1);
  }

  /// The `e`-th input channel of output channel `k`.
  int in(int k, int e) {
    return k / outs * ins + e;
  }

  /// Where a weight lies, in floats.
  interface Weight {
    long at(int out, int tap, int e);
  }

  /// Weights slot by slot: vector `tap * ins + e` holds those of all lanes.
  MemorySegment pack(int taps, MemorySegment w, Weight weight) {
    long floats = (long) slots() * taps * ins * COUNT;
    MemorySegment packed = Scratch.floats(Scratch.Slot.WEIGHTS, floats);
    long to = 0;
    for (int slot = 0; slot < slots(); slot++) {
      for (int tap = 0; tap < taps; tap++) {
        for (int e = 0; e < ins; e++) {
          for (int lane = 0; lane < COUNT; lane++, to += 4) {
            long from = weight.at(out(slot, lane), tap, e);
            packed.set(Lanes.FLOAT, to, w.get(Lanes.FLOAT, from * 4));
          }
        }
      }
    }
    return packed;
  }
}
