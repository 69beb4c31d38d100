package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Similarity;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `info_nce` and its gradients for queries `[B,D]` against a queue `[K,D]` in f32: 2 B K D flops
/// forward, 4 B K D for the gradient of the queries, 6 B K D for all gradients.
public class InfoNceBench extends OpBench {
  /// `BxKxD`: MoCo's queue on small images, and on large ones.
  @Param({"256x4096x128", "256x65536x128"})
  public String size = "256x4096x128";

  private Similarity.InfoNce forward = new Similarity.InfoNce(1);
  private Similarity.InfoNceBackwardQuery query = new Similarity.InfoNceBackwardQuery(1);
  private Similarity.InfoNceBackward all = new Similarity.InfoNceBackward(1);
  private List<Tensor> in = List.of();
  private List<Tensor> saved = List.of();
  private Work forwardWork = new Work(0, 0);
  private Work queryWork = new Work(0, 0);
  private Work allWork = new Work(0, 0);

  /// JMH makes it.
  public InfoNceBench() {}

  /// Makes the inputs and checks the loss. Dot products of `[B,D]` normal numbers have variance D:
  /// that is the temperature.
  @Setup(Level.Trial)
  public void open() {
    long[] bkd = Sizes.parse(size, 3);
    int width = (int) bkd[2];
    forward = new Similarity.InfoNce(width);
    query = new Similarity.InfoNceBackwardQuery(width);
    all = new Similarity.InfoNceBackward(width);
    in = List.of(input(bkd[0], width), input(bkd[0], width), input(bkd[1], width));
    Tensor dloss = input(bkd[0]);
    Tensor loss = held(() -> Interpreter.current().apply1(forward, in));
    saved = List.of(in.get(0), in.get(1), in.get(2), loss, dloss);
    forwardWork = Work.of(forward, in.stream().map(Tensor::spec).toList());
    queryWork = Work.of(query, saved.stream().map(Tensor::spec).toList());
    allWork = Work.of(all, saved.stream().map(Tensor::spec).toList());
    float[] q = in.get(0).toFloats();
    float[] k = in.get(1).toFloats();
    float[] queue = in.get(2).toFloats();
    Probe.check(
        forward,
        in,
        64,
        at -> {
          int row = Math.toIntExact(at);
          double positive = dot(q, row, k, row, width) / width;
          double sum = Math.exp(positive);
          for (int j = 0; j < bkd[1]; j++) {
            sum += Math.exp(dot(q, row, queue, j, width) / width);
          }
          return Math.log(sum) - positive;
        });
  }

  private static double dot(float[] a, int i, float[] b, int j, int width) {
    double sum = 0;
    for (int d = 0; d < width; d++) {
      sum += (double) a[i * width + d] * b[j * width + d];
    }
    return sum;
  }

  /// The loss of every query.
  @Benchmark
  public double forward(Rates rates) {
    return run(forward, in, forwardWork, rates);
  }

  /// The gradient of the queries.
  @Benchmark
  public double backwardQuery(Rates rates) {
    return run(query, saved, queryWork, rates);
  }

  /// The gradients of queries, keys and queue.
  @Benchmark
  public double backward(Rates rates) {
    return run(all, saved, allWork, rates);
  }
}
