package ibrik.kernels.cpu;

import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Redundancy;

/// Binds [Redundancy].
final class RedundancyCpu {
  private RedundancyCpu() {}

  static Kernel kernel(Redundancy op, CpuPool pool) {
    return switch (op) {
      case Redundancy.BarlowTwins(double lambda, double eps) ->
          (in, out) -> BarlowCpu.forward(pool, in, out.getFirst(), lambda, eps);
      case Redundancy.BarlowTwinsBackward(double lambda, double eps) ->
          (in, out) -> BarlowCpu.backward(pool, in, out, lambda, eps);
      case Redundancy.VicregVariance(double target, double eps) ->
          (in, out) -> VicregCpu.variance(pool, in.getFirst(), out.getFirst(), target, eps);
      case Redundancy.VicregVarianceBackward(double target, double eps) ->
          (in, out) -> VicregCpu.varianceBackward(pool, in, out.getFirst(), target, eps);
      case Redundancy.VicregCovariance() ->
          (in, out) -> VicregCpu.covariance(pool, in.getFirst(), out.getFirst());
      case Redundancy.VicregCovarianceBackward() ->
          (in, out) -> VicregCpu.covarianceBackward(pool, in, out.getFirst());
    };
  }
}
