package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.Attend;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `attention` and its gradient in f32 over `[B,H,T,D]`: 4 and 10 B H T T D flops.
public class AttentionBench extends OpBench {
  /// `BxHxTxD`: small images in patches of 4, images of 224 pixels in patches of 16.
  @Param({"32x3x65x64", "4x6x197x64"})
  public String size = "4x6x197x64";

  private Attend.Attention forward = new Attend.Attention(1);
  private Attend.AttentionBackward backward = new Attend.AttentionBackward(1);
  private List<Tensor> in = List.of();
  private List<Tensor> inBackward = List.of();
  private Work work = new Work(0, 0);
  private Work workBackward = new Work(0, 0);

  /// JMH makes it.
  public AttentionBench() {}

  /// Makes the inputs and checks the result.
  @Setup(Level.Trial)
  public void open() {
    long[] sizes = Sizes.parse(size, 4);
    double scale = 1 / Math.sqrt(sizes[3]);
    forward = new Attend.Attention(scale);
    backward = new Attend.AttentionBackward(scale);
    in = List.of(input(sizes), input(sizes), input(sizes));
    Tensor rows = input(sizes[0], sizes[1], sizes[2]);
    inBackward = new ArrayList<>(in);
    inBackward.addAll(List.of(rows, input(sizes), rows));
    work = Work.of(forward, in.stream().map(Tensor::spec).toList());
    workBackward = Work.of(backward, inBackward.stream().map(Tensor::spec).toList());
    int tokens = (int) sizes[2];
    int depth = (int) sizes[3];
    float[] q = in.get(0).toFloats();
    float[] k = in.get(1).toFloats();
    float[] v = in.get(2).toFloats();
    Probe.check(
        forward,
        in,
        tokens + (long) depth,
        at -> {
          int query = (int) (at / depth) * depth;
          int head = (int) (at / ((long) depth * tokens)) * depth * tokens;
          double sum = 0;
          double total = 0;
          for (int t = 0; t < tokens; t++) {
            double score = 0;
            for (int d = 0; d < depth; d++) {
              score += q[query + d] * k[head + t * depth + d];
            }
            double e = Math.exp(score * scale);
            sum += e;
            total += e * v[head + t * depth + (int) (at % depth)];
          }
          return total / sum;
        });
  }

  /// The output.
  @Benchmark
  public double forward(Rates rates) {
    return run(forward, in, work, rates);
  }

  /// The same by single ops, with the matrix of tokens by tokens in memory.
  @Benchmark
  public double forwardComposed(Rates rates) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor out = forward.compose(in).getFirst();
      rates.add(work);
      return out.reshape(-1).narrow(0, 0, 1).item();
    }
  }

  /// The gradients for queries, keys and values.
  @Benchmark
  public double backward(Rates rates) {
    return run(backward, inBackward, workBackward, rates);
  }

  /// The same by single ops.
  @Benchmark
  public double backwardComposed(Rates rates) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor out = backward.compose(inBackward).getFirst();
      rates.add(workBackward);
      return out.reshape(-1).narrow(0, 0, 1).item();
    }
  }
}
