package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Normalize;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Row-wise normalisations of `[rows,1000]` and batch norm of `[rows,64]` in f32, `add` with a
/// residual; flops by the table of [Work], 8 bytes or more per element forward, 12 or more
/// backward.
public class NormalizeBench extends FamilyBench {
  private static final double EPS = 1e-5;

  /// Tag of the op.
  @Param({
    "softmax",
    "log_softmax",
    "l2_normalize",
    "l2_normalize_backward",
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_inference",
    "batch_norm_relu",
    "batch_norm_relu_backward",
    "batch_norm_add_relu",
    "batch_norm_add_relu_backward",
    "layer_norm",
    "layer_norm_backward"
  })
  public String op = "softmax";

  /// Bytes of an input and an output together.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, Sizes.MEMORY})
  public String bytes = Sizes.L2;

  /// JMH makes it.
  public NormalizeBench() {}

  /// Makes the inputs and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    long columns = op.startsWith("batch_norm") ? 64 : 1000;
    long rows = Math.max(2, Sizes.rows(bytes, columns, 8));
    Tensor x = input(rows, columns);
    switch (op) {
      case "softmax" -> use(new Normalize.Softmax(), columns, x);
      case "log_softmax" -> use(new Normalize.LogSoftmax(), columns, x);
      case "l2_normalize" -> use(new Normalize.L2Normalize(EPS), columns, x);
      case "l2_normalize_backward" ->
          use(new Normalize.L2NormalizeBackward(EPS), columns, x, input(rows, columns));
      case "layer_norm" ->
          use(new Normalize.LayerNorm(EPS), columns, x, positive(columns), input(columns));
      case "layer_norm_backward" ->
          use(
              new Normalize.LayerNormBackward(EPS),
              Math.max(rows, columns),
              x,
              input(rows, columns),
              positive(columns));
      case "batch_norm" ->
          use(new Normalize.BatchNorm(EPS), rows, x, positive(columns), input(columns));
      case "batch_norm_backward" ->
          use(
              new Normalize.BatchNormBackward(EPS),
              rows,
              x,
              positive(columns),
              held(() -> x.mean(java.util.List.of(0), false)),
              filled(1, columns),
              input(rows, columns));
      case "batch_norm_relu" ->
          use(new Normalize.BatchNormRelu(EPS, false), rows, x, positive(columns), input(columns));
      case "batch_norm_add_relu" ->
          use(
              new Normalize.BatchNormRelu(EPS, true),
              rows,
              x,
              positive(columns),
              input(columns),
              input(rows, columns));
      case "batch_norm_relu_backward", "batch_norm_add_relu_backward" ->
          use(
              new Normalize.BatchNormReluBackward(EPS, op.startsWith("batch_norm_add")),
              rows,
              x,
              positive(columns),
              held(() -> x.mean(java.util.List.of(0), false)),
              filled(1, columns),
              input(rows, columns),
              input(rows, columns));
      case "batch_norm_inference" ->
          use(
              new Normalize.BatchNormInference(EPS),
              1,
              x,
              positive(columns),
              input(columns),
              input(columns),
              positive(columns));
      default -> throw unknown(op);
    }
  }

  /// One pass.
  @Benchmark
  public double normalize(Rates rates) {
    return run(rates);
  }
}
