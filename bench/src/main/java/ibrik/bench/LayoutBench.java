package ibrik.bench;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Layout;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Ops that move f32 numbers: no flops, 8 bytes per element.
public class LayoutBench extends FamilyBench {
  private static final long COLUMNS = 256;

  /// Tag of the op; `transpose.matrix` swaps two axes, `transpose.image` makes NCHW of NHWC.
  @Param({"transpose.matrix", "transpose.image", "concat", "pad", "narrow", "broadcast_to"})
  public String op = "transpose.matrix";

  /// Bytes read and written by a run.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, Sizes.MEMORY})
  public String bytes = Sizes.L2;

  /// JMH makes it.
  public LayoutBench() {}

  /// Makes the inputs and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    long rows = Sizes.rows(bytes, COLUMNS, 8);
    long half = COLUMNS / 2;
    switch (op) {
      case "transpose.matrix" -> use(new Layout.Transpose(List.of(1, 0)), 1, input(rows, COLUMNS));
      case "transpose.image" ->
          use(
              new Layout.Transpose(List.of(0, 3, 1, 2)),
              1,
              input(Math.max(1, rows / 16), 8, 8, COLUMNS / 4));
      case "concat" -> {
        Tensor left = input(rows, half);
        use(new Layout.Concat(1), 1, left, input(rows, half));
      }
      case "pad" -> use(new Layout.Pad(1, half, half), 1, input(rows, COLUMNS));
      case "narrow" -> use(new Layout.Narrow(1, half / 2, half), 1, input(rows, COLUMNS));
      // Hardly anything is read.
      case "broadcast_to" ->
          use(new Layout.BroadcastTo(Shape.of(2 * rows, COLUMNS)), 1, input(COLUMNS));
      default -> throw unknown(op);
    }
  }

  /// One pass.
  @Benchmark
  public double move(Rates rates) {
    return run(rates);
  }
}
