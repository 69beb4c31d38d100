package ibrik.kernels.cuda;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;

/// Whether kernels can move 16 bytes at a time.
final class Packs {
  /// Bytes of a pack.
  static final int BYTES = 16;

  private Packs() {}

  /// Elements of a pack.
  static int elements(DType dtype) {
    return BYTES / dtype.elementBytes();
  }

  /// 1 if rows of `width` elements consist of whole packs and all of these tensors start at one,
  /// else 0: the `packed` argument of a kernel.
  static int fit(long width, Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (width * tensor.dtype().elementBytes() % BYTES != 0
          || CudaBuffer.address(tensor) % BYTES != 0) {
        return 0;
      }
    }
    return 1;
  }
}
