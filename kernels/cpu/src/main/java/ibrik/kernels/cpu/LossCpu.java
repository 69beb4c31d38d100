package ibrik.kernels.cpu;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Loss;
import java.lang.foreign.MemorySegment;

/// Binds [Loss].
final class LossCpu {
  private LossCpu() {}

  static Kernel kernel(Loss op, CpuPool pool) {
    return (in, out) -> {
      Tensor logits = in.get(0);
      int classes = (int) logits.dim(1);
      int rows = (int) logits.dim(0);
      MemorySegment x = logits.data();
      MemorySegment labels = in.get(1).data();
      MemorySegment y = out.getFirst().data();
      int perTask = (int) Math.max(1, Chunks.SIZE / 4 / classes);
      pool.run(
          Math.ceilDiv(rows, perTask),
          task -> {
            for (int i = task * perTask; i < Math.min(rows, (task + 1) * perTask); i++) {
              int label = label(op, labels, i, classes);
              long at = (long) i * classes * 4;
              switch (op) {
                case Loss.SoftmaxCrossEntropy _ ->
                    y.set(Lanes.FLOAT, i * 4L, RowKernels.crossEntropy(x, at, classes, label));
                case Loss.SoftmaxCrossEntropyBackward _ -> {
                  RowKernels.softmax(x, y, at, classes);
                  long hot = at + label * 4L;
                  y.set(Lanes.FLOAT, hot, y.get(Lanes.FLOAT, hot) - 1);
                  float factor = in.get(2).data().get(Lanes.FLOAT, i * 4L);
                  RowKernels.scale(y, y, at, classes, factor);
                }
              }
            }
          });
    };
  }

  private static int label(Loss op, MemorySegment labels, int i, int classes) {
    int label = labels.get(Lanes.INT, i * 4L);
    if (label < 0 || label >= classes) {
      throw new IllegalArgumentException(
          "[" + op.tag() + "] label must be in [0, " + classes + "); got " + label + " at " + i);
    }
    return label;
  }
}
