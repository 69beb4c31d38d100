package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Arguments;
import ibrik.kernels.cuda.driver.CudaException;
import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.Dnn;
import ibrik.kernels.cuda.driver.Driver;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.backend.Recording;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One GPU in use: its context, its streams, its memory and the kernels loaded into it. All kernels
/// are enqueued on one stream, in the order of the calls; the other one is for batches.
final class CudaDevice {
  private final Driver driver;
  private final int index;
  private final DeviceInfo info;
  private final long context;
  private final long stream;
  private final long copyStream;
  private final CudaMemory memory;
  private final Staging staging;
  private final ImageCache images;
  private final boolean tf32;
  private final @Nullable Convolutions convolutions;
  private final Map<CudaSource, Long> modules = new ConcurrentHashMap<>();
  private final Map<Entry, Long> functions = new ConcurrentHashMap<>();
  private final ThreadLocal<Launch> launches = ThreadLocal.withInitial(() -> new Launch(this));
  private final Scratch scratch;

  private record Entry(CudaSource source, String kernel) {}

  CudaDevice(Driver driver, int index, Installation installation) {
    this.driver = driver;
    this.index = index;
    this.images = installation.images();
    this.info = driver.device(index);
    this.context = driver.context(index);
    driver.enter(context);
    this.stream = driver.createStream();
    this.copyStream = driver.createStream();
    this.memory = new CudaMemory(this, installation.capBytes(), installation.exactMemory());
    this.scratch = new Scratch(this);
    this.staging = new Staging(driver, stream);
    Convolutions.Policy policy = installation.convolutions();
    this.tf32 = policy.tf32();
    Dnn dnn = driver.dnn();
    this.convolutions = dnn == null ? null : new Convolutions(dnn, info, policy);
  }

  DeviceInfo info() {
    return info;
  }

  CudaMemory memory() {
    return memory;
  }

  /// The driver, with the context of this device in force on the calling thread.
  Driver driver() {
    driver.enter(context);
    return driver;
  }

  /// The stream that all kernels run on.
  long stream() {
    return stream;
  }

  /// The stream for copies from the host that go beside the kernels. Whoever uses it says by events
  /// what waits for what.
  long copyStream() {
    return copyStream;
  }

  // ---- kernels ----

  /// Kernel `name` of `source`, compiled and loaded on first use; add the arguments, then run.
  Launch kernel(CudaSource source, String name) {
    return launches.get().of(function(source, name));
  }

  long function(CudaSource source, String name) {
    Entry entry = new Entry(source, name);
    Long known = functions.get(entry);
    if (known == null) {
      Driver here = driver();
      long module = modules.computeIfAbsent(source, s -> here.load(images.image(here, info, s)));
      known = here.function(module, name);
      functions.put(entry, known);
    }
    return known;
  }

  void launch(long function, Grid grid, Arguments arguments) {
    driver().launch(function, grid, stream, arguments);
  }

  /// Convolutions of the library, or `null` where it is absent.
  @Nullable Convolutions convolutions() {
    return convolutions;
  }

  /// Whether products and convolutions of the libraries may round f32 to 10 bits of mantissa.
  boolean tf32() {
    return tf32;
  }

  /// Blocks that fill the device, for kernels that stride over their items.
  int fullGrid() {
    return 8 * info.multiprocessors();
  }

  // ---- memory ----

  /// Device memory for what a launch leaves to the next one of the same op. The address holds until
  /// the next request.
  long scratch(long bytes) {
    return scratch.take(bytes);
  }

  long allocate(long bytes) {
    return driver().allocate(bytes);
  }

  void free(long address) {
    driver().free(address);
  }

  void synchronize() {
    driver().synchronize(stream);
  }

  /// Takes down what `kernels` launches. Scratch memory that they use stays theirs.
  Recording record(Runnable kernels) {
    Driver here = driver();
    here.beginCapture(stream);
    try {
      kernels.run();
    } catch (RuntimeException | Error failed) {
      try {
        here.destroyGraph(here.endCapture(stream));
      } catch (CudaException broken) {
        failed.addSuppressed(broken);
      }
      throw failed;
    }
    long graph = here.endCapture(stream);
    scratch.pin();
    return new Graph(graph);
  }

  private final class Graph implements Recording {
    private final long graph;
    private boolean closed;

    Graph(long graph) {
      this.graph = graph;
    }

    @Override
    public void replay() {
      driver().launchGraph(graph, stream);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        synchronize(); // it may be running
        driver().destroyGraph(graph);
      }
    }
  }

  Staging staging() {
    driver.enter(context);
    return staging;
  }

  @Override
  public String toString() {
    return "cuda:" + index + " (" + info.name() + ")";
  }
}
