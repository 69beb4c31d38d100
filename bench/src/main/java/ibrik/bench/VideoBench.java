package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Conv3dGeometry;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Video;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// `conv3d` and its two gradients in f32, channels last: `x [N,D,H,H,C]`, `w [K,T,R,R,C]`, `y
/// [N,O,P,P,K]`; each 2 N O P P K T R R C flops, 4 (|x| + |w| + |y|) bytes.
public class VideoBench extends OpBench {
  /// `NxDxHxCxKxTxRxstride`, square frames, padding T/2 and R/2, the stride in space: the stem and
  /// the layers of R3D-18 and R(2+1)D-18 (Tran et al. 2018, arXiv:1711.11248, table 1) on clips of
  /// 8 frames of 56 pixels, and a pointwise layer.
  @Param({
    "2x8x56x3x64x3x7x2",
    "2x8x28x64x64x3x3x1",
    "2x8x28x64x144x1x3x1",
    "2x8x28x144x64x3x1x1",
    "2x8x28x64x128x1x1x1"
  })
  public String layer = "2x8x28x64x64x3x3x1";

  private Video.Conv3d forward = new Video.Conv3d(Conv3dGeometry.of(1, 1));
  private Video.Conv3dBackwardData data = new Video.Conv3dBackwardData(forward.geometry(), 1, 1, 1);
  private Video.Conv3dBackwardWeight weight =
      new Video.Conv3dBackwardWeight(forward.geometry(), 1, 1, 1);
  private List<Tensor> xw = List.of();
  private List<Tensor> dyw = List.of();
  private List<Tensor> xdy = List.of();
  private Work work = new Work(0, 0);

  /// JMH makes it.
  public VideoBench() {}

  /// Makes the inputs and checks the results.
  @Setup(Level.Trial)
  public void open() {
    long[] sizes = Sizes.parse(layer, 8);
    long n = sizes[0];
    long d = sizes[1];
    long h = sizes[2];
    long c = sizes[3];
    long k = sizes[4];
    long t = sizes[5];
    long r = sizes[6];
    Conv2dGeometry image = Conv2dGeometry.of((int) sizes[7], (int) (r / 2));
    Conv3dGeometry g = new Conv3dGeometry(1, (int) (t / 2), 1, image);
    long o = g.outFrames(d, t);
    long p = image.outHeight(h, r);
    forward = new Video.Conv3d(g);
    data = new Video.Conv3dBackwardData(g, d, h, h);
    weight = new Video.Conv3dBackwardWeight(g, t, r, r);
    Tensor x = input(n, d, h, h, c);
    Tensor w = input(k, t, r, r, c);
    Tensor dy = input(n, o, p, p, k);
    xw = List.of(x, w);
    dyw = List.of(dy, w);
    xdy = List.of(x, dy);
    work = Work.of(forward, List.of(x.spec(), w.spec())); // the same for all three
    check(forward, xw, t * r * r * c);
    check(data, dyw, t * r * r * k);
    check(weight, xdy, n * o * p * p);
  }

  /// Compares with the composition, whose convolutions [ConvBench] checks.
  private static <T extends Op & Composite> void check(T op, List<Tensor> in, long depth) {
    try (TensorScope _ = TensorScope.open()) {
      float[] got = Interpreter.current().apply(op, in).getFirst().toFloats();
      Meaning.compare(op, 0, got, op.compose(in).getFirst().toFloats(), depth);
    }
  }

  /// The output.
  @Benchmark
  public double forward(Rates rates) {
    return run(forward, xw, work, rates);
  }

  /// The gradient for the videos.
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
