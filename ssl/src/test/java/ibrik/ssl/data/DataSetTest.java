package ibrik.ssl.data;

import static ibrik.ssl.data.Pictures.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataSetTest {
  /// Images of 1x2 grey pixels, both with the number of the image as value.
  private static MemoryImages images(int... labels) {
    byte[] pixels = new byte[2 * labels.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / 2);
    }
    return new MemoryImages(1, 2, 1, pixels, labels, List.of("a", "b", "c"));
  }

  private static DataSet data() {
    ImageSet images = images(0, 1, 2, 0);
    return new DataSet(
        "x", images, images, 1, 2, 1, List.of(.5f), List.of(.2f), "print", List.of("note"));
  }

  private static List<Integer> numbers(ImageSet images) {
    return IntStream.range(0, images.size())
        .mapToObj(i -> (int) images.image(i).pixels()[0])
        .toList();
  }

  private static List<Integer> labels(ImageSet images) {
    return IntStream.range(0, images.size()).mapToObj(images::label).toList();
  }

  @Test
  void limit() {
    DataSet two = data().limit(2);
    assertEquals(List.of(0, 1), numbers(two.train()));
    assertEquals(4, two.test().size());
    assertEquals("print/first-2", two.fingerprint());
    assertEquals(List.of("note"), two.notes());
    assertEquals(List.of("a", "b", "c"), two.classNames());
    DataSet all = data();
    assertSame(all, all.limit(4));
    assertSame(all, all.limit(Integer.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void limitsThatCannotBe(int count) {
    assertEquals(
        "[data] the number of training images must be at least 1; got "
            + count
            + "; leave the limit out to use all 4",
        message(IllegalArgumentException.class, () -> data().limit(count)));
  }

  @Test
  void resized() {
    DataSet large = data().resized(64);
    assertEquals(64, large.height());
    assertEquals(64, large.width());
    assertEquals("print", large.fingerprint());
    DataSet same = data();
    assertSame(same, same.resized(0));
  }

  @Test
  void shapesThatCannotBe() {
    ImageSet images = images(0);
    List<Float> one = List.of(.5f);
    assertEquals(
        "[data] views must have 1 to 4096 rows and columns; got 0x2",
        message(
            IllegalArgumentException.class,
            () -> new DataSet("x", images, images, 0, 2, 1, one, one, "")));
    assertThrows(
        IllegalArgumentException.class,
        () -> new DataSet("x", images, images, 2, 5000, 1, one, one, ""));
    for (int channels : new int[] {0, 2, 3}) {
      assertEquals(
          "[data] needs 1 or 3 channels and a mean and a deviation for each; got "
              + channels
              + " channels, mean [0.5], std [0.5]",
          message(
              IllegalArgumentException.class,
              () -> new DataSet("x", images, images, 2, 2, channels, one, one, "")));
    }
    assertEquals(List.of(), new DataSet("x", images, images, 2, 2, 1, one, one, "").notes());
  }

  @Test
  void firstAndSelect() {
    ImageSet images = images(0, 1, 2, 0);
    assertEquals(List.of(0, 1, 2), numbers(images.first(3)));
    assertEquals(4, images.first(9).size());
    assertEquals(0, images.first(0).size());
    int[] indices = {3, 1, 1};
    ImageSet some = images.select(indices);
    indices[0] = 0;
    assertEquals(List.of(3, 1, 1), numbers(some));
    assertEquals(List.of(0, 1, 1), labels(some));
    assertEquals(images.classNames(), some.classNames());
    assertEquals(List.of(1, 3), numbers(some.select(new int[] {2, 0})));
    assertEquals(
        "[image_set] the number of images must be at least 0; got -1",
        message(IllegalArgumentException.class, () -> images.first(-1)));
    assertThrows(IndexOutOfBoundsException.class, () -> images.select(new int[] {4}));
    assertThrows(IndexOutOfBoundsException.class, () -> images.select(new int[] {-1}));
    assertThrows(IndexOutOfBoundsException.class, () -> images.first(2).image(2));
    assertThrows(IndexOutOfBoundsException.class, () -> images.first(2).label(2));
  }

  @Test
  void memoryImages() {
    MemoryImages images = images(0, 1);
    for (int index : new int[] {-1, 2, Integer.MAX_VALUE}) {
      assertThrows(IndexOutOfBoundsException.class, () -> images.image(index));
      assertThrows(IndexOutOfBoundsException.class, () -> images.label(index));
    }
    images.image(0).pixels()[0] = 9;
    assertEquals(0, images.image(0).pixels()[0], "a copy");
    assertEquals(
        "[image_set] 2 images of 1x2x3 do not make 6 bytes",
        message(
            IllegalArgumentException.class,
            () -> new MemoryImages(1, 2, 3, new byte[6], new int[2], List.of())));
  }

  @Test
  void images() {
    assertEquals(
        "[image] 1x2x3 needs 6 bytes; got 5",
        message(IllegalArgumentException.class, () -> new Image(1, 2, 3, new byte[5])));
    assertEquals(
        "[image] 65536x65536x1 needs 4294967296 bytes; got 0",
        message(IllegalArgumentException.class, () -> new Image(65536, 65536, 1, new byte[0])));
    for (int[] size : new int[][] {{0, 1, 1}, {1, 0, 1}, {1, 1, 2}, {-1, -1, 1}}) {
      assertEquals(
          "[image] needs at least one pixel and 1 or 3 channels; got "
              + size[0]
              + "x"
              + size[1]
              + "x"
              + size[2],
          message(
              IllegalArgumentException.class,
              () -> new Image(size[0], size[1], size[2], new byte[1])));
    }
  }

  @Test
  void statistics() {
    byte[] pixels = {0, 51, (byte) 255, (byte) 255, 51, (byte) 255};
    ImageSet colour = new MemoryImages(1, 2, 3, pixels, new int[1], List.of());
    ChannelStatistics found = ChannelStatistics.of(colour);
    assertEquals(List.of(0.5f, 0.2f, 1f), found.mean());
    assertEquals(List.of(0.5f, 1e-3f, 1e-3f), found.std(), "a constant channel can be divided by");
    ImageSet grey = new MemoryImages(1, 2, 1, new byte[] {0, (byte) 255}, new int[1], List.of());
    ImageSet both = new JoinedImages(List.of(colour, grey));
    ChannelStatistics mixed = ChannelStatistics.of(both, 3);
    assertEquals(List.of(0.5f, 0.35f, 0.75f), mixed.mean());
    assertEquals(0.5, mixed.std().getFirst(), 1e-7);
  }

  /// A tenth of each class, rounded, at least one of two; every image on one side, in order.
  @Property(tries = 100)
  void holdOut(@ForAll @IntRange(max = 60) int a, @ForAll @IntRange(max = 60) int b) {
    int[] labels = IntStream.range(0, a + b).map(i -> i < a ? 0 : 1).toArray();
    ClassOrder.Split split = ClassOrder.holdOut(images(labels));
    assertEquals(held(a), labels(split.test()).stream().filter(label -> label == 0).count());
    assertEquals(held(b), labels(split.test()).stream().filter(label -> label == 1).count());
    assertEquals(a + b, split.train().size() + split.test().size());
    List<Integer> all =
        IntStream.concat(
                numbers(split.train()).stream().mapToInt(i -> i),
                numbers(split.test()).stream().mapToInt(i -> i))
            .sorted()
            .boxed()
            .toList();
    assertEquals(IntStream.range(0, a + b).boxed().toList(), all);
    assertEquals(numbers(split.test()).stream().sorted().toList(), numbers(split.test()));
  }

  private static long held(int members) {
    return members < 2 ? 0 : Math.max(1, Math.round(members / 10.0));
  }

  @Test
  void mixed() {
    ImageSet sorted = images(IntStream.range(0, 90).map(i -> i / 30).toArray());
    ImageSet mixed = ClassOrder.mixed(sorted);
    assertEquals(3, labels(mixed.first(15)).stream().distinct().count());
    assertEquals(numbers(sorted), numbers(mixed).stream().sorted().toList());
    assertEquals(numbers(mixed), numbers(ClassOrder.mixed(sorted)));
    for (int[] labels : new int[][] {{}, {1}, {1, 1, 1}, {1, 2, 0}}) {
      ImageSet images = images(labels);
      assertSame(images, ClassOrder.mixed(images));
    }
  }

  @Test
  void theLastFifthIsHeldOut() {
    ImageSet eleven = images(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1);
    DataSet whole =
        new DataSet("x", eleven, images(2), 1, 2, 1, List.of(.5f), List.of(.2f), "p", List.of("n"));
    assertSame(whole, whole.split(Split.OFFICIAL));
    DataSet part = whole.split(Split.HOLDOUT);
    assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8), numbers(part.train()));
    assertEquals(List.of(9, 10), numbers(part.test()));
    assertEquals(List.of(0, 1), labels(part.test()));
    assertEquals("p/holdout", part.fingerprint());
    assertEquals(
        List.of(
            "n",
            "holdout split: trained on the first 9 of 11 training images, tested on the last 2 of"
                + " them; the official test images are not used"),
        part.notes());
    assertEquals("p/holdout/first-3", part.limit(3).fingerprint());
    assertEquals(List.of(9, 10), numbers(part.limit(3).test()));
    assertEquals(
        "[data] the holdout split needs at least 5 training images; got 4; take the official split",
        message(IllegalArgumentException.class, () -> data().split(Split.HOLDOUT)));
  }
}
