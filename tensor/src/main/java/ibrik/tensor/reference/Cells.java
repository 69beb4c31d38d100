package ibrik.tensor.reference;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// Copies single elements bit for bit between tensors of one type.
final class Cells {
  private Cells() {}

  static void copy(Tensor from, long fromIndex, Tensor to, long toIndex) {
    int bytes = to.dtype().elementBytes();
    MemorySegment.copy(from.data(), fromIndex * bytes, to.data(), toIndex * bytes, bytes);
  }
}
