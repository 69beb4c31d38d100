package ibrik.ssl.method.msbreg;

import ibrik.autograd.Tape;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;

/// The sum of the singular values of a matrix, by products of matrices alone.
///
/// `|Z|_* = tr (Z^T Z)^(1/2)`, and its gradient by Z is `Z (Z^T Z)^(-1/2)`: with `Z = U S V^T`, the
/// matrix `U V^T`. Both roots come from one iteration, so that nothing divides by the gap between
/// two singular values, and nothing is read back to the host. The gradient is that closed form; it
/// is a constant for a second derivative.
///
/// Singular values below about a hundredth of the largest are taken for smaller than they are, and
/// their directions get a gradient shorter than 1, down to 0 for those that are 0.
///
/// **Cost** [#ITERATIONS] times three products of `[m, m]` matrices, m the smaller side of Z.
///
/// **Source** Higham, *Functions of Matrices*, 2008, eq. 6.35: coupled Newton-Schulz iteration.
final class NuclearNorm {
  /// A root of an eigenvalue of `2.25^-k` of the Frobenius norm is there after about k + 4.
  private static final int ITERATIONS = 16;

  private NuclearNorm() {}

  /// 0-d, of `z [n, D]`.
  static Tensor of(Tensor z) {
    boolean tall = z.dim(0) >= z.dim(1);
    Tensor gram = tall ? z.matMul(z, true, false) : z.matMul(z, false, true);
    Tensor half = Tape.pause(() -> inverseRoot(gram.detach()).mul(0.5)); // d tr G^(1/2) / dG
    // sum(G W) has the gradient that is wanted and, as W = G^(-1/2) / 2, half the value.
    Tensor carrier = gram.mul(half).sum();
    return carrier.add(carrier.detach());
  }

  /// `G^(-1/2)` of a positive semi-definite matrix.
  private static Tensor inverseRoot(Tensor gram) {
    Tensor identity =
        Tensors.iota(gram.dim(0), DType.I32, gram.device())
            .oneHot(Math.toIntExact(gram.dim(0)), gram.dtype());
    Tensor norm = gram.square().sum().sqrt(); // eigenvalues of G / norm are in [0, 1]
    Tensor root = gram.div(norm);
    Tensor inverse = identity;
    for (int i = 0; i < ITERATIONS; i++) {
      Tensor step = identity.mul(3).sub(inverse.matMul(root)).mul(0.5);
      root = root.matMul(step);
      inverse = step.matMul(inverse);
    }
    return inverse.div(norm.sqrt());
  }
}
