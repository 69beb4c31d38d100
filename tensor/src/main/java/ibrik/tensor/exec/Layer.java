package ibrik.tensor.exec;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;

/// An interpreter that passes ops on to another one: tapes, guards, steppers.
public interface Layer extends Interpreter {
  /// The interpreter below.
  Interpreter below();

  @Override
  default Tensor upload(MemorySegment source, TensorSpec spec, Device device) {
    return below().upload(source, spec, device);
  }

  @Override
  default void hostAccess(String access, TensorSpec spec) {
    below().hostAccess(access, spec);
  }
}
