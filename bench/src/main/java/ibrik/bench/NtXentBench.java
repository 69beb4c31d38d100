package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Similarity;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `nt_xent` and its gradient for two views `[B,D]` in f32: 8 B B D flops forward, 16 B B D
/// backward, which computes the scores again.
public class NtXentBench extends OpBench {
  /// `BxD`: batch and width of the projection.
  @Param({"256x128", "512x128", "2048x128"})
  public String size = "256x128";

  private Similarity.NtXent forward = new Similarity.NtXent(0.2);
  private Similarity.NtXentBackward backward = new Similarity.NtXentBackward(0.2);
  private List<Tensor> views = List.of();
  private List<Tensor> saved = List.of();
  private Work forwardWork = new Work(0, 0);
  private Work backwardWork = new Work(0, 0);

  /// JMH makes it.
  public NtXentBench() {}

  /// Makes the views and checks the loss.
  @Setup(Level.Trial)
  public void open() {
    long[] bd = Sizes.parse(size, 2);
    views = List.of(input(bd[0], bd[1]), input(bd[0], bd[1]));
    Tensor dloss = input(2 * bd[0]);
    Tensor loss = held(() -> Interpreter.current().apply1(forward, views));
    saved = List.of(views.get(0), views.get(1), loss, dloss);
    forwardWork = Work.of(forward, views.stream().map(Tensor::spec).toList());
    backwardWork = Work.of(backward, saved.stream().map(Tensor::spec).toList());
    int width = (int) bd[1];
    float[][] z = {views.get(0).toFloats(), views.get(1).toFloats()};
    // Scores reach 1 / temperature.
    Probe.check(forward, views, 64, at -> meaning(z, Math.toIntExact(at), width));
  }

  /// One row by the equation.
  private double meaning(float[][] z, int row, int width) {
    int batch = z[0].length / width;
    double sum = 0;
    double partner = 0;
    for (int k = 0; k < 2 * batch; k++) {
      double[] p = new double[3];
      for (int d = 0; d < width; d++) {
        double x = z[row / batch][row % batch * width + d];
        double y = z[k / batch][k % batch * width + d];
        p[0] += x * y;
        p[1] += x * x;
        p[2] += y * y;
      }
      double score = p[0] / Math.sqrt(p[1] * p[2]) / forward.temperature();
      sum += k == row ? 0 : Math.exp(score);
      partner = k == (row + batch) % (2 * batch) ? score : partner;
    }
    return Math.log(sum) - partner;
  }

  /// The loss of every row.
  @Benchmark
  public double forward(Rates rates) {
    return run(forward, views, forwardWork, rates);
  }

  /// The gradients of both views.
  @Benchmark
  public double backward(Rates rates) {
    return run(backward, saved, backwardWork, rates);
  }
}
