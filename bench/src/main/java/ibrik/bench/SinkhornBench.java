package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Transport;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `sinkhorn_knopp`: codes `[B,K]` of scores `[B,K]` in f32; 4 T B K flops, 8 B K bytes.
public class SinkhornBench extends OpBench {
  /// `BxKxT`: samples, prototypes, iterations; SwAV takes 3000 prototypes and 3 iterations.
  @Param({"256x512x3", "512x3000x3", "4096x3000x3"})
  public String size = "256x512x3";

  /// Scores are standard normal: 0.5 stays in the exponential domain and is like cosines of 128
  /// dimensions at 0.05; 0.05 takes logarithms.
  @Param({"0.5", "0.05"})
  public String epsilon = "0.5";

  private Transport.SinkhornKnopp op = new Transport.SinkhornKnopp(1, 1);
  private List<Tensor> in = List.of();
  private Work work = new Work(0, 0);

  /// JMH makes it.
  public SinkhornBench() {}

  /// Makes the scores and checks the codes.
  @Setup(Level.Trial)
  public void open() {
    long[] sizes = Sizes.parse(size, 3);
    op = new Transport.SinkhornKnopp(Double.parseDouble(epsilon), (int) sizes[2]);
    in = List.of(input(sizes[0], sizes[1]));
    work = Work.of(op, List.of(in.getFirst().spec()));
    double[] codes = codes(in.getFirst().toFloats(), (int) sizes[0], (int) sizes[1]);
    // Exponents up to 10 / epsilon in f32 lose as many digits.
    Probe.check(op, in, Math.round(40 / op.epsilon()), at -> codes[Math.toIntExact(at)]);
  }

  /// The definition: f64 holds every exponent that occurs here.
  private double[] codes(float[] scores, int samples, int prototypes) {
    double[] q = new double[scores.length];
    Arrays.setAll(q, i -> Math.exp(scores[i] / op.epsilon()));
    for (int t = 0; t < op.iterations(); t++) {
      double[] columns = new double[prototypes];
      for (int i = 0; i < q.length; i++) {
        columns[i % prototypes] += q[i];
      }
      double[] rows = new double[samples];
      for (int i = 0; i < q.length; i++) {
        q[i] /= columns[i % prototypes];
        rows[i / prototypes] += q[i];
      }
      for (int i = 0; i < q.length; i++) {
        q[i] /= rows[i / prototypes];
      }
    }
    return q;
  }

  /// One assignment.
  @Benchmark
  public double sinkhornKnopp(Rates rates) {
    return run(op, in, work, rates);
  }
}
