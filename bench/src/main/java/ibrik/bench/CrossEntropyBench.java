package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Loss;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `softmax_cross_entropy` and its gradient for logits `[rows,1000]` in f32: 5 flops per element, 4
/// bytes forward, 8 backward.
public class CrossEntropyBench extends FamilyBench {
  private static final long CLASSES = 1000;

  /// Tag of the op.
  @Param({"softmax_cross_entropy", "softmax_cross_entropy_backward"})
  public String op = "softmax_cross_entropy";

  /// Bytes of the logits and of their gradient together.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, Sizes.MEMORY})
  public String bytes = Sizes.L2;

  /// JMH makes it.
  public CrossEntropyBench() {}

  /// Makes the inputs and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    long rows = Sizes.rows(bytes, CLASSES, 8);
    Tensor logits = input(rows, CLASSES);
    Tensor labels = indices(rows, CLASSES);
    switch (op) {
      case "softmax_cross_entropy" -> use(new Loss.SoftmaxCrossEntropy(), CLASSES, logits, labels);
      case "softmax_cross_entropy_backward" ->
          use(new Loss.SoftmaxCrossEntropyBackward(), CLASSES, logits, labels, input(rows));
      default -> throw unknown(op);
    }
  }

  /// One pass.
  @Benchmark
  public double crossEntropy(Rates rates) {
    return run(rates);
  }
}
