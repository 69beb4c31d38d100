package ibrik.bench;

import ibrik.ssl.augment.Augmenter;
import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.data.Image;
import ibrik.tensor.random.PhiloxStream;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Views per second on one core: the whole way from bytes to normalised floats, each run with the
/// stream of another image, the views of a recipe in turn.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+UseParallelGC"})
public class AugmentBench {
  /// `HxWxC` of image and view.
  @Param({"28x28x1", "32x32x3"})
  public String size = "32x32x3";

  /// Which views of [Views].
  @Param({"byol", "byol-small", "simclr", "simclr-small", "gentle"})
  public String recipe = "byol";

  private Image image = new Image(1, 1, 1, new byte[1]);
  private List<Augmenter> makers = List.of();
  private float[] out = new float[0];
  private int next;

  /// JMH makes it.
  public AugmentBench() {}

  /// Makes the image and checks a view of it.
  @Setup(Level.Trial)
  public void open() {
    long[] sizes = Sizes.parse(size, 3);
    int h = Math.toIntExact(sizes[0]);
    int w = Math.toIntExact(sizes[1]);
    int c = Math.toIntExact(sizes[2]);
    byte[] pixels = new byte[h * w * c];
    PhiloxStream random = new PhiloxStream(1, 0);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextInt();
    }
    image = new Image(h, w, c, pixels);
    List<Float> half = Collections.nCopies(c, 0.5f);
    makers = views().stream().map(view -> new Augmenter(view, h, w, c, half, half)).toList();
    out = new float[h * w * c];
    next = 0;
    apply();
    for (float value : out) {
      if (!(Math.abs(value) <= 1)) {
        throw new IllegalStateException("[augment] a view must stay in range; got " + value);
      }
    }
  }

  private List<View> views() {
    return switch (recipe) {
      case "byol" -> Views.byol();
      case "byol-small" -> Views.byolCifar();
      case "simclr" -> Views.simclr(1, 0.5);
      case "simclr-small" -> Views.simclr(0.5, 0);
      case "gentle" -> Views.gentle();
      default -> throw new IllegalArgumentException("[bench] unknown recipe; got " + recipe);
    };
  }

  /// One view.
  @Benchmark
  public float apply() {
    int view = next % makers.size();
    makers.get(view).apply(image, Augmenter.stream(1, 0, next++ >>> 1, view), out);
    return out[0];
  }
}
