package ibrik.kernels.cuda;

import ibrik.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How tensors walk that broadcast to one shape: extents and strides of as few axes as possible.
///
/// @param extents of the merged axes, outermost first
/// @param strides of each operand along them, 0 where it stands still
record Walks(List<Long> extents, List<List<Long>> strides) {
  /// Most axes that a kernel's `Walk` holds.
  static final int MOST_AXES = 8;

  /// Operands of these shapes, which broadcast to `to`.
  static Walks of(Shape to, List<Shape> operands) {
    List<Long> extents = new ArrayList<>();
    List<List<Long>> strides = new ArrayList<>();
    operands.forEach(_ -> strides.add(new ArrayList<>()));
    for (int axis = 0; axis < to.rank(); axis++) {
      long extent = to.dim(axis);
      if (extent == 1) {
        continue;
      }
      boolean merges = !extents.isEmpty();
      List<Long> here = new ArrayList<>();
      for (int k = 0; k < operands.size(); k++) {
        long stride = stride(operands.get(k), to.rank(), axis);
        here.add(stride);
        merges = merges && strides.get(k).getLast() == stride * extent;
      }
      int last = extents.size() - 1;
      if (merges) {
        extents.set(last, extents.get(last) * extent);
      } else {
        extents.add(extent);
      }
      for (int k = 0; k < operands.size(); k++) {
        if (merges) {
          strides.get(k).set(last, here.get(k));
        } else {
          strides.get(k).add(here.get(k));
        }
      }
    }
    return new Walks(extents, strides);
  }

  /// Axes of `shape` in the order given, as one operand; for places rather than broadcasting.
  static Walks along(Shape shape, List<Integer> axes) {
    List<Long> extents = axes.stream().map(shape::dim).toList();
    return new Walks(extents, List.of(axes.stream().map(axis -> shape.elemsAfter(axis)).toList()));
  }

  private static long stride(Shape shape, int rank, int axis) {
    int own = axis - (rank - shape.rank());
    return own < 0 || shape.dim(own) == 1 ? 0 : shape.elemsAfter(own);
  }

  /// With the strides of each operand times its factor: where an element is a block of elements.
  Walks scaled(long... factors) {
    List<List<Long>> larger = new ArrayList<>();
    for (int k = 0; k < strides.size(); k++) {
      long factor = factors[k];
      larger.add(strides.get(k).stream().map(stride -> stride * factor).toList());
    }
    return new Walks(extents, larger);
  }

  /// Whether a kernel can take it.
  boolean fits() {
    return extents.size() <= MOST_AXES;
  }

  /// One stride per operand if each walks along all elements with one stride, 0 or 1; else `null`.
  long @Nullable [] flat() {
    if (extents.size() > 1) {
      return null;
    }
    long[] steps = new long[strides.size()];
    for (int k = 0; k < steps.length; k++) {
      steps[k] = extents.isEmpty() ? 0 : strides.get(k).getFirst();
    }
    return steps;
  }

  /// The struct `Walk` of `walk.cuh`.
  long[] struct() {
    long[] fields = new long[1 + MOST_AXES * (1 + strides.size())];
    fields[0] = extents.size();
    for (int axis = 0; axis < extents.size(); axis++) {
      fields[1 + axis] = extents.get(axis);
      for (int k = 0; k < strides.size(); k++) {
        fields[1 + MOST_AXES * (1 + k) + axis] = strides.get(k).get(axis);
      }
    }
    return fields;
  }
}
