package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Local pooling over NHWC images. The geometry's groups must be 1. Global pooling is [Reduce.Mean]
/// over axes 1 and 2.
public sealed interface Pool extends Op {
  /// The largest element of each window and its place: outputs `y [N,P,Q,C]` and `index [N,P,Q,C]`
  /// (i32, `row * W + column` in the unpadded image; the first of equals; the first NaN wins).
  /// Padding never wins.
  record MaxPool2d(int rows, int columns, Conv2dGeometry geometry) implements Pool {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec y = window(this, in, rows, columns, geometry);
      return List.of(y, y.with(DType.I32));
    }
  }

  /// Scatters: inputs `dy [N,P,Q,C]`, `index [N,P,Q,C]`; output `dx [N,height,width,C]`.
  record MaxPool2dBackward(long height, long width) implements Pool {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "dy", "index").rank(0, 4).floating(0).type(1, DType.I32);
      check
          .rule(in.get(0).shape().equals(in.get(1).shape()), "dy and index must have one shape")
          .done();
      Shape dy = in.get(0).shape();
      return List.of(in.getFirst().with(Shape.of(dy.dim(0), height, width, dy.dim(3))));
    }
  }

  /// Gathers what [MaxPool2dBackward] scatters: inputs `x [N,H,W,C]`, `index [N,P,Q,C]`; output
  /// `[N,P,Q,C]`. Its transpose, needed for second derivatives.
  record MaxPool2dGather() implements Pool {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check =
          Check.of(this, in, "x", "index").rank(0, 4).rank(1, 4).floating(0).type(1, DType.I32);
      check.done();
      check
          .rule(
              in.get(0).shape().dim(0) == in.get(1).shape().dim(0)
                  && in.get(0).shape().dim(3) == in.get(1).shape().dim(3),
              "batch and channels must agree")
          .done();
      return List.of(in.getFirst().with(in.get(1).shape()));
    }
  }

  /// The mean of each window; padding counts as zeros.
  record AvgPool2d(int rows, int columns, Conv2dGeometry geometry) implements Pool {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return List.of(window(this, in, rows, columns, geometry));
    }
  }

  /// The gradient of [AvgPool2d]: input `dy [N,P,Q,C]`, output `dx [N,height,width,C]`.
  record AvgPool2dBackward(int rows, int columns, Conv2dGeometry geometry, long height, long width)
      implements Pool {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "dy").floating().rank(0, 4);
      check.done();
      Shape dy = in.getFirst().shape();
      check
          .rule(
              dy.dim(1) == geometry.outHeight(height, rows)
                  && dy.dim(2) == geometry.outWidth(width, columns),
              "dy must have the size that an image of " + height + "x" + width + " gives")
          .done();
      return List.of(in.getFirst().with(Shape.of(dy.dim(0), height, width, dy.dim(3))));
    }
  }

  private static TensorSpec window(
      Op op, List<TensorSpec> in, int rows, int columns, Conv2dGeometry geometry) {
    Check check = Check.of(op, in, "x").floating().rank(0, 4);
    check
        .rule(rows >= 1 && columns >= 1, "window must be at least 1x1")
        .rule(
            geometry.groups() == 1
                && geometry.padHeight() * 2 <= rows
                && geometry.padWidth() * 2 <= columns,
            "padding must be at most half the window, groups 1")
        .done();
    Shape x = in.getFirst().shape();
    long height = geometry.outHeight(x.dim(1), rows);
    long width = geometry.outWidth(x.dim(2), columns);
    check.rule(height > 0 && width > 0, "padded image must not be smaller than the window").done();
    return in.getFirst().with(Shape.of(x.dim(0), height, width, x.dim(3)));
  }
}
