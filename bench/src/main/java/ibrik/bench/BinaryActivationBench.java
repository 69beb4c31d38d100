package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Signs;
import ibrik.tensor.op.Binary.Surrogate;
import ibrik.tensor.op.Op;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// The activations of binary networks and their gradients in f32, `x [rows,C]`: `rsign` (2 flops
/// per element, 4 backward) and `rprelu` (4 and 8); 8 bytes per element forward, 12 backward.
public class BinaryActivationBench extends OpBench {
  /// `rowsxC`: inside the second cache, beyond all caches.
  @Param({"196x256", "25088x256"})
  public String size = "196x256";

  private final Op sign = new Binary.RSign(Signs.SIGN2, Surrogate.APPROX);
  private final Op signBackward = new Binary.RSignBackward(Surrogate.APPROX);
  private final Op rectifier = new Binary.RPRelu();
  private final Op rectifierBackward = new Binary.RPReluBackward();
  private List<Tensor> signIn = List.of();
  private List<Tensor> signBackwardIn = List.of();
  private List<Tensor> rectifierIn = List.of();
  private List<Tensor> rectifierBackwardIn = List.of();

  /// JMH makes it.
  public BinaryActivationBench() {}

  /// Makes the inputs and checks the results.
  @Setup(Level.Trial)
  public void open() {
    long[] sizes = Sizes.parse(size, 2);
    int channels = Math.toIntExact(sizes[1]);
    Tensor x = input(sizes);
    Tensor dy = input(sizes);
    Tensor before = input(channels);
    Tensor slope = input(channels);
    Tensor after = input(channels);
    signIn = List.of(x, before);
    signBackwardIn = List.of(x, before, dy);
    rectifierIn = List.of(x, before, slope, after);
    rectifierBackwardIn = List.of(x, before, slope, dy);
    float[] values = x.toFloats();
    float[] shifts = before.toFloats();
    float[] slopes = slope.toFloats();
    float[] afters = after.toFloats();
    Probe.check(
        sign,
        signIn,
        1,
        at -> {
          int i = Math.toIntExact(at);
          return values[i] + shifts[i % channels] < 0 ? -1 : 1;
        });
    Probe.check(
        rectifier,
        rectifierIn,
        4,
        at -> {
          int i = Math.toIntExact(at);
          double t = (double) values[i] + shifts[i % channels];
          return (t > 0 ? t : slopes[i % channels] * t) + afters[i % channels];
        });
  }

  private static Work work(Op op, List<Tensor> in) {
    return Work.of(op, in.stream().map(Tensor::spec).toList());
  }

  /// Signs with a threshold per channel.
  @Benchmark
  public double rSign(Rates rates) {
    return run(sign, signIn, work(sign, signIn), rates);
  }

  /// Its gradients for x and the thresholds.
  @Benchmark
  public double rSignBackward(Rates rates) {
    return run(signBackward, signBackwardIn, work(signBackward, signBackwardIn), rates);
  }

  /// The leaky rectifier with a learned kink.
  @Benchmark
  public double rPRelu(Rates rates) {
    return run(rectifier, rectifierIn, work(rectifier, rectifierIn), rates);
  }

  /// Its gradients for x and the three parameters.
  @Benchmark
  public double rPReluBackward(Rates rates) {
    return run(
        rectifierBackward,
        rectifierBackwardIn,
        work(rectifierBackward, rectifierBackwardIn),
        rates);
  }
}
