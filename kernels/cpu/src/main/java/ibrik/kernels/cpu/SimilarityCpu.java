package ibrik.kernels.cpu;

import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Similarity;

/// Binds [Similarity].
final class SimilarityCpu {
  private SimilarityCpu() {}

  static Kernel kernel(Similarity op, CpuPool pool) {
    return switch (op) {
      case Similarity.NtXent(double t) -> (in, out) -> NtXentCpu.forward(pool, in, out, t);
      case Similarity.NtXentBackward(double t) -> (in, out) -> NtXentCpu.backward(pool, in, out, t);
      case Similarity.InfoNce(double t) -> (in, out) -> InfoNceCpu.forward(pool, in, out, t);
      case Similarity.InfoNceBackwardQuery(double t) ->
          (in, out) -> InfoNceCpu.backwardQuery(pool, in, out, t);
      case Similarity.InfoNceBackward(double t) ->
          (in, out) -> InfoNceCpu.backward(pool, in, out, t);
      case Similarity.CosineRegression(double eps) ->
          (in, out) -> CosineCpu.forward(pool, in, out.getFirst(), eps);
      case Similarity.CosineRegressionBackward(double eps) ->
          (in, out) -> CosineCpu.backward(pool, in, out.getFirst(), eps);
    };
  }
}
