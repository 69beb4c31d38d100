package ibrik.bench;

import ibrik.tensor.op.Op;
import ibrik.tensor.op.Reduce;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Reductions of f32 rows of 256 numbers: one flop and 4 bytes per element read.
public class ReduceBench extends FamilyBench {
  private static final long COLUMNS = 256;

  /// Tag of the op and what becomes one number: everything, each row, each column.
  @Param({
    "sum.all",
    "sum.rows",
    "sum.columns",
    "mean.all",
    "mean.rows",
    "mean.columns",
    "max.all",
    "max.rows",
    "max.columns",
    "min.rows",
    "arg_max.rows"
  })
  public String op = "sum.all";

  /// Bytes read by a run.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, Sizes.MEMORY})
  public String bytes = Sizes.L2;

  /// JMH makes it.
  public ReduceBench() {}

  /// Makes the input and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    long rows = Sizes.rows(bytes, COLUMNS, 4);
    String[] parts = op.split("\\.");
    List<Integer> axes =
        switch (parts[parts.length - 1]) {
          case "all" -> List.of(0, 1);
          case "rows" -> List.of(1);
          case "columns" -> List.of(0);
          default -> throw unknown(op);
        };
    long depth = axes.contains(0) ? rows * COLUMNS : COLUMNS;
    use(reduction(parts[0], axes), depth, positive(rows, COLUMNS));
  }

  private Op reduction(String name, List<Integer> axes) {
    return switch (name) {
      case "sum" -> new Reduce.Sum(axes, false);
      case "mean" -> new Reduce.Mean(axes, false);
      case "max" -> new Reduce.Max(axes, false);
      case "min" -> new Reduce.Min(axes, false);
      case "arg_max" -> new Reduce.ArgMax(axes.getFirst(), false);
      default -> throw unknown(op);
    };
  }

  /// One pass.
  @Benchmark
  public double reduce(Rates rates) {
    return run(rates);
  }
}
