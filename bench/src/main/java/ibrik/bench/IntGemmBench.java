package ibrik.bench;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.IntegerOp;
import ibrik.tensor.op.Linear;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `int_mat_mul` in i8 beside `mat_mul` in f32: `C[M,N] = X[M,K] W[N,K]^T`; 2 M N K flops each.
/// Integers read a byte per number and write i32 sums.
public class IntGemmBench extends OpBench {
  /// `MxNxK`: a layer on small images, a square, a deep one.
  @Param({"1024x128x576", "512x512x512", "196x512x4608"})
  public String size = "512x512x512";

  private final IntegerOp.IntMatMul integers = new IntegerOp.IntMatMul(3);
  private final Linear.MatMul floats = new Linear.MatMul(false, true);
  private List<Tensor> bytes = List.of();
  private List<Tensor> numbers = List.of();
  private Work work = new Work(0, 0);
  private Work workFloats = new Work(0, 0);

  /// JMH makes it.
  public IntGemmBench() {}

  /// Makes the inputs and checks the result.
  @Setup(Level.Trial)
  public void open() {
    long[] mnk = Sizes.parse(size, 3);
    long depth = mnk[2];
    long columns = mnk[1];
    Tensor x = derived(input(mnk[0], depth), t -> t.mul(40).cast(DType.I8));
    Tensor w = derived(input(columns, depth), t -> t.mul(40).cast(DType.I8));
    bytes = List.of(x, w);
    numbers = List.of(derived(x, t -> t.cast(DType.F32)), derived(w, t -> t.cast(DType.F32)));
    work = Work.of(integers, List.of(x.spec(), w.spec()));
    workFloats = Work.of(floats, numbers.stream().map(Tensor::spec).toList());
    int[] xs = x.toInts();
    int[] ws = w.toInts();
    Probe.check(
        integers,
        bytes,
        1,
        at -> {
          long sum = 0;
          for (long k = 0; k < depth; k++) {
            sum +=
                (long) (xs[(int) (at / columns * depth + k)] - integers.zero())
                    * ws[(int) (at % columns * depth + k)];
          }
          return sum;
        });
  }

  /// In integers.
  @Benchmark
  public double integers(Rates rates) {
    return run(integers, bytes, work, rates);
  }

  /// The same numbers in floats.
  @Benchmark
  public double floats(Rates rates) {
    return run(floats, numbers, workFloats, rates);
  }
}
