package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Learned and parameterised quantisation of activations and their signs, with gradients, on f32
/// rows of 256 numbers with one scale for all; flops by the table of [Work].
public class QuantizedActivationBench extends FamilyBench {
  private static final long COLUMNS = 256;
  private static final int LEVELS = 15;

  /// Tag of the op.
  @Param({
    "straight_through_round",
    "lsq_quantize",
    "lsq_quantize_backward",
    "pact_quantize",
    "pact_quantize_backward",
    "sign_binarize",
    "sign_binarize_backward"
  })
  public String op = "lsq_quantize";

  /// Bytes of an input and an output together.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, Sizes.MEMORY})
  public String bytes = Sizes.L2;

  /// JMH makes it.
  public QuantizedActivationBench() {}

  /// Makes the inputs and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    long rows = Sizes.rows(bytes, COLUMNS, 8);
    Tensor x = input(rows, COLUMNS);
    QuantGrid grid = QuantGrid.signed(4).dividing();
    long all = rows * COLUMNS;
    switch (op) {
      case "straight_through_round" -> use(new Quantize.StraightThroughRound(), 1, x);
      case "lsq_quantize" -> use(new Quantize.LsqQuantize(grid, 0, 1), 1, x, filled(0.25));
      case "lsq_quantize_backward" ->
          use(
              new Quantize.LsqQuantizeBackward(grid, 0, 1),
              all,
              x,
              filled(0.25),
              input(rows, COLUMNS));
      case "pact_quantize" -> use(new Quantize.PactQuantize(LEVELS), 1, x, filled(1.5));
      case "pact_quantize_backward" ->
          use(new Quantize.PactQuantizeBackward(), all, x, filled(1.5), input(rows, COLUMNS));
      case "sign_binarize" ->
          use(new Binary.SignBinarize(Binary.Signs.SIGN2, Binary.Surrogate.CLIP), 1, x);
      case "sign_binarize_backward" ->
          use(new Binary.SignBinarizeBackward(Binary.Surrogate.APPROX), 1, x, input(rows, COLUMNS));
      default -> throw unknown(op);
    }
  }

  /// One pass.
  @Benchmark
  public double quantize(Rates rates) {
    return run(rates);
  }
}
