package ibrik.ssl.data;

import ibrik.ssl.augment.Augmenter;
import ibrik.ssl.augment.View;
import ibrik.tensor.random.PhiloxStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Feeds training: shuffles each epoch, makes views in the background, hands out batches in order.
///
/// The order of an epoch depends on (seed, epoch), a view on (seed, epoch, image, view): the number
/// of workers changes nothing but speed, and a run can start at any step. The last, incomplete
/// batch of an epoch is dropped. Buffers are reused: a handful is in flight, no more.
public final class BatchLoader implements AutoCloseable {
  /// Stream number of shuffles: beyond those of views.
  private static final long SHUFFLE = 1L << 63;

  /// Batches made ahead of the one in use.
  private static final int AHEAD = 3;

  /// What to load.
  ///
  /// @param images where from
  /// @param height rows of a view
  /// @param width columns of a view
  /// @param channels 1 or 3
  /// @param mean per channel
  /// @param std per channel
  /// @param views recipe of each view
  /// @param batchSize images per batch
  /// @param seed names all random numbers
  public record Plan(
      ImageSet images,
      int height,
      int width,
      int channels,
      List<Float> mean,
      List<Float> std,
      List<View> views,
      int batchSize,
      long seed) {
    /// Checks and copies.
    public Plan {
      views = List.copyOf(views);
      if (batchSize < 1 || batchSize > images.size()) {
        throw new IllegalArgumentException(
            "[loader] batch size must be between 1 and the "
                + images.size()
                + " training images; got "
                + batchSize);
      }
    }

    /// The training images of `data`.
    public static Plan of(DataSet data, List<View> views, int batchSize, long seed) {
      return new Plan(
          data.train(),
          data.height(),
          data.width(),
          data.channels(),
          data.mean(),
          data.std(),
          views,
          batchSize,
          seed);
    }
  }

  private final Plan plan;
  private final int stepsPerEpoch;
  private final Arena arena = Arena.ofShared();
  private final @Nullable ExecutorService workers;
  private final BlockingQueue<List<MemorySegment>> free = new ArrayBlockingQueue<>(AHEAD + 1);
  private final List<Pending> pending = new ArrayList<>();
  private final ThreadLocal<List<Augmenter>> augmenters;
  private int[] order = new int[0];
  private int orderEpoch = -1;
  private long nextStep;
  private @Nullable Batch last;

  private record Pending(Batch batch, List<Future<?>> parts) {}

  /// A loader whose first batch is that of step `firstStep`, counted over all epochs.
  ///
  /// @param workers threads that make views; 0 makes them on the calling thread
  @SuppressWarnings("MustBeClosedChecker") // the arena closes with the loader
  public BatchLoader(Plan plan, int workers, long firstStep) {
    this.plan = plan;
    this.stepsPerEpoch = plan.images.size() / plan.batchSize;
    this.nextStep = firstStep;
    this.augmenters = ThreadLocal.withInitial(this::makeAugmenters);
    this.workers =
        workers == 0
            ? null
            : Executors.newFixedThreadPool(
                workers, Thread.ofPlatform().daemon().name("ibrik-loader-", 1).factory());
    long bytes = (long) plan.batchSize * plan.height * plan.width * plan.channels * Float.BYTES;
    for (int i = 0; i < AHEAD + 1; i++) {
      List<MemorySegment> buffers = new ArrayList<>();
      for (int v = 0; v < plan.views.size(); v++) {
        buffers.add(arena.allocate(bytes, 64));
      }
      free.add(List.copyOf(buffers));
    }
  }

  private List<Augmenter> makeAugmenters() {
    return plan.views.stream()
        .map(
            view ->
                new Augmenter(view, plan.height, plan.width, plan.channels, plan.mean, plan.std))
        .toList();
  }

  /// Batches in one epoch.
  public int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /// The next batch; the memory of the one before is taken back.
  ///
  /// @throws DataException if an image of it cannot be read
  public Batch next() {
    if (last != null) {
      free.add(last.views());
    }
    while (pending.size() < (workers == null ? 1 : AHEAD) && !free.isEmpty()) {
      pending.add(start(nextStep++));
    }
    Pending ready = pending.removeFirst();
    for (Future<?> part : ready.parts) {
      await(part);
    }
    last = ready.batch;
    return ready.batch;
  }

  private static void await(Future<?> part) {
    try {
      part.get();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("[loader] interrupted while waiting for images", stopped);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof DataException data
          ? data
          : new IllegalStateException(
              "[loader] a worker failed: " + failed.getCause(), failed.getCause());
    }
  }

  private Pending start(long globalStep) {
    int epoch = (int) (globalStep / stepsPerEpoch);
    int step = (int) (globalStep % stepsPerEpoch);
    if (epoch != orderEpoch) {
      order = new PhiloxStream(plan.seed, SHUFFLE | epoch).permutation(plan.images.size());
      orderEpoch = epoch;
    }
    int size = plan.batchSize;
    int[] indices = Arrays.copyOfRange(order, step * size, (step + 1) * size);
    int[] labels = Arrays.stream(indices).map(plan.images::label).toArray();
    Batch batch = new Batch(epoch, step, indices, labels, free.remove());
    List<Future<?>> parts = new ArrayList<>();
    if (workers == null) {
      fill(batch, 0, size);
    } else {
      int part = Math.max(1, size / 8);
      for (int from = 0; from < size; from += part) {
        int first = from;
        parts.add(workers.submit(() -> fill(batch, first, Math.min(size, first + part))));
      }
    }
    return new Pending(batch, parts);
  }

  /// Makes the views of images `from ... to-1` of the batch.
  private void fill(Batch batch, int from, int to) {
    List<Augmenter> makers = augmenters.get();
    float[] view = new float[makers.getFirst().size()];
    for (int i = from; i < to; i++) {
      int index = batch.indices()[i];
      Image image = plan.images.image(index);
      for (int v = 0; v < makers.size(); v++) {
        makers.get(v).apply(image, Augmenter.stream(plan.seed, batch.epoch(), index, v), view);
        MemorySegment.copy(
            view,
            0,
            batch.views().get(v),
            ValueLayout.JAVA_FLOAT,
            (long) i * view.length * Float.BYTES,
            view.length);
      }
    }
  }

  @Override
  public void close() {
    if (workers != null) {
      workers.shutdownNow();
      boolean ended = false;
      while (!ended) {
        try {
          ended = workers.awaitTermination(1, java.util.concurrent.TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
          Thread.currentThread().interrupt();
          ended = true;
        }
      }
    }
    arena.close();
  }
}
