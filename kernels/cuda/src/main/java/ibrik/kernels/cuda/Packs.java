package ibrik.kernels.cuda;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import java.util.List;

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

  /// 1 if all of these tensors start at a multiple of 16 bytes, else 0: for kernels that see to the
  /// tail themselves.
  static int aligned(List<Tensor> tensors) {
    for (Tensor tensor : tensors) {
      if (CudaBuffer.address(tensor) % BYTES != 0) {
        return 0;
      }
    }
    return 1;
  }

  /// The source for moving elements of `bytes` bytes (1, 2, 4, 8 or 16) of which there are
  /// `elements`.
  static CudaSource mover(CudaFile file, int bytes, long elements) {
    CudaSource typed =
        switch (bytes) {
          case 1 -> file.with(DType.U8);
          case 2 -> file.with(DType.BF16);
          case 4 -> file.with(DType.I32);
          case 8 -> file.with(DType.I64);
          default -> file.source().define("TYPE_T", "uint4");
        };
    return indexed(typed, elements);
  }

  /// With `INDEX` = the type that counts `elements` elements.
  static CudaSource indexed(CudaSource source, long elements) {
    return source.define("INDEX", elements < 1L << 32 ? "unsigned" : "i64");
  }

  /// The most bytes, up to 16, that can be moved at once: all of these lengths, strides and
  /// addresses are multiples.
  static int most(long... bytes) {
    long all = BYTES;
    for (long one : bytes) {
      all |= one;
    }
    return (int) Long.lowestOneBit(all);
  }
}
