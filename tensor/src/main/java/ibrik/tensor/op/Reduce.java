package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Many elements into one, along given axes. Sums accumulate in a fixed order that depends on the
/// shape alone.
public sealed interface Reduce extends Op {
  /// Axes to reduce; negative ones count from the end.
  List<Integer> axes();

  /// Whether reduced axes stay with extent 1.
  boolean keepDims();

  @Override
  default List<TensorSpec> infer(List<TensorSpec> in) {
    Check check = Check.of(this, in, "x");
    Shape shape = in.getFirst().shape();
    check
        .rule(
            axes().stream().allMatch(a -> a >= -shape.rank() && a < shape.rank()),
            "axes " + axes() + " must exist")
        .rule(
            in.getFirst().dtype().isFloat() || in.getFirst().dtype().isInteger(),
            "x must hold numbers",
            "cast it")
        .done();
    check
        .rule(
            axes().stream().map(shape::axis).distinct().count() == axes().size(),
            "axes " + axes() + " must differ")
        .done();
    return List.of(in.getFirst().with(reducedShape(shape)));
  }

  /// The result's shape for an input of `shape`.
  default Shape reducedShape(Shape shape) {
    Shape result = shape;
    for (int axis : axes()) {
      result = result.with(shape.axis(axis), 1);
    }
    if (!keepDims()) {
      List<Integer> gone = axes().stream().map(shape::axis).sorted().toList().reversed();
      for (int axis : gone) {
        result = result.without(axis);
      }
    }
    return result;
  }

  /// Sum; 0 over no elements.
  record Sum(List<Integer> axes, boolean keepDims) implements Reduce {
    /// Copies the axes.
    public Sum {
      axes = List.copyOf(axes);
    }
  }

  /// Arithmetic mean of floats; NaN over no elements.
  record Mean(List<Integer> axes, boolean keepDims) implements Reduce {
    /// Copies the axes.
    public Mean {
      axes = List.copyOf(axes);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").floating().done();
      return Reduce.super.infer(in);
    }
  }

  /// Largest element; NaN if any is NaN; -Infinity (or the smallest integer) over no elements. The
  /// gradient is shared evenly among equal maxima.
  record Max(List<Integer> axes, boolean keepDims) implements Reduce {
    /// Copies the axes.
    public Max {
      axes = List.copyOf(axes);
    }
  }

  /// Smallest element; NaN if any is NaN; +Infinity (or the largest integer) over no elements. The
  /// gradient is shared evenly among equal minima.
  record Min(List<Integer> axes, boolean keepDims) implements Reduce {
    /// Copies the axes.
    public Min {
      axes = List.copyOf(axes);
    }
  }

  /// Index (i32) of the first largest element along one axis; the first NaN wins.
  record ArgMax(int axis, boolean keepDims) implements Reduce {
    @Override
    public List<Integer> axes() {
      return List.of(axis);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec spec = Reduce.super.infer(in).getFirst();
      Check.of(this, in, "x")
          .rule(in.getFirst().shape().dim(axis) > 0, "axis " + axis + " must not be empty")
          .done();
      return List.of(spec.with(DType.I32));
    }
  }
}
