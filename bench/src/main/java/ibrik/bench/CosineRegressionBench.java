package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Similarity;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `cosine_regression` and its gradient for rows `[B,D]` in f32: 6 B D flops forward, 9 B D
/// backward; memory is the limit.
public class CosineRegressionBench extends OpBench {
  /// `BxD`: BYOL's projections.
  @Param({"256x256", "4096x256"})
  public String size = "256x256";

  private final Similarity.CosineRegression forward = new Similarity.CosineRegression(1e-12);
  private final Similarity.CosineRegressionBackward backward =
      new Similarity.CosineRegressionBackward(1e-12);
  private List<Tensor> in = List.of();
  private List<Tensor> withCotangent = List.of();
  private Work forwardWork = new Work(0, 0);
  private Work backwardWork = new Work(0, 0);

  /// JMH makes it.
  public CosineRegressionBench() {}

  /// Makes the inputs and checks the loss.
  @Setup(Level.Trial)
  public void open() {
    long[] bd = Sizes.parse(size, 2);
    int width = (int) bd[1];
    in = List.of(input(bd[0], width), input(bd[0], width));
    withCotangent = List.of(in.get(0), in.get(1), input(bd[0]));
    forwardWork = Work.of(forward, in.stream().map(Tensor::spec).toList());
    backwardWork = Work.of(backward, withCotangent.stream().map(Tensor::spec).toList());
    float[] x = in.get(0).toFloats();
    float[] y = in.get(1).toFloats();
    Probe.check(
        forward,
        in,
        8,
        at -> {
          double[] p = new double[3];
          for (int i = Math.toIntExact(at) * width; i < (at + 1) * width; i++) {
            p[0] += (double) x[i] * y[i];
            p[1] += (double) x[i] * x[i];
            p[2] += (double) y[i] * y[i];
          }
          return 2 - 2 * p[0] / Math.sqrt(p[1] * p[2]);
        });
  }

  /// The loss of every row.
  @Benchmark
  public double forward(Rates rates) {
    return run(forward, in, forwardWork, rates);
  }

  /// The gradient of one side.
  @Benchmark
  public double backward(Rates rates) {
    return run(backward, withCotangent, backwardWork, rates);
  }
}
