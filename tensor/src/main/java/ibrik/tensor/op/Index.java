package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Picks and places by index. Indices are i32; one outside its range is an
/// [IllegalArgumentException] on host backends.
public sealed interface Index extends Op {
  /// Rows of `x [N,*]` named by `index [M]`: `[M,*]`.
  record Gather() implements Index {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "index").type(1, DType.I32).rank(1, 1);
      check.rule(in.getFirst().shape().rank() >= 1, "x must have at least one axis").done();
      return List.of(in.getFirst().with(in.getFirst().shape().with(0, in.get(1).shape().dim(0))));
    }
  }

  /// Adds row `i` of `x [M,*]` to row `index[i]` of a zero tensor `[rows,*]`, in order of `i`: the
  /// transpose of [Gather].
  record ScatterAdd(long rows) implements Index {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "index").floating(0).type(1, DType.I32).rank(1, 1);
      check.rule(in.getFirst().shape().rank() >= 1, "x must have at least one axis").done();
      check
          .rule(
              in.get(0).shape().dim(0) == in.get(1).shape().dim(0),
              "x and index must have one length")
          .rule(rows >= 0, "rows must not be negative")
          .done();
      return List.of(in.getFirst().with(in.getFirst().shape().with(0, rows)));
    }
  }

  /// `index [*]` to `[*,classes]`: 1 at the index, 0 elsewhere.
  record OneHot(int classes, DType dtype) implements Index {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "index")
          .type(0, DType.I32)
          .rule(classes >= 1, "classes must be at least 1")
          .done();
      Shape shape = in.getFirst().shape();
      long[] dims = java.util.Arrays.copyOf(shape.dims(), shape.rank() + 1);
      dims[shape.rank()] = classes;
      return List.of(new TensorSpec(dtype, Shape.of(dims)));
    }
  }

  /// The `k` largest of each row along the last axis, largest first, and their indices (i32). Equal
  /// values keep the lower index first; NaN counts as largest.
  record TopK(int k) implements Index {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x").floating();
      check.rule(in.getFirst().shape().rank() >= 1, "x must have at least one axis").done();
      Shape shape = in.getFirst().shape();
      check.rule(k >= 0 && k <= shape.dim(-1), "k = " + k + " must be in [0, last extent]").done();
      TensorSpec values = in.getFirst().with(shape.with(-1, k));
      return List.of(values, values.with(DType.I32));
    }
  }
}
