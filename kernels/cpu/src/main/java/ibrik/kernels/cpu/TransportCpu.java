package ibrik.kernels.cpu;

import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Transport;

/// Binds [Transport].
final class TransportCpu {
  private TransportCpu() {}

  static Kernel kernel(Transport op, CpuPool pool) {
    return switch (op) {
      case Transport.SinkhornKnopp(double epsilon, int iterations) ->
          (in, out) ->
              Sinkhorn.run(pool, in.getFirst(), out.getFirst(), (float) (1 / epsilon), iterations);
    };
  }
}
