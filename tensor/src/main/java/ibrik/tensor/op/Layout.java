package ibrik.tensor.op;

import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;
import java.util.stream.IntStream;

/// Moves elements without changing them. [Reshape], [Detach] and a [Narrow] of the leading axis are
/// free views; everything else copies, so costs are visible.
public sealed interface Layout extends Op {
  /// The same elements in another shape; a view.
  record Reshape(Shape shape) implements Layout {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x")
          .rule(
              in.getFirst().elems() == shape.elems(),
              "element count must stay; " + shape + " has " + shape.elems())
          .done();
      return List.of(in.getFirst().with(shape));
    }
  }

  /// The same tensor, cut off from gradients (stop-gradient); a view.
  record Detach() implements Layout {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").done();
      return in;
    }
  }

  /// Elements `start ... start+length-1` along `axis`; a view if only extents of 1 stand before it.
  record Narrow(int axis, long start, long length) implements Layout {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x");
      Shape shape = in.getFirst().shape();
      boolean exists = axis >= 0 && axis < shape.rank();
      check
          .rule(exists, "axis " + axis + " must exist (not negative)")
          .rule(
              start >= 0 && length >= 0 && (!exists || start <= shape.dim(axis) - length),
              "range [" + start + ", " + (start + length) + ") must lie inside the axis")
          .done();
      return List.of(in.getFirst().with(shape.with(axis, length)));
    }
  }

  /// Zeros before and after along `axis`.
  record Pad(int axis, long before, long after) implements Layout {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x");
      Shape shape = in.getFirst().shape();
      check
          .rule(axis >= 0 && axis < shape.rank(), "axis " + axis + " must exist (not negative)")
          .rule(before >= 0 && after >= 0, "padding must not be negative")
          .done();
      return List.of(in.getFirst().with(shape.with(axis, shape.dim(axis) + before + after)));
    }
  }

  /// Axis `i` of the result is axis `order[i]` of the input.
  record Transpose(List<Integer> order) implements Layout {
    /// Copies the order.
    public Transpose {
      order = List.copyOf(order);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x");
      Shape shape = in.getFirst().shape();
      check
          .rule(
              order.stream()
                  .sorted()
                  .toList()
                  .equals(IntStream.range(0, shape.rank()).boxed().toList()),
              "order " + order + " must name each axis once")
          .done();
      return List.of(in.getFirst().with(Shape.of(order.stream().mapToLong(shape::dim).toArray())));
    }

    /// The order that undoes this one.
    public Transpose inverse() {
      Integer[] back = new Integer[order.size()];
      for (int i = 0; i < back.length; i++) {
        back[order.get(i)] = i;
      }
      return new Transpose(List.of(back));
    }
  }

  /// Stretches extents of 1 and adds leading axes.
  record BroadcastTo(Shape shape) implements Layout {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x")
          .rule(
              in.getFirst().shape().broadcastsTo(shape),
              "extents must be equal to those of " + shape + " or 1, aligned at the last axis")
          .done();
      return List.of(in.getFirst().with(shape));
    }
  }

  /// Joins tensors along `axis`; the other extents agree.
  record Concat(int axis) implements Layout {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      String[] names = IntStream.range(0, in.size()).mapToObj(i -> "x" + i).toArray(String[]::new);
      Check check = Check.of(this, in, names);
      check.rule(!in.isEmpty(), "needs at least one tensor").done();
      TensorSpec first = in.getFirst();
      int rank = first.shape().rank();
      check.rule(axis >= 0 && axis < rank, "axis " + axis + " must exist (not negative)").done();
      long total = 0;
      for (TensorSpec spec : in) {
        boolean fits =
            spec.dtype() == first.dtype()
                && spec.shape().rank() == rank
                && spec.shape().with(axis, 0).equals(first.shape().with(axis, 0));
        check.rule(fits, "types and all extents but that of axis " + axis + " must agree").done();
        total += spec.shape().dim(axis);
      }
      return List.of(first.with(first.shape().with(axis, total)));
    }
  }

  /// The same elements on another device; a view if it lives there already.
  record ToDevice(Device device) implements Layout {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").done();
      return in;
    }
  }
}
