package ibrik.tensor.op;

import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Ops linear in each argument: matrix product and convolution. The gradients of a convolution are
/// the two other convolutions, so the three are closed under differentiation. Images are NHWC,
/// weights KRSC (output channel, row, column, input channel).
public sealed interface Linear extends Op {
  /// `op(a) op(b)`, where `op` transposes the last two axes on request. Leading axes are batches
  /// and broadcast. Accumulates in the element type, in a fixed order.
  record MatMul(boolean transposeA, boolean transposeB) implements Linear {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "a", "b").floating().sameType(0, 1);
      Shape a = in.get(0).shape();
      Shape b = in.get(1).shape();
      check.rule(a.rank() >= 2 && b.rank() >= 2, "a and b must have at least 2 axes").done();
      long m = a.dim(transposeA ? -1 : -2);
      long ka = a.dim(transposeA ? -2 : -1);
      long kb = b.dim(transposeB ? -1 : -2);
      long n = b.dim(transposeB ? -2 : -1);
      check
          .rule(
              ka == kb,
              "inner extents must be equal (" + ka + " and " + kb + ")",
              "set the transpose flags or reshape")
          .rule(
              Shape.compatible(batch(a), batch(b)),
              "batch extents must be equal or 1, aligned at the right")
          .done();
      Shape batch = Shape.broadcast(batch(a), batch(b));
      long[] dims = new long[batch.rank() + 2];
      System.arraycopy(batch.dims(), 0, dims, 0, batch.rank());
      dims[dims.length - 2] = m;
      dims[dims.length - 1] = n;
      return List.of(in.getFirst().with(Shape.of(dims)));
    }

    /// The batch axes: all but the last two.
    public static Shape batch(Shape shape) {
      return shape.without(-1).without(-1);
    }
  }

  /// `y[n,p,q,k] = sum_{r,s,c} x[n, p*stride+r*dilation-pad, q*..., g*C/groups + c] w[k,r,s,c]`,
  /// with zeros outside; `g` is the group of output channel `k`.
  record Conv2d(Conv2dGeometry geometry) implements Linear {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "w").floating().sameType(0, 1).rank(0, 4).rank(1, 4);
      check.done();
      Shape x = in.get(0).shape();
      Shape w = in.get(1).shape();
      int groups = geometry.groups();
      check
          .rule(
              x.dim(3) == w.dim(3) * groups,
              "channels of x must be those of w times groups = " + groups)
          .rule(w.dim(0) % groups == 0, "output channels must be divisible by groups = " + groups)
          .rule(
              geometry.outHeight(x.dim(1), w.dim(1)) > 0
                  && geometry.outWidth(x.dim(2), w.dim(2)) > 0,
              "padded image must not be smaller than the dilated kernel",
              "add padding or use a smaller kernel")
          .done();
      return List.of(
          in.getFirst()
              .with(
                  Shape.of(
                      x.dim(0),
                      geometry.outHeight(x.dim(1), w.dim(1)),
                      geometry.outWidth(x.dim(2), w.dim(2)),
                      w.dim(0))));
    }
  }

  /// The gradient of [Conv2d] for x: inputs `dy [N,P,Q,K]`, `w [K,R,S,C/groups]`, output `dx
  /// [N,height,width,C]`. Also called transposed convolution.
  record Conv2dBackwardData(Conv2dGeometry geometry, long height, long width) implements Linear {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "dy", "w").floating().sameType(0, 1).rank(0, 4).rank(1, 4);
      check.done();
      Shape dy = in.get(0).shape();
      Shape w = in.get(1).shape();
      check
          .rule(dy.dim(3) == w.dim(0), "channels of dy must be the output channels of w")
          .rule(
              w.dim(0) % geometry.groups() == 0,
              "output channels must be divisible by groups = " + geometry.groups())
          .rule(
              dy.dim(1) == geometry.outHeight(height, w.dim(1))
                  && dy.dim(2) == geometry.outWidth(width, w.dim(2)),
              "dy must have the size that an image of " + height + "x" + width + " gives")
          .done();
      return List.of(
          in.getFirst().with(Shape.of(dy.dim(0), height, width, w.dim(3) * geometry.groups())));
    }
  }

  /// The gradient of [Conv2d] for w: inputs `x [N,H,W,C]`, `dy [N,P,Q,K]`, output `dw
  /// [K,rows,columns,C/groups]`.
  record Conv2dBackwardWeight(Conv2dGeometry geometry, long rows, long columns) implements Linear {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "dy").floating().sameType(0, 1).rank(0, 4).rank(1, 4);
      check.done();
      Shape x = in.get(0).shape();
      Shape dy = in.get(1).shape();
      check
          .rule(x.dim(0) == dy.dim(0), "x and dy must have one batch size")
          .rule(
              x.dim(3) % geometry.groups() == 0 && dy.dim(3) % geometry.groups() == 0,
              "channels must be divisible by groups = " + geometry.groups())
          .rule(
              dy.dim(1) == geometry.outHeight(x.dim(1), rows)
                  && dy.dim(2) == geometry.outWidth(x.dim(2), columns),
              "dy must have the size that x gives with a " + rows + "x" + columns + " kernel")
          .done();
      return List.of(
          in.getFirst().with(Shape.of(dy.dim(3), rows, columns, x.dim(3) / geometry.groups())));
    }
  }
}
