package ibrik.kernels.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Does nothing and writes down what it was asked: one device with as much memory as the test says.
/// Memory is host memory, so copies are real.
@SuppressWarnings("restricted") // addresses become memory again
public final class RecordingDriver implements Driver {
  /// The calls in order, without those that only enter a context.
  public final List<String> calls = new ArrayList<>();

  /// Libraries that it has; none by default.
  public Blas blas;

  public Dnn dnn;

  /// What the compiler calls itself.
  public String compilerName = "recorded 1.0";

  private final long memoryBytes;
  private final Map<Long, Arena> blocks = new HashMap<>();
  private final Map<Long, Long> sizes = new HashMap<>();
  private long used;
  private long handles;

  /// A device of `memoryBytes` bytes.
  public RecordingDriver(long memoryBytes) {
    this.memoryBytes = memoryBytes;
  }

  private long handle(String call) {
    calls.add(call);
    return ++handles;
  }

  /// Number of calls that start with `prefix`.
  public long count(String prefix) {
    return calls.stream().filter(call -> call.startsWith(prefix)).count();
  }

  @Override
  public String description() {
    return "recorded";
  }

  @Override
  public int devices() {
    return 1;
  }

  @Override
  public DeviceInfo device(int index) {
    return new DeviceInfo("paper", 9, 0, 4, memoryBytes, 1 << 16, 1 << 20);
  }

  @Override
  public long context(int device) {
    return handle("context");
  }

  @Override
  public void enter(long context) {}

  @Override
  public void synchronize() {
    calls.add("synchronize");
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // free() closes it
  public long allocate(long bytes) {
    if (bytes > memoryBytes - used) {
      calls.add("allocate " + bytes + " refused");
      throw new CudaException("cuMemAlloc", CudaException.OUT_OF_MEMORY, bytes + " bytes");
    }
    calls.add("allocate " + bytes);
    Arena arena = Arena.ofShared();
    long address = arena.allocate(bytes, 256).address();
    blocks.put(address, arena);
    sizes.put(address, bytes);
    used += bytes;
    return address;
  }

  @Override
  public void free(long address) {
    long bytes = sizes.remove(address);
    calls.add("free " + bytes);
    used -= bytes;
    blocks.remove(address).close();
  }

  @Override
  public long allocatePinned(long bytes) {
    calls.add("allocatePinned " + bytes);
    return Arena.global().allocate(bytes, 64).address();
  }

  @Override
  public void freePinned(long address) {
    calls.add("freePinned");
  }

  private void copy(String call, long to, long from, long bytes, long stream) {
    calls.add(call + " " + bytes + " on " + stream);
    MemorySegment.copy(
        MemorySegment.ofAddress(from).reinterpret(bytes),
        0,
        MemorySegment.ofAddress(to).reinterpret(bytes),
        0,
        bytes);
  }

  @Override
  public void copyToDevice(long to, long fromHost, long bytes, long stream) {
    copy("copyToDevice", to, fromHost, bytes, stream);
  }

  @Override
  public void copyToHost(long toHost, long from, long bytes, long stream) {
    copy("copyToHost", toHost, from, bytes, stream);
  }

  @Override
  public void copyOnDevice(long to, long from, long bytes, long stream) {
    copy("copyOnDevice", to, from, bytes, stream);
  }

  @Override
  public void fill(long address, byte value, long bytes, long stream) {
    calls.add("fill " + bytes);
  }

  @Override
  public long createStream() {
    return handle("createStream");
  }

  @Override
  public void destroyStream(long stream) {
    calls.add("destroyStream");
  }

  @Override
  public void synchronize(long stream) {
    calls.add("synchronize stream");
  }

  @Override
  public long createEvent(boolean timed) {
    return handle("createEvent");
  }

  @Override
  public void destroyEvent(long event) {
    calls.add("destroyEvent");
  }

  @Override
  public void record(long event, long stream) {
    calls.add("record " + event + " on " + stream);
  }

  @Override
  public void await(long event, long stream) {
    calls.add("await " + event + " on " + stream);
  }

  @Override
  public void synchronizeEvent(long event) {
    calls.add("synchronizeEvent " + event);
  }

  @Override
  public float milliseconds(long from, long to) {
    return 0;
  }

  @Override
  public String compiler() {
    return compilerName;
  }

  @Override
  public byte[] compile(String source, String name, List<String> options) {
    calls.add("compile " + name + " " + options);
    return ("code of " + source).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public long load(byte[] image) {
    return handle("load");
  }

  @Override
  public void unload(long module) {
    calls.add("unload");
  }

  @Override
  public long function(long module, String name) {
    return handle("function " + name);
  }

  @Override
  public void allowShared(long function, int bytes) {
    calls.add("allowShared " + bytes);
  }

  @Override
  public void launch(long function, Grid grid, long stream, Arguments arguments) {
    calls.add("launch " + grid + " with " + arguments.count());
  }

  @Override
  public void beginCapture(long stream) {
    calls.add("beginCapture");
  }

  @Override
  public long endCapture(long stream) {
    return handle("endCapture");
  }

  @Override
  public void launchGraph(long graph, long stream) {
    calls.add("launchGraph");
  }

  @Override
  public void destroyGraph(long graph) {
    calls.add("destroyGraph");
  }

  @Override
  public Blas blas() {
    return blas;
  }

  @Override
  public Dnn dnn() {
    return dnn;
  }
}
