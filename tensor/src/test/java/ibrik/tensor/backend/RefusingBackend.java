package ibrik.tensor.backend;

import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Op;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A backend that is on the class path but cannot run.
public final class RefusingBackend implements Backend {
  @Override
  public String name() {
    return "refusing";
  }

  @Override
  public String description() {
    return "not usable";
  }

  @Override
  public String refusal() {
    return "no driver; install one";
  }

  @Override
  public MemoryPool memory(int index) {
    throw new IllegalStateException("refused");
  }

  @Override
  public @Nullable Kernel kernel(Op op, List<TensorSpec> in) {
    throw new IllegalStateException("refused");
  }

  @Override
  public void download(Buffer from, long offsetBytes, MemorySegment to, long bytes) {
    throw new IllegalStateException("refused");
  }

  @Override
  public void upload(MemorySegment from, Buffer to, long offsetBytes, long bytes) {
    throw new IllegalStateException("refused");
  }
}
