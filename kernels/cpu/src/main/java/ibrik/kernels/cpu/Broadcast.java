package ibrik.kernels.cpu;

import ibrik.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Positions under broadcasting.
final class Broadcast {
  private Broadcast() {}

  /// For each element of `to` in order, the position of its source in `from`.
  static List<Long> starts(Shape from, Shape to) {
    long[] steps = steps(from, to);
    List<Long> result = new ArrayList<>();
    for (long i = 0; i < to.elems(); i++) {
      long rest = i;
      long position = 0;
      for (int axis = to.rank() - 1; axis >= 0; axis--) {
        position += rest % to.dim(axis) * steps[axis];
        rest /= to.dim(axis);
      }
      result.add(position);
    }
    return result;
  }

  /// Elements of `from` between neighbours along each axis of `to`: 0 where it is stretched.
  static long[] steps(Shape from, Shape to) {
    long[] steps = new long[to.rank()];
    long[] own = from.strides();
    int offset = to.rank() - from.rank();
    for (int i = 0; i < own.length; i++) {
      steps[i + offset] = from.dim(i) == 1 ? 0 : own[i];
    }
    return steps;
  }
}
