package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Pool;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// Pooling of f32 images with windows of 3x3, stride 2 and padding 1, as behind the stem of a
/// ResNet, and its gradients.
public class PoolBench extends FamilyBench {
  private static final int WINDOW = 3;

  /// Tag of the op.
  @Param({
    "max_pool2d",
    "max_pool2d_backward",
    "max_pool2d_gather",
    "avg_pool2d",
    "avg_pool2d_backward"
  })
  public String op = "max_pool2d";

  /// `NxHxC`: square images inside the first, second and last cache, and beyond.
  @Param({"1x8x32", "2x16x64", "16x32x64", "32x112x64"})
  public String images = "2x16x64";

  /// JMH makes it.
  public PoolBench() {}

  /// Makes the inputs and checks the result.
  @Override
  @Setup(Level.Trial)
  public void open() {
    long[] nhc = Sizes.parse(images, 3);
    long h = nhc[1];
    Conv2dGeometry g = Conv2dGeometry.of(2, WINDOW / 2);
    long p = g.outHeight(h, WINDOW);
    Tensor x = input(nhc[0], h, h, nhc[2]);
    Tensor dy = input(nhc[0], p, p, nhc[2]);
    Pool.MaxPool2d max = new Pool.MaxPool2d(WINDOW, WINDOW, g);
    int terms = WINDOW * WINDOW;
    switch (op) {
      case "max_pool2d" -> use(max, 1, x);
      case "max_pool2d_backward" ->
          use(new Pool.MaxPool2dBackward(h, h), terms, dy, places(max, x));
      case "max_pool2d_gather" -> use(new Pool.MaxPool2dGather(), 1, x, places(max, x));
      case "avg_pool2d" -> use(new Pool.AvgPool2d(WINDOW, WINDOW, g), terms, x);
      case "avg_pool2d_backward" ->
          use(new Pool.AvgPool2dBackward(WINDOW, WINDOW, g, h, h), terms, dy);
      default -> throw unknown(op);
    }
  }

  private Tensor places(Pool.MaxPool2d max, Tensor x) {
    return held(() -> Interpreter.current().apply(max, List.of(x)).get(1));
  }

  /// One pass.
  @Benchmark
  public double pool(Rates rates) {
    return run(rates);
  }
}
