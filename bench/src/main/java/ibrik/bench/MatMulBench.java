package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Linear;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `mat_mul`: `C[M,N] = A[M,K] B[K,N]` in f32; 2 M N K flops, 4 (M K + K N + M N) bytes.
public class MatMulBench extends OpBench {
  /// `MxNxK`: inside the first, second and last cache of a usual core, beyond all of them, and the
  /// tall, flat and deep shapes of a projection head.
  @Param({"64x64x64", "256x256x256", "1024x1024x1024", "2048x2048x2048", "256x2048x512"})
  public String size = "64x64x64";

  /// Which sides are stored transposed: none, B (scores, `x W^T`), A (gradient of a weight).
  @Param({"nn", "nt", "tn"})
  public String layout = "nn";

  private Linear.MatMul op = new Linear.MatMul(false, false);
  private List<Tensor> in = List.of();
  private Work work = new Work(0, 0);

  /// JMH makes it.
  public MatMulBench() {}

  /// Makes the inputs and checks the result.
  @Setup(Level.Trial)
  public void open() {
    long[] mnk = Sizes.parse(size, 3);
    boolean ta = layout.charAt(0) == 't';
    boolean tb = layout.charAt(1) == 't';
    long m = mnk[0];
    long n = mnk[1];
    long k = mnk[2];
    op = new Linear.MatMul(ta, tb);
    Tensor a = ta ? input(k, m) : input(m, k);
    Tensor b = tb ? input(n, k) : input(k, n);
    in = List.of(a, b);
    work = Work.of(op, List.of(a.spec(), b.spec()));
    float[] av = a.toFloats();
    float[] bv = b.toFloats();
    Probe.check(
        op,
        in,
        k,
        at -> {
          long row = at / n;
          long column = at % n;
          double sum = 0;
          for (long l = 0; l < k; l++) {
            double left = av[(int) (ta ? l * m + row : row * k + l)];
            sum += left * bv[(int) (tb ? column * k + l : l * n + column)];
          }
          return sum;
        });
  }

  /// One product.
  @Benchmark
  public double matMul(Rates rates) {
    return run(op, in, work, rates);
  }
}
