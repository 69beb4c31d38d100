package ibrik.tensor.reference;

import ibrik.tensor.Shape;

/// Maps a row-major position in one shape to positions in tensors that broadcast to it.
final class Strider {
  private final long[] dims;
  private final long[] strides;

  /// Walks `to`; positions are in a tensor of shape `from`, which broadcasts to it.
  Strider(Shape from, Shape to) {
    dims = to.dims();
    strides = new long[dims.length];
    long[] own = from.strides();
    int offset = dims.length - own.length;
    for (int i = 0; i < own.length; i++) {
      strides[i + offset] = from.dim(i) == 1 ? 0 : own[i];
    }
  }

  /// The position in `from` of element `index` of `to`.
  long at(long index) {
    long position = 0;
    long rest = index;
    for (int i = dims.length - 1; i >= 0; i--) {
      position += rest % dims[i] * strides[i];
      rest /= dims[i];
    }
    return position;
  }
}
