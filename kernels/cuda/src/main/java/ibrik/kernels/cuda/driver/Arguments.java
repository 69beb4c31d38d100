package ibrik.kernels.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The arguments of a launch in off-heap memory, as the driver reads them: a table of addresses,
/// and the values they point to. One block is filled again for every launch of a thread, for the
/// driver copies the values while it is called. Not thread-safe.
public final class Arguments {
  /// Most arguments of a kernel.
  public static final int MOST = 64;

  private static final int VALUE_BYTES = 4096; // what a kernel may take
  private static final int TABLE_BYTES = MOST * Long.BYTES;

  private final MemorySegment block;
  private int count;
  private int used = TABLE_BYTES;

  /// An empty block, freed with this object.
  public Arguments() {
    block = Arena.ofAuto().allocate(TABLE_BYTES + VALUE_BYTES, 16);
  }

  /// Forgets all arguments.
  public Arguments clear() {
    count = 0;
    used = TABLE_BYTES;
    return this;
  }

  /// A device address, or an integer of 64 bits.
  public Arguments add(long value) {
    block.set(ValueLayout.JAVA_LONG, place(Long.BYTES, Long.BYTES), value);
    return this;
  }

  /// An integer of 32 bits.
  public Arguments add(int value) {
    block.set(ValueLayout.JAVA_INT, place(Integer.BYTES, Integer.BYTES), value);
    return this;
  }

  /// An f32.
  public Arguments add(float value) {
    block.set(ValueLayout.JAVA_FLOAT, place(Float.BYTES, Float.BYTES), value);
    return this;
  }

  /// An f64.
  public Arguments add(double value) {
    block.set(ValueLayout.JAVA_DOUBLE, place(Double.BYTES, Double.BYTES), value);
    return this;
  }

  /// A struct of 64-bit integers, by value.
  public Arguments add(long[] struct) {
    long at = place((long) struct.length * Long.BYTES, Long.BYTES);
    MemorySegment.copy(struct, 0, block, ValueLayout.JAVA_LONG, at, struct.length);
    return this;
  }

  private long place(long bytes, int alignment) {
    int at = Math.ceilDiv(used, alignment) * alignment;
    if (count == MOST || at + bytes > TABLE_BYTES + VALUE_BYTES) {
      throw new IllegalStateException(
          "[cuda] a kernel takes at most " + MOST + " arguments in " + VALUE_BYTES + " bytes");
    }
    block.setAtIndex(ValueLayout.JAVA_LONG, count++, block.address() + at);
    used = Math.toIntExact(at + bytes);
    return at;
  }

  /// Number of arguments.
  public int count() {
    return count;
  }

  /// Where the table of addresses starts.
  public MemorySegment table() {
    return block;
  }

  /// The values of this block in one of its own.
  public Arguments copy() {
    Arguments copy = new Arguments();
    copy.count = count;
    copy.used = used;
    MemorySegment.copy(block, TABLE_BYTES, copy.block, TABLE_BYTES, used - TABLE_BYTES);
    for (int i = 0; i < count; i++) {
      long at = block.getAtIndex(ValueLayout.JAVA_LONG, i) - block.address();
      copy.block.setAtIndex(ValueLayout.JAVA_LONG, i, copy.block.address() + at);
    }
    return copy;
  }
}
