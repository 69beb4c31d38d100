package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `conv2d` and its two gradients in f32, channels last: `x [N,H,W,C]`, `w [K,R,R,C/groups]`, `y
/// [N,P,P,K]`; each 2 N P P K R R C/groups flops, 4 (|x| + |w| + |y|) bytes.
public class ConvBench extends OpBench {
  /// `NxHxCxKxRxstride` or `NxHxCxKxRxstridexgroups`, square images, padding R/2: the layers of
  /// ResNet-18 for small images (stem, the four stages, a step between stages, a 1x1 shortcut and
  /// the same without its stride), the stem for large ones; two depthwise layers, and one of 32
  /// groups.
  @Param({
    "32x32x3x64x3x1",
    "32x32x64x64x3x1",
    "32x16x128x128x3x1",
    "32x8x256x256x3x1",
    "32x4x512x512x3x1",
    "32x32x64x128x3x2",
    "32x32x64x128x1x2",
    "32x16x64x128x1x1",
    "4x224x3x64x7x2",
    "64x32x64x64x3x1x64",
    "32x56x128x128x3x2x128",
    "32x16x256x256x3x1x32"
  })
  public String layer = "32x32x3x64x3x1";

  private Linear.Conv2d forward = new Linear.Conv2d(Conv2dGeometry.of(1, 1));
  private List<Tensor> xw = List.of();
  private List<Tensor> dyw = List.of();
  private List<Tensor> xdy = List.of();
  private Linear.Conv2dBackwardData data = new Linear.Conv2dBackwardData(forward.geometry(), 1, 1);
  private Linear.Conv2dBackwardWeight weight =
      new Linear.Conv2dBackwardWeight(forward.geometry(), 1, 1);
  private Work work = new Work(0, 0);

  /// JMH makes it.
  public ConvBench() {}

  /// Makes the inputs and checks the results.
  @Setup(Level.Trial)
  public void open() {
    boolean grouped = layer.split("x", -1).length == 7;
    long[] sizes = Sizes.parse(grouped ? layer : layer + "x1", 7);
    long n = sizes[0];
    long h = sizes[1];
    long c = sizes[2];
    long k = sizes[3];
    long r = sizes[4];
    int groups = (int) sizes[6];
    Conv2dGeometry g = Conv2dGeometry.of((int) sizes[5], (int) (r / 2)).grouped(groups);
    long p = g.outHeight(h, r);
    forward = new Linear.Conv2d(g);
    data = new Linear.Conv2dBackwardData(g, h, h);
    weight = new Linear.Conv2dBackwardWeight(g, r, r);
    Tensor x = input(n, h, h, c);
    Tensor w = input(k, r, r, c / groups);
    Tensor dy = input(n, p, p, k);
    xw = List.of(x, w);
    dyw = List.of(dy, w);
    xdy = List.of(x, dy);
    work = Work.of(forward, List.of(x.spec(), w.spec())); // the same for all three
    ConvMeaning meaning = new ConvMeaning(g, x, w, dy);
    Probe.check(forward, xw, r * r * c / groups, meaning::forward);
    Probe.check(data, dyw, r * r * k / groups, meaning::backwardData);
    Probe.check(weight, xdy, n * p * p, meaning::backwardWeight);
  }

  /// The output.
  @Benchmark
  public double forward(Rates rates) {
    return run(forward, xw, work, rates);
  }

  /// The gradient for the images.
  @Benchmark
  public double backwardData(Rates rates) {
    return run(data, dyw, work, rates);
  }

  /// The gradient for the weights.
  @Benchmark
  public double backwardWeight(Rates rates) {
    return run(weight, xdy, work, rates);
  }
}
