package ibrik.bench;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// What stands beside the product of [IntGemmBench] in a network of integers: `int_conv2d`, 3x3,
/// and `requantize` of the sums that it leaves, i32 to i8.
public class IntegerBench extends FamilyBench {
  /// Tag of the op.
  @Param({"int_conv2d", "requantize"})
  public String op = "int_conv2d";

  /// `NxHxC`: images, height and width, channels in and out.
  @Param("16x16x64")
  public String images = "16x16x64";

  /// JMH makes it.
  public IntegerBench() {}

  /// Makes the inputs and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    long[] nhc = Sizes.parse(images, 3);
    long side = nhc[1];
    long width = nhc[2];
    switch (op) {
      case "int_conv2d" ->
          use(
              new IntegerOp.IntConv2d(new Conv2dGeometry(1, 1, 1, 1, 1, 1, 1), 3),
              1,
              integers(DType.I8, 40, nhc[0], side, side, width),
              integers(DType.I8, 40, width, 3, 3, width));
      case "requantize" -> {
        Tensor channels = input(width);
        use(
            new IntegerOp.Requantize(3, -128, 127),
            1,
            integers(DType.I32, 1 << 20, nhc[0], side, side, width),
            integers(DType.I32, 1 << 10, width),
            derived(channels, t -> t.abs().mul(1 << 28).cast(DType.I32)),
            derived(channels, t -> t.mul(0).add(44).cast(DType.I32)));
      }
      default -> throw unknown(op);
    }
  }

  /// Normal numbers times `scale`, cut off.
  private Tensor integers(DType type, double scale, long... dims) {
    return derived(input(dims), t -> t.mul(scale).cast(type));
  }

  /// One pass.
  @Benchmark
  public double integer(Rates rates) {
    return run(rates);
  }
}
