package ibrik.ssl.data;

import ibrik.ssl.augment.Augmenter;
import ibrik.ssl.augment.BorderSaliency;
import ibrik.ssl.augment.Saliency;
import ibrik.ssl.augment.View;
import ibrik.tensor.Shape;
import ibrik.tensor.random.PhiloxStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Feeds training: shuffles each epoch, makes views in the background, hands out batches in order.
///
/// The order of an epoch depends on (seed, epoch), a view on (seed, epoch, image, view): the number
/// of workers changes nothing but speed, and a run can start at any step. The last, incomplete
/// batch of an epoch is dropped. Buffers are reused: a handful is in flight, no more. Not
/// thread-safe: one thread asks for batches and closes the loader.
public final class BatchLoader implements AutoCloseable {
  /// Stream number of shuffles: beyond those of views.
  private static final long SHUFFLE = 1L << 63;

  /// Batches made ahead of the one in use.
  private static final int AHEAD = 3;

  /// What to load.
  ///
  /// @param images where from
  /// @param height rows of a view that names no size of its own
  /// @param width columns of such a view
  /// @param channels 1 or 3
  /// @param mean per channel
  /// @param std per channel
  /// @param views recipe of each view
  /// @param batchSize images per batch
  /// @param seed names all random numbers
  /// @param saliency for views that grey the background
  public record Plan(
      ImageSet images,
      int height,
      int width,
      int channels,
      List<Float> mean,
      List<Float> std,
      List<View> views,
      int batchSize,
      long seed,
      Saliency saliency) {
    /// Most views of an image: their number is part of the name of their random numbers.
    private static final int MAX_VIEWS = 16;

    /// Checks and copies.
    public Plan {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
      views = List.copyOf(views);
      if (batchSize < 1 || batchSize > images.size()) {
        throw new IllegalArgumentException(
            "[loader] batch size must be between 1 and the "
                + images.size()
                + " training images; got "
                + batchSize);
      }
      if (views.isEmpty() || views.size() > MAX_VIEWS) {
        throw new IllegalArgumentException(
            "[loader] needs 1 to " + MAX_VIEWS + " views; got " + views.size());
      }
      if (height < 1
          || width < 1
          || (channels != 1 && channels != 3)
          || mean.size() != channels
          || std.size() != channels) {
        throw new IllegalArgumentException(
            "[loader] views need a pixel, 1 or 3 channels, and a mean and a deviation for each;"
                + " got "
                + height
                + "x"
                + width
                + "x"
                + channels
                + ", mean "
                + mean
                + ", std "
                + std);
      }
    }

    /// With [BorderSaliency].
    public Plan(
        ImageSet images,
        int height,
        int width,
        int channels,
        List<Float> mean,
        List<Float> std,
        List<View> views,
        int batchSize,
        long seed) {
      this(
          images, height, width, channels, mean, std, views, batchSize, seed, new BorderSaliency());
    }

    /// `[batchSize, H, W, C]` of each view.
    public List<Shape> shapes() {
      return views.stream()
          .map(view -> Shape.of(batchSize, view.side(height), view.side(width), channels))
          .toList();
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
          seed,
          data.saliency());
    }
  }

  private final Plan plan;
  private final List<Shape> shapes;
  private final int stepsPerEpoch;
  private final int ahead;
  private final Arena arena = Arena.ofShared();
  private final @Nullable ExecutorService workers;
  private final Deque<List<MemorySegment>> free = new ArrayDeque<>();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private final List<Augmenter> augmenters;
  private int[] order = new int[0];
  private int orderEpoch = -1;
  private long nextStep;
  private @Nullable Batch last;
  private boolean closed;

  private record Pending(Batch batch, List<Future<?>> parts) {}

  /// A loader whose first batch is that of step `firstStep`, counted over all epochs.
  ///
  /// @param workers threads that make views; 0 makes them on the calling thread
  @SuppressWarnings("MustBeClosedChecker") // the arena closes with the loader
  public BatchLoader(Plan plan, int workers, long firstStep) {
    if (workers < 0 || firstStep < 0) {
      throw new IllegalArgumentException(
          "[loader] workers and first step must be at least 0; got "
              + workers
              + " workers, first step "
              + firstStep);
    }
    this.plan = plan;
    this.stepsPerEpoch = plan.images.size() / plan.batchSize;
    this.nextStep = firstStep;
    this.ahead = workers == 0 ? 0 : AHEAD;
    this.augmenters = augmenters(plan);
    this.shapes = plan.shapes();
    try {
      for (int i = 0; i < ahead + 1; i++) {
        List<MemorySegment> buffers = new ArrayList<>();
        for (Shape shape : shapes) {
          buffers.add(arena.allocate(shape.elems() * Float.BYTES, 64));
        }
        free.add(List.copyOf(buffers));
      }
    } catch (OutOfMemoryError tooMuch) {
      arena.close();
      throw tooMuch;
    }
    this.workers =
        workers == 0
            ? null
            : Executors.newFixedThreadPool(
                workers, Thread.ofPlatform().daemon().name("ibrik-loader-", 1).factory());
  }

  private static List<Augmenter> augmenters(Plan plan) {
    return plan.views.stream()
        .map(
            view ->
                new Augmenter(
                    view,
                    view.side(plan.height),
                    view.side(plan.width),
                    plan.channels,
                    plan.mean,
                    plan.std,
                    plan.saliency))
        .toList();
  }

  /// Batches in one epoch.
  public int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /// The next batch; the memory of the one before is taken back. One thread at a time may ask.
  ///
  /// After a failure no batch comes any more: each call throws the same again. A thread that is
  /// interrupted while it waits may ask again, and misses nothing.
  ///
  /// @throws DataException if an image of it cannot be read
  /// @throws IllegalStateException if a view cannot be made, the waiting thread is interrupted, or
  ///   the loader is closed
  public Batch next() {
    if (closed) {
      throw new IllegalStateException("[loader] is closed; open another one");
    }
    if (last != null) {
      free.add(last.views());
      last = null;
    }
    while (pending.size() < Math.max(1, ahead) && !free.isEmpty()) {
      pending.add(start(nextStep));
      nextStep++;
    }
    try {
      for (Future<?> part : pending.element().parts) {
        part.get();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("[loader] interrupted while waiting for images", stopped);
    } catch (ExecutionException broken) {
      // The batch stays at the head of the queue, and fails again if it is asked for again.
      throw failed(Objects.requireNonNullElse(broken.getCause(), broken));
    }
    last = pending.remove().batch;
    return last;
  }

  /// Not the exception of the worker itself, whose trace says nothing of who asked.
  private static RuntimeException failed(Throwable cause) {
    return cause instanceof DataException
        ? new DataException(Objects.requireNonNullElse(cause.getMessage(), ""), cause)
        : new IllegalStateException("[loader] a view cannot be made: " + cause, cause);
  }

  private Pending start(long globalStep) {
    int epoch = Math.toIntExact(globalStep / stepsPerEpoch);
    int step = (int) (globalStep % stepsPerEpoch);
    if (epoch != orderEpoch) {
      order = new PhiloxStream(plan.seed, SHUFFLE | epoch).permutation(plan.images.size());
      orderEpoch = epoch;
    }
    int size = plan.batchSize;
    int[] indices = Arrays.copyOfRange(order, step * size, (step + 1) * size);
    int[] labels = Arrays.stream(indices).map(plan.images::label).toArray();
    Batch batch = new Batch(epoch, step, indices, labels, free.remove(), shapes);
    List<Future<?>> parts = new ArrayList<>();
    int part = workers == null ? size : Math.max(1, size / 8);
    for (int from = 0; from < size; from += part) {
      int first = from;
      FutureTask<?> task =
          new FutureTask<>(() -> fill(batch, first, Math.min(size, first + part)), null);
      if (workers == null) {
        task.run();
      } else {
        workers.execute(task);
      }
      parts.add(task);
    }
    return new Pending(batch, parts);
  }

  /// Makes the views of images `from ... to-1` of the batch.
  private void fill(Batch batch, int from, int to) {
    for (int i = from; i < to; i++) {
      int index = batch.indices()[i];
      Image image = plan.images.image(index);
      String name = plan.images.name(index);
      for (int v = 0; v < augmenters.size(); v++) {
        Augmenter maker = augmenters.get(v);
        PhiloxStream random = Augmenter.stream(plan.seed, batch.epoch(), index, v);
        long at = (long) i * maker.size() * Float.BYTES;
        maker.apply(image, name, random, batch.views().get(v), at);
      }
    }
  }

  /// Stops the workers, waits for them, and frees the memory of all batches. A second call does
  /// nothing.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (workers != null) {
      workers.shutdownNow();
      awaitEnd(workers);
    }
    arena.close();
  }

  /// Waits even if it is interrupted: the workers write to the memory that is freed next.
  private static void awaitEnd(ExecutorService workers) {
    boolean interrupted = false;
    while (!workers.isTerminated()) {
      try {
        boolean _ = workers.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException stopped) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
