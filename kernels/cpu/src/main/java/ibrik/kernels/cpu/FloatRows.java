package ibrik.kernels.cpu;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// Rows of an activation `[rows, C]` as floats, block by block: its own memory where it is f32,
/// else memory of the thread, into which a block is widened and from which it is rounded. Loops
/// over floats so serve bf16 and f16 as well.
///
/// @param data all rows
/// @param type f32, bf16 or f16
/// @param channels elements of a row
/// @param slot of the thread's memory; one per activation of a kernel
record FloatRows(MemorySegment data, DType type, long channels, Scratch.Slot slot) {
  private static final long BLOCK_FLOATS = 1 << 12;

  static FloatRows of(Tensor x, Scratch.Slot slot) {
    return new FloatRows(x.data(), x.dtype(), x.dim(-1), slot);
  }

  /// All elements of `x` as rows of one.
  static FloatRows flat(Tensor x, Scratch.Slot slot) {
    return new FloatRows(x.data(), x.dtype(), 1, slot);
  }

  private boolean own() {
    return type == DType.F32;
  }

  /// The number that row `first` has in [#read] and [#room].
  long place(long first) {
    return own() ? first : 0;
  }

  /// Rows `[first, last)`.
  MemorySegment read(long first, long last) {
    MemorySegment floats = room(first, last);
    if (!own()) {
      HalfLoops.widen(type, part(first, last), floats, 0, (last - first) * channels);
    }
    return floats;
  }

  /// Where rows `[first, last)` are written before [#done].
  MemorySegment room(long first, long last) {
    return own() ? data : Scratch.floats(slot, (last - first) * channels);
  }

  /// Keeps what was written to [#room].
  void done(long first, long last) {
    if (!own()) {
      HalfLoops.narrow(type, room(first, last), part(first, last), 0, (last - first) * channels);
    }
  }

  /// Runs `body` over the rows `[from, to)`: at once where they are floats, else in blocks that
  /// stay in the first-level cache.
  void inBlocks(long from, long to, Chunks.Body body) {
    long block = own() ? to - from : Math.max(1, BLOCK_FLOATS / channels);
    for (long first = from; first < to; first += block) {
      body.run(first, Math.min(to, first + block));
    }
  }

  private MemorySegment part(long first, long last) {
    long row = channels * type.elementBytes();
    return data.asSlice(first * row, (last - first) * row);
  }
}
