package example;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;

/// Alignment and uniformity on the unit sphere (Wang and Isola 2020, arXiv:2005.10242, eq. 1 and
/// 2).
final class AlignUniformLoss {
  private AlignUniformLoss() {}

  /// `mean |n(z1) - n(z2)|^2`: the mean squared distance of the views.
  static Tensor alignment(Tensor z1, Tensor z2) {
    return z1.cosineRegression(z2, 1e-12).mean();
  }

  /// `ln mean_{i != j} exp(-2 |n(z_i) - n(z_j)|^2)`: 0 where all are equal, lower where they
  /// spread.
  static Tensor uniformity(Tensor z) {
    Tensor n = z.l2Normalize();
    Tensor squares = n.matMul(n, false, true).mul(-2).add(2);
    int rows = Math.toIntExact(z.dim(0));
    Tensor self = Tensors.iota(rows, DType.I32, z.device()).oneHot(rows, z.dtype());
    Tensor others = squares.mul(-2).exp().sub(self);
    return others.sum().div((double) rows * (rows - 1)).log();
  }
}
