package ibrik.bench;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.Op;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Elementwise ops on f32 rows of 256 numbers: one flop per element, whatever the function; 8 bytes
/// per element with one input, 12 with two.
public class ElementwiseBench extends FamilyBench {
  private static final long COLUMNS = 256;

  /// Tag of the op; `add_row` adds one row to all.
  @Param({
    "add",
    "add_row",
    "sub",
    "mul",
    "div",
    "maximum",
    "minimum",
    "relu_backward",
    "gelu_backward",
    "compare",
    "where",
    "cast",
    "not",
    "is_finite",
    "neg",
    "abs",
    "sign",
    "exp",
    "log",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "square",
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "relu",
    "erf",
    "gelu",
    "floor",
    "round",
    "scale",
    "offset",
    "pow",
    "clamp"
  })
  public String op = "add";

  /// Bytes read and written by a run with one input or two.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, Sizes.MEMORY})
  public String bytes = Sizes.L2;

  /// JMH makes it.
  public ElementwiseBench() {}

  /// Makes the inputs and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    switch (op) {
      case "add", "sub", "mul", "div", "maximum", "minimum", "relu_backward", "gelu_backward" -> {
        long rows = Sizes.rows(bytes, COLUMNS, 12);
        use(binary(op), 1, positive(rows, COLUMNS), input(rows, COLUMNS));
      }
      case "add_row" -> {
        long rows = Sizes.rows(bytes, COLUMNS, 8);
        use(new Elementwise.Add(), 1, input(rows, COLUMNS), input(COLUMNS));
      }
      case "compare" -> {
        long rows = Sizes.rows(bytes, COLUMNS, 9);
        Op greater = new Elementwise.Compare(Elementwise.Comparison.GREATER);
        use(greater, 1, input(rows, COLUMNS), input(rows, COLUMNS));
      }
      case "where" -> {
        long rows = Sizes.rows(bytes, COLUMNS, 13);
        Tensor x = input(rows, COLUMNS);
        use(new Elementwise.Where(), 1, mask(x), x, input(rows, COLUMNS));
      }
      case "not" -> use(new Elementwise.Not(), 1, mask(input(rows(2), COLUMNS)));
      case "is_finite" -> use(new Elementwise.IsFinite(), 1, input(rows(5), COLUMNS));
      // Both signs; a logarithm or a root wants numbers above 0.
      case "neg",
          "abs",
          "sign",
          "relu",
          "floor",
          "round",
          "clamp",
          "cast",
          "exp",
          "tanh",
          "sin",
          "erf",
          "gelu" ->
          use(unary(op), 1, input(rows(8), COLUMNS));
      default -> use(unary(op), 1, positive(rows(8), COLUMNS));
    }
  }

  private long rows(long perElement) {
    return Sizes.rows(bytes, COLUMNS, perElement);
  }

  private static Op binary(String op) {
    return switch (op) {
      case "add" -> new Elementwise.Add();
      case "sub" -> new Elementwise.Sub();
      case "mul" -> new Elementwise.Mul();
      case "div" -> new Elementwise.Div();
      case "maximum" -> new Elementwise.Maximum();
      case "minimum" -> new Elementwise.Minimum();
      case "relu_backward" -> new Elementwise.ReluBackward();
      case "gelu_backward" -> new Activation.GeluBackward();
      default -> throw unknown(op);
    };
  }

  private static Op unary(String op) {
    return switch (op) {
      case "cast" -> new Elementwise.Cast(DType.I32);
      case "neg" -> new Elementwise.Neg();
      case "abs" -> new Elementwise.Abs();
      case "sign" -> new Elementwise.Sign();
      case "exp" -> new Elementwise.Exp();
      case "log" -> new Elementwise.Log();
      case "sqrt" -> new Elementwise.Sqrt();
      case "rsqrt" -> new Elementwise.Rsqrt();
      case "reciprocal" -> new Elementwise.Reciprocal();
      case "square" -> new Elementwise.Square();
      case "sin" -> new Elementwise.Sin();
      case "cos" -> new Elementwise.Cos();
      case "tanh" -> new Elementwise.Tanh();
      case "sigmoid" -> new Elementwise.Sigmoid();
      case "relu" -> new Elementwise.Relu();
      case "erf" -> new Elementwise.Erf();
      case "gelu" -> new Activation.Gelu();
      case "floor" -> new Elementwise.Floor();
      case "round" -> new Elementwise.Round();
      case "scale" -> new Elementwise.Scale(1.5);
      case "offset" -> new Elementwise.Offset(1.5);
      case "pow" -> new Elementwise.Pow(1.5);
      case "clamp" -> new Elementwise.Clamp(-1, 1);
      default -> throw unknown(op);
    };
  }

  /// One pass.
  @Benchmark
  public double elementwise(Rates rates) {
    return run(rates);
  }
}
