package ibrik.bench.gpu;

import ibrik.kernels.cuda.CudaTimer;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Program;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;

/// Medians of many runs on one device.
final class Stopwatch {
  /// Replays after which a program is a graph and the clocks are up.
  private static final int WARM_UP = 20;

  /// Hot runs in one sample take at least this long, so that the events do not count.
  private static final double SAMPLE_MILLIS = 2;

  private final CudaTimer timer;
  private final Device device;
  private final int samples;
  private final TensorSpec flush;

  Stopwatch(CudaTimer timer, Device device, int samples) {
    this.timer = timer;
    this.device = device;
    this.samples = samples;
    // Four times the second cache, in f32.
    this.flush = new TensorSpec(DType.F32, Shape.of(Math.max(1 << 20, timer.device().l2Bytes())));
  }

  /// Milliseconds of a run.
  record Times(double median, double low, double high) {
    static Times of(int samples, IntToDoubleFunction sample) {
      double[] sorted = new double[samples];
      Arrays.setAll(sorted, sample);
      Arrays.sort(sorted);
      return new Times(sorted[samples / 2], sorted[samples / 4], sorted[samples * 3 / 4]);
    }
  }

  /// The second cache empty of what is needed, and as the run before left it.
  record Both(Times cold, Times hot) {}

  /// Copies within the device.
  Times copy(long bytes) {
    timer.copy(bytes);
    return Times.of(
        samples,
        _ -> {
          timer.start();
          timer.copy(bytes);
          return timer.stop();
        });
  }

  /// Times a step as a captured program.
  Both time(Supplier<List<Tensor>> step) {
    try (Program program = Program.capture(step)) {
      for (int i = 0; i < WARM_UP; i++) {
        program.replay();
      }
      Times cold =
          Times.of(
              samples,
              _ -> {
                // While it is written, the host enqueues the rest.
                try (TensorScope _ = TensorScope.open()) {
                  Tensors.zeros(flush, device);
                }
                timer.start();
                program.replay();
                return timer.stop();
              });
      int runs = (int) Math.clamp(Math.ceil(SAMPLE_MILLIS / cold.median()), 1, 200);
      Times hot =
          Times.of(
              samples,
              _ -> {
                timer.start();
                for (int i = 0; i < runs; i++) {
                  program.replay();
                }
                return timer.stop() / runs;
              });
      return new Both(cold, hot);
    }
  }
}
