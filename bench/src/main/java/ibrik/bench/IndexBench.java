package ibrik.bench;

import ibrik.tensor.DType;
import ibrik.tensor.op.Index;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Ops that pick and place by index, on f32 rows of 256 numbers.
public class IndexBench extends FamilyBench {
  private static final long COLUMNS = 256;

  /// Tag of the op.
  @Param({"gather", "scatter_add", "one_hot", "top_k"})
  public String op = "gather";

  /// Bytes read and written by a run, about.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, Sizes.MEMORY})
  public String bytes = Sizes.L2;

  /// JMH makes it.
  public IndexBench() {}

  /// Makes the inputs and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    long rows = Sizes.rows(bytes, COLUMNS, 8);
    switch (op) {
      case "gather" -> use(new Index.Gather(), 1, input(rows, COLUMNS), indices(rows, rows));
      case "scatter_add" ->
          use(new Index.ScatterAdd(rows), 8, input(rows, COLUMNS), indices(rows, rows));
      case "one_hot" ->
          use(new Index.OneHot((int) COLUMNS, DType.F32), 1, indices(2 * rows, COLUMNS));
      case "top_k" -> use(new Index.TopK(5), 1, input(2 * rows, COLUMNS));
      default -> throw unknown(op);
    }
  }

  /// One pass.
  @Benchmark
  public double index(Rates rates) {
    return run(rates);
  }
}
