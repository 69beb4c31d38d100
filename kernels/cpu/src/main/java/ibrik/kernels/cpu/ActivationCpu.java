package ibrik.kernels.cpu;

import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Activation;
import java.lang.foreign.MemorySegment;

/// Binds [Activation] to its loops.
final class ActivationCpu {
  private ActivationCpu() {}

  /// Each place is read just before it is written.
  static Kernel kernel(Activation op, CpuPool pool) {
    return switch (op) {
      case Activation.Gelu _ -> {
        Kernel kernel =
            (in, out) -> {
              MemorySegment x = in.getFirst().data();
              MemorySegment y = out.getFirst().data();
              Chunks.run(
                  pool, in.getFirst().elems(), (from, to) -> GeluLoops.forward(x, y, from, to));
            };
        yield kernel.overwriting(0);
      }
      case Activation.GeluBackward _ -> {
        Kernel kernel =
            (in, out) -> {
              MemorySegment x = in.get(0).data();
              MemorySegment dy = in.get(1).data();
              MemorySegment dx = out.getFirst().data();
              Chunks.run(
                  pool,
                  in.getFirst().elems(),
                  (from, to) -> GeluLoops.backward(x, dy, dx, from, to));
            };
        yield kernel.overwriting(0, 1);
      }
    };
  }
}
