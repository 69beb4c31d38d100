package ibrik.bench;

import ibrik.ssl.augment.Augmenter;
import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.data.BatchLoader;
import ibrik.ssl.data.Image;
import ibrik.ssl.data.ImageSet;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.ViewParameters;
import ibrik.tensor.random.PhiloxStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// Views per second, from bytes to normalised floats, the two views of a recipe in turn: the op
/// alone on a batch with parameters drawn before; one image after the other with its draws, as a
/// worker of the loader makes them; and the loader without workers, whole batches. The last two run
/// on one thread of the host whatever the device.
public class AugmentBench extends FamilyBench {
  private static final int BATCH = 64;

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
  private @Nullable BatchLoader loader;

  /// JMH makes it.
  public AugmentBench() {}

  /// Makes the images, draws, and checks the views.
  @Override
  @Setup(Level.Trial)
  public void open() {
    long[] sizes = Sizes.parse(size, 3);
    int h = Math.toIntExact(sizes[0]);
    int w = Math.toIntExact(sizes[1]);
    int c = Math.toIntExact(sizes[2]);
    byte[] pixels = new byte[h * w * c];
    byte[] all = new byte[BATCH * pixels.length];
    PhiloxStream random = new PhiloxStream(1, 0);
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) random.nextInt();
    }
    System.arraycopy(all, 0, pixels, 0, pixels.length);
    image = new Image(h, w, c, pixels);
    List<Float> half = Collections.nCopies(c, 0.5f);
    makers = views().stream().map(view -> new Augmenter(view, h, w, c, half, half)).toList();
    out = new float[h * w * c];
    next = 0;
    float[] rows = new float[BATCH * ViewParameters.COLUMNS];
    for (int i = 0; i < BATCH; i++) {
      PhiloxStream draws = Augmenter.stream(1, 0, i, i % 2);
      makers.get(i % 2).draw(h, w, draws).write(MemorySegment.ofArray(rows), i);
    }
    Device on = Device.parse(device);
    ImageOp.Augment op = makers.getFirst().recipe();
    use(
        op,
        // Two sums of at most 8 taps, two of the blur; hue divides differences of near values.
        64,
        held(() -> Tensor.of(all, BATCH, h, w, c).to(on)),
        held(() -> Tensor.of(rows, BATCH, ViewParameters.COLUMNS).to(on)));
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

  /// A batch of views by the op.
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public double augment(Rates rates) {
    return run(rates);
  }

  /// One view.
  @Benchmark
  public float apply() {
    int view = next % makers.size();
    makers.get(view).apply(image, Augmenter.stream(1, 0, next++ >>> 1, view), out);
    return out[0];
  }

  /// Both views of a batch.
  @Benchmark
  @OperationsPerInvocation(2 * BATCH)
  public float load() {
    if (loader == null) {
      loader = open(image);
    }
    return loader.next().views().getLast().get(ValueLayout.JAVA_FLOAT, 0);
  }

  private BatchLoader open(Image only) {
    ImageSet images =
        new ImageSet() {
          @Override
          public int size() {
            return 8 * BATCH;
          }

          @Override
          public Image image(int index) {
            return only;
          }

          @Override
          public int label(int index) {
            return 0;
          }

          @Override
          public List<String> classNames() {
            return List.of("one");
          }
        };
    List<Float> half = Collections.nCopies(only.channels(), 0.5f);
    return new BatchLoader(
        new BatchLoader.Plan(
            images, only.height(), only.width(), only.channels(), half, half, views(), BATCH, 1),
        0,
        0);
  }

  /// Closes the loader.
  @TearDown(Level.Trial)
  public void closeLoader() {
    if (loader != null) {
      loader.close();
      loader = null;
    }
  }
}
