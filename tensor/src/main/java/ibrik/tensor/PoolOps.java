package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Pool;
import java.util.List;

/// Pooling of [Tensor], images `[N,H,W,C]`. Rules: [Pool].
public sealed interface PoolOps permits Tensor {
  /// The largest element of each square window.
  default Tensor maxPool2d(int window, int stride, int pad) {
    return Interpreter.current()
        .apply1(
            new Pool.MaxPool2d(window, window, Conv2dGeometry.of(stride, pad)),
            List.of((Tensor) this));
  }

  /// The mean of each square window; padding counts as zeros.
  default Tensor avgPool2d(int window, int stride, int pad) {
    return Interpreter.current()
        .apply1(
            new Pool.AvgPool2d(window, window, Conv2dGeometry.of(stride, pad)),
            List.of((Tensor) this));
  }

  /// The mean over the image: `[N,H,W,C]` to `[N,C]`.
  default Tensor globalAvgPool2d() {
    return ((Tensor) this).mean(List.of(1, 2), false);
  }
}
