package ibrik.tensor.backend;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import java.lang.foreign.MemorySegment;

/// What every [Feed] refuses.
public final class FeedRules {
  private FeedRules() {}

  /// Refuses numbers that are not those of the whole tensor.
  ///
  /// @throws IllegalArgumentException if they have another number of bytes
  public static void checkSize(Tensor to, MemorySegment from) {
    if (from.byteSize() != to.spec().bytes()) {
      throw new IllegalArgumentException(
          "[feed] "
              + to.origin()
              + " "
              + to.spec()
              + " needs "
              + to.spec().bytes()
              + " bytes; got "
              + from.byteSize());
    }
  }

  /// Refuses to deliver nothing, and to deliver inside a step that is being traced.
  ///
  /// @throws IllegalStateException if so
  public static void checkStaged(Tensor to, boolean staged) {
    Interpreter.current().hostAccess("Feed.deliver()", to.spec());
    if (!staged) {
      throw new IllegalStateException(
          "[feed] nothing was staged for " + to.origin() + " " + to.spec() + "; call stage first");
    }
  }
}
