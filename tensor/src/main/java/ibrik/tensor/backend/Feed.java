package ibrik.tensor.backend;

import ibrik.tensor.Variable;
import java.lang.foreign.MemorySegment;

/// A way for numbers from the host into one variable, beside what the device computes: the batches
/// of a training run.
///
/// ```java
/// try (Feed feed = Feed.into(images)) {
///   feed.stage(first);
///   for (long i = 0; i < steps; i++) {
///     feed.deliver();       // images holds what was staged
///     step.replay();        // the device is at work
///     feed.stage(next);     // meanwhile the next numbers are on their way
///   }
/// }
/// ```
///
/// Neither call waits for what the device computes. Closing frees the memory that numbers wait in.
/// Not thread-safe.
public interface Feed extends AutoCloseable {
  /// A feed of `variable`, which must stay open as long.
  static Feed into(Variable variable) {
    return Backends.of(variable.value().device()).feed(variable.value());
  }

  /// Sends exactly the dense elements of the variable on their way; `from` may change once this
  /// returns. What was staged before and not delivered is forgotten.
  ///
  /// @throws IllegalArgumentException if `from` holds another number of bytes
  void stage(MemorySegment from);

  /// From here on the variable holds what was staged, for all that is run on its device later.
  ///
  /// @throws IllegalStateException if nothing was staged since the last delivery
  void deliver();

  @Override
  void close();
}
