package ibrik.ssl.method;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import java.lang.foreign.MemorySegment;

/// The key of a random stream that is another at every step, as a variable, so that a replayed step
/// draws anew. It is a function of seed, name and step: a run that goes on needs no more than
/// these.
public final class RandomKey implements AutoCloseable {
  private final long seed;
  private final long first;
  private final Variable key;

  RandomKey(long seed, String name, Device device) {
    this.seed = seed;
    // Streams of views have the top bit clear; 2^31 steps lie between two names.
    this.first = Long.MIN_VALUE | ((long) name.hashCode() << Integer.SIZE);
    this.key = Variable.zeros(name, new TensorSpec(DType.I64, Shape.of(2)), device);
    moveTo(0);
  }

  void moveTo(long step) {
    key.set(MemorySegment.ofArray(new long[] {seed, first + step}));
  }

  /// The key of the present step, i64 `[2]`.
  public Tensor value() {
    return key.value();
  }

  @Override
  public void close() {
    key.close();
  }
}
