package ibrik.ssl.data;

import static ibrik.ssl.data.Pictures.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.augment.Augmenter;
import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BatchLoaderTest {
  private static final List<View> VIEWS = Views.byol();

  /// Images whose first byte is their number; label: number modulo 3.
  private static ImageSet images(int count, IntFunction<Image> image) {
    return new ImageSet() {
      @Override
      public int size() {
        return count;
      }

      @Override
      public Image image(int index) {
        return image.apply(index);
      }

      @Override
      public int label(int index) {
        return index % 3;
      }

      @Override
      public List<String> classNames() {
        return List.of("a", "b", "c");
      }
    };
  }

  private static Image image(int index) {
    return new Image(6, 5, 3, Pictures.pixels(6, 5, 3, index));
  }

  private static BatchLoader.Plan plan(ImageSet images, int batchSize, long seed) {
    return plan(images, VIEWS, batchSize, seed);
  }

  private static BatchLoader.Plan plan(
      ImageSet images, List<View> views, int batchSize, long seed) {
    List<Float> mean = List.of(0.4f, 0.5f, 0.6f);
    List<Float> std = List.of(0.2f, 0.3f, 0.2f);
    return new BatchLoader.Plan(images, 4, 4, 3, mean, std, views, batchSize, seed);
  }

  private static BatchLoader.Plan plan(int count, int batchSize, long seed) {
    return plan(images(count, BatchLoaderTest::image), batchSize, seed);
  }

  /// All of a batch, bit for bit.
  private static String text(Batch batch) {
    List<Integer> views =
        batch.views().stream()
            .map(view -> Arrays.hashCode(view.toArray(ValueLayout.JAVA_INT)))
            .toList();
    return batch.epoch()
        + "/"
        + batch.step()
        + " "
        + Arrays.toString(batch.indices())
        + Arrays.toString(batch.labels())
        + views;
  }

  private static List<String> run(BatchLoader.Plan plan, int workers, long first, int steps) {
    List<String> seen = new ArrayList<>();
    try (BatchLoader loader = new BatchLoader(plan, workers, first)) {
      for (int i = 0; i < steps; i++) {
        seen.add(text(loader.next()));
      }
    }
    return seen;
  }

  /// Neither the number of workers nor where a run starts changes any bit of any batch.
  @Property(tries = 30)
  void workersAndStartChangeNothing(
      @ForAll @IntRange(min = 1, max = 25) int count,
      @ForAll @IntRange(min = 1, max = 25) int batch,
      @ForAll @IntRange(max = 9) int first,
      @ForAll long seed) {
    BatchLoader.Plan plan = plan(count, Math.min(count, batch), seed);
    List<String> all = run(plan, 0, 0, 10);
    for (int workers : new int[] {0, 1, 2, 4}) {
      assertEquals(all.subList(first, 10), run(plan, workers, first, 10 - first));
    }
  }

  @Test
  void seedsAndEpochsDiffer() {
    List<String> all = run(plan(9, 3, 1), 2, 0, 9);
    assertEquals(9, all.stream().distinct().count());
    assertNotEquals(all, run(plan(9, 3, 2), 2, 0, 9));
  }

  /// An epoch shows every image once, but for the last, incomplete batch; the next is in another
  /// order.
  @Test
  void epochs() {
    List<List<Integer>> epochs = new ArrayList<>();
    try (BatchLoader loader = new BatchLoader(plan(23, 5, 7), 2, 0)) {
      assertEquals(4, loader.stepsPerEpoch());
      for (int epoch = 0; epoch < 3; epoch++) {
        List<Integer> seen = new ArrayList<>();
        for (int step = 0; step < 4; step++) {
          Batch batch = loader.next();
          assertEquals(epoch, batch.epoch());
          assertEquals(step, batch.step());
          assertEquals(5, batch.size());
          Arrays.stream(batch.indices()).forEach(seen::add);
          for (int i = 0; i < 5; i++) {
            assertEquals(batch.indices()[i] % 3, batch.labels()[i]);
          }
        }
        assertEquals(20, seen.stream().distinct().count());
        epochs.add(seen);
      }
    }
    assertEquals(3, epochs.stream().distinct().count());
  }

  /// Each view is what an augmenter makes of that image with that view's random numbers.
  @Test
  void viewsAreThoseOfTheAugmenter() {
    BatchLoader.Plan plan = plan(11, 4, 99);
    float[] expected = new float[4 * 4 * 3];
    try (BatchLoader loader = new BatchLoader(plan, 3, 5)) {
      for (int step = 0; step < 4; step++) {
        Batch batch = loader.next();
        assertEquals(2, batch.views().size());
        for (int v = 0; v < 2; v++) {
          Augmenter maker = new Augmenter(VIEWS.get(v), 4, 4, 3, plan.mean(), plan.std());
          float[] all = batch.views().get(v).toArray(ValueLayout.JAVA_FLOAT);
          for (int i = 0; i < 4; i++) {
            int index = batch.indices()[i];
            maker.apply(image(index), Augmenter.stream(99, batch.epoch(), index, v), expected);
            assertArrayEquals(expected, Arrays.copyOfRange(all, i * 48, (i + 1) * 48));
          }
        }
      }
    }
  }

  /// A batch stays as it is until the next is asked for, and memory is limited: buffers come again.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void memoryIsReused(int workers) throws InterruptedException {
    List<Long> addresses = new ArrayList<>();
    try (BatchLoader loader = new BatchLoader(plan(40, 4, 3), workers, 0)) {
      for (int i = 0; i < 40; i++) {
        Batch batch = loader.next();
        String before = text(batch);
        if (i % 10 == 0) {
          Thread.sleep(5); // time for workers to do wrong
        }
        assertEquals(before, text(batch));
        assertEquals(0, batch.views().getFirst().address() % 64, "aligned");
        assertEquals(2, batch.views().stream().map(MemorySegment::address).distinct().count());
        addresses.add(batch.views().getFirst().address());
      }
    }
    assertEquals(workers == 0 ? 1 : 4, addresses.stream().distinct().count());
  }

  @Test
  void oneBatchOfAllImages() {
    assertEquals(5, run(plan(4, 4, 1), 2, 0, 5).size());
    assertEquals(1, run(plan(1, 1, 1), 2, (1 << 23) - 1, 1).size(), "the last epoch there is");
  }

  @Test
  void plansThatCannotBe() {
    for (int batch : new int[] {0, -1, 6}) {
      assertEquals(
          "[loader] batch size must be between 1 and the 5 training images; got " + batch,
          message(IllegalArgumentException.class, () -> plan(5, batch, 0)));
    }
    ImageSet images = images(5, BatchLoaderTest::image);
    assertEquals(
        "[loader] needs 1 to 16 views; got 0",
        message(IllegalArgumentException.class, () -> plan(images, List.of(), 2, 0)));
    assertEquals(
        "[loader] needs 1 to 16 views; got 17",
        message(
            IllegalArgumentException.class,
            () -> plan(images, Collections.nCopies(17, VIEWS.getFirst()), 2, 0)));
    assertEquals(
        "[loader] views need a pixel, 1 or 3 channels, and a mean and a deviation for each; got"
            + " 4x4x3, mean [0.5], std [0.5]",
        message(
            IllegalArgumentException.class,
            () -> new BatchLoader.Plan(images, 4, 4, 3, List.of(.5f), List.of(.5f), VIEWS, 2, 0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BatchLoader.Plan(images, 4, 4, 1, List.of(.5f, .5f), List.of(.5f), VIEWS, 2, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BatchLoader.Plan(images, 4, 4, 1, List.of(.5f), List.of(.5f, .5f), VIEWS, 2, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BatchLoader.Plan(images, 4, 0, 1, List.of(.5f), List.of(.5f), VIEWS, 2, 0));
    BatchLoader.Plan plan = plan(5, 2, 0);
    assertEquals(
        "[loader] workers and first step must be at least 0; got -1 workers, first step 0",
        message(IllegalArgumentException.class, () -> new BatchLoader(plan, -1, 0).close()));
    assertEquals(
        "[loader] workers and first step must be at least 0; got 1 workers, first step -2",
        message(IllegalArgumentException.class, () -> new BatchLoader(plan, 1, -2).close()));
  }

  private static BatchLoader.Plan failing(RuntimeException failure, int bad) {
    return plan(
        images(
            12,
            index -> {
              if (index == bad) {
                throw failure;
              }
              return image(index);
            }),
        3,
        5);
  }

  /// Batches before the bad one come; then the same failure each time, and closing works.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void failures(int workers) {
    DataException unreadable = new DataException("image x.png cannot be decoded: it is truncated");
    List<String> sound = run(plan(12, 3, 5), 0, 0, 4);
    int bad;
    try (BatchLoader loader = new BatchLoader(plan(12, 3, 5), 0, 2)) {
      bad = loader.next().indices()[1];
    }
    try (BatchLoader loader = new BatchLoader(failing(unreadable, bad), workers, 0)) {
      assertEquals(sound.get(0), text(loader.next()));
      assertEquals(sound.get(1), text(loader.next()));
      for (int i = 0; i < 10; i++) {
        DataException thrown = assertThrows(DataException.class, loader::next);
        assertEquals(unreadable.getMessage(), thrown.getMessage());
        assertSame(unreadable, thrown.getCause());
      }
    }
    IllegalArgumentException bug = new IllegalArgumentException("a bug");
    try (BatchLoader loader = new BatchLoader(failing(bug, bad), workers, 2)) {
      IllegalStateException thrown = assertThrows(IllegalStateException.class, loader::next);
      assertEquals(
          "[loader] a view cannot be made: java.lang.IllegalArgumentException: a bug",
          thrown.getMessage());
      assertSame(bug, thrown.getCause());
    }
  }

  /// Closing waits for workers in the middle of an image, even if it is interrupted meanwhile.
  @Test
  void closeWaitsForWorkers() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    AtomicInteger inside = new AtomicInteger();
    AtomicBoolean go = new AtomicBoolean();
    ImageSet slow =
        images(
            8,
            index -> {
              inside.incrementAndGet();
              started.countDown();
              while (!go.get()) {
                Thread.onSpinWait(); // deaf to interrupts, like a decoder
              }
              inside.decrementAndGet();
              return image(index);
            });
    BatchLoader loader = new BatchLoader(plan(slow, 8, 1), 2, 0);
    AtomicBoolean kept = new AtomicBoolean();
    Thread user = // which asks, is interrupted, and closes
        Thread.ofPlatform()
            .start(
                () -> {
                  assertThrows(IllegalStateException.class, loader::next);
                  loader.close();
                  kept.set(Thread.currentThread().isInterrupted());
                });
    started.await();
    user.interrupt();
    user.join(100);
    assertTrue(user.isAlive(), "it waits");
    user.interrupt();
    user.join(50);
    assertTrue(user.isAlive(), "it still waits");
    go.set(true);
    user.join();
    assertEquals(0, inside.get());
    assertTrue(kept.get(), "the interrupt is not lost");
  }

  /// An interrupted caller can ask again, as often as it likes, and gets the batch it would have
  /// got; the memory of the batch before is not taken back twice.
  @Test
  void interruptedCallers() {
    List<String> all = run(plan(30, 3, 5), 0, 0, 10);
    int late;
    try (BatchLoader loader = new BatchLoader(plan(30, 3, 5), 0, 4)) {
      late = loader.next().indices()[2];
    }
    CountDownLatch open = new CountDownLatch(1);
    ImageSet gated =
        images(
            30,
            index -> {
              try {
                if (index == late) {
                  open.await();
                }
              } catch (InterruptedException closing) {
                throw new IllegalStateException(closing);
              }
              return image(index);
            });
    try (BatchLoader loader = new BatchLoader(plan(gated, 3, 5), 2, 0)) {
      for (int step = 0; step < 4; step++) {
        assertEquals(all.get(step), text(loader.next()));
      }
      for (int i = 0; i < 6; i++) {
        Thread.currentThread().interrupt();
        assertEquals(
            "[loader] interrupted while waiting for images",
            message(IllegalStateException.class, loader::next));
        assertTrue(Thread.interrupted(), "the interrupt is not lost");
      }
      open.countDown();
      List<Long> addresses = new ArrayList<>();
      for (int step = 4; step < 10; step++) {
        Batch batch = loader.next();
        assertEquals(all.get(step), text(batch));
        addresses.add(batch.views().getFirst().address());
      }
      assertEquals(4, addresses.stream().distinct().count());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void closedLoaders(int workers) {
    BatchLoader loader = new BatchLoader(plan(12, 3, 5), workers, 0);
    Batch batch = loader.next();
    loader.close();
    loader.close();
    assertFalse(batch.views().getFirst().scope().isAlive(), "memory is freed");
    assertEquals(
        "[loader] is closed; open another one", message(IllegalStateException.class, loader::next));
  }

  /// Workers end with their loader.
  @Test
  void threadsEnd() {
    try (BatchLoader loader = new BatchLoader(plan(12, 3, 5), 3, 0)) {
      loader.next();
    }
    assertEquals(
        0,
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("ibrik-loader-") && thread.isAlive())
            .count());
  }

  @Test
  void planOfADataSet() {
    DataSet cells = EmbeddedSets.cells();
    BatchLoader.Plan plan = BatchLoader.Plan.of(cells, VIEWS, 8, 1);
    assertEquals(32, plan.height());
    assertEquals(cells.mean(), plan.mean());
    assertEquals(run(plan, 0, 3, 2), run(plan, 2, 3, 2));
  }

  /// Each view has its own size and its own numbers, whatever stands beside it.
  @Test
  void viewsOfSeveralSizes() {
    View large = VIEWS.getFirst();
    View small = large.cropped(0.1, 0.5).sized(8);
    ImageSet images = images(6, BatchLoaderTest::image);
    BatchLoader.Plan mixed = plan(images, List.of(large, small), 3, 5);
    BatchLoader.Plan alone = plan(images, List.of(large, large), 3, 5);
    try (BatchLoader loader = new BatchLoader(mixed, 1, 0);
        BatchLoader other = new BatchLoader(alone, 0, 0)) {
      Batch batch = loader.next();
      assertEquals(
          List.of("[3,4,4,3]", "[3,8,8,3]"),
          batch.shapes().stream().map(Object::toString).toList());
      assertEquals(3 * 8 * 8 * 3 * Float.BYTES, batch.views().get(1).byteSize());
      assertEquals(-1, batch.views().getFirst().mismatch(other.next().views().getFirst()));
      Augmenter maker = new Augmenter(small, 8, 8, 3, mixed.mean(), mixed.std());
      float[] want = new float[maker.size()];
      for (int i = 0; i < 3; i++) {
        int index = batch.indices()[i];
        maker.apply(image(index), Augmenter.stream(5, 0, index, 1), want);
        float[] got =
            batch
                .views()
                .get(1)
                .asSlice((long) i * want.length * 4, want.length * 4L)
                .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        assertArrayEquals(want, got);
      }
    }
  }
}
