package ibrik.kernels.cuda.emulation;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ibrik.kernels.cuda.driver.Arguments;
import ibrik.kernels.cuda.driver.Blas;
import ibrik.kernels.cuda.driver.CudaException;
import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.Dnn;
import ibrik.kernels.cuda.driver.Driver;
import ibrik.kernels.cuda.driver.Grid;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Devices that are this machine's memory and processor. Every call is done when it returns; a
/// stream in capture takes launches and copies down instead. Memory lies between guard pages and
/// starts as NaN; a launch that touches other memory, or whose threads wait for ever, throws.
@SuppressWarnings("restricted") // native code is what this is about
public final class EmulatedDriver implements Driver {
  private static final int ERROR_BYTES = 512;

  private final EmulatedCompiler compiler;
  private final Arena arena = Arena.ofShared();
  private final MethodHandle launch;
  private final MethodHandle allocate;
  private final MethodHandle free;
  private final MemorySegment error = arena.allocate(ERROR_BYTES);
  private final Map<Long, SymbolLookup> modules = new HashMap<>();
  private final Map<Long, String> names = new HashMap<>();
  private final Map<Long, List<Runnable>> graphs = new HashMap<>();
  private final Map<Long, Long> bytes = new HashMap<>();
  private List<Runnable> capture;
  private long handles = 1000;
  private long seed = 1;

  /// @param folder where compiled kernels are kept
  public EmulatedDriver(Path folder) {
    compiler = new EmulatedCompiler(folder);
    SymbolLookup runtime = SymbolLookup.libraryLookup(compiler.runtime(), arena);
    Linker linker = Linker.nativeLinker();
    launch =
        linker.downcallHandle(
            runtime.findOrThrow("emu_launch"),
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
                JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG));
    allocate =
        linker.downcallHandle(
            runtime.findOrThrow("emu_allocate"), FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    free =
        linker.downcallHandle(
            runtime.findOrThrow("emu_free"), FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
  }

  /// Why nothing can be emulated here, or `null`.
  public static String refusal() {
    return EmulatedCompiler.refusal();
  }

  @Override
  public String description() {
    return "emulation by " + compiler();
  }

  @Override
  public int devices() {
    return 1;
  }

  @Override
  public DeviceInfo device(int index) {
    return new DeviceInfo("emulated", 8, 0, 2, 1L << 32, 48 << 10, 1 << 20);
  }

  @Override
  public long context(int device) {
    return 1;
  }

  @Override
  public void enter(long context) {}

  @Override
  public void synchronize() {}

  // ---- memory ----

  @Override
  public synchronized long allocate(long size) {
    if (capture != null) {
      throw new CudaException("allocate", 900, "not while a stream is in capture");
    }
    long at = call(() -> (long) allocate.invokeExact(size));
    if (at == 0) {
      throw new CudaException("allocate", CudaException.OUT_OF_MEMORY, size + " bytes");
    }
    bytes.put(at, size);
    return at;
  }

  @Override
  public synchronized void free(long address) {
    int state = call(() -> (int) free.invokeExact(address));
    Long size = bytes.remove(address);
    if (state != 0) {
      throw new CudaException(
          "free",
          state,
          state == 1 ? "no such block" : "bytes beside a block of " + size + " were written");
    }
  }

  @Override
  public long allocatePinned(long size) {
    return allocate(size);
  }

  @Override
  public void freePinned(long address) {
    free(address);
  }

  private void copy(long to, long from, long size) {
    enqueue(
        () ->
            MemorySegment.copy(
                MemorySegment.ofAddress(from).reinterpret(size),
                0,
                MemorySegment.ofAddress(to).reinterpret(size),
                0,
                size));
  }

  @Override
  public void copyToDevice(long to, long fromHost, long size, long stream) {
    copy(to, fromHost, size);
  }

  @Override
  public void copyToHost(long toHost, long from, long size, long stream) {
    copy(toHost, from, size);
  }

  @Override
  public void copyOnDevice(long to, long from, long size, long stream) {
    copy(to, from, size);
  }

  @Override
  public void fill(long address, byte value, long size, long stream) {
    enqueue(() -> MemorySegment.ofAddress(address).reinterpret(size).fill(value));
  }

  // ---- streams and events: all is done at once ----

  @Override
  public synchronized long createStream() {
    return ++handles;
  }

  @Override
  public void destroyStream(long stream) {}

  @Override
  public void synchronize(long stream) {
    if (capture != null) {
      throw new CudaException("synchronize", 900, "not while a stream is in capture");
    }
  }

  @Override
  public synchronized long createEvent(boolean timed) {
    return ++handles;
  }

  @Override
  public void destroyEvent(long event) {}

  @Override
  public void record(long event, long stream) {}

  @Override
  public void await(long event, long stream) {}

  @Override
  public void synchronizeEvent(long event) {
    synchronize(event);
  }

  @Override
  public float milliseconds(long from, long to) {
    return 0;
  }

  // ---- kernels ----

  @Override
  public String compiler() {
    return "g++";
  }

  @Override
  public byte[] compile(String source, String name, List<String> options) {
    return compiler.compile(source, name, options).toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public synchronized long load(byte[] image) {
    Path library = Path.of(new String(image, StandardCharsets.UTF_8));
    modules.put(++handles, SymbolLookup.libraryLookup(library, arena));
    return handles;
  }

  @Override
  public synchronized void unload(long module) {
    modules.remove(module);
  }

  @Override
  public synchronized long function(long module, String name) {
    MemorySegment found =
        modules
            .get(module)
            .find("emu_kernel_" + name)
            .orElseThrow(() -> new CudaException("function", 500, "no kernel " + name));
    names.put(found.address(), name);
    return found.address();
  }

  @Override
  public void allowShared(long function, int size) {}

  @Override
  public void launch(long function, Grid grid, long stream, Arguments arguments) {
    Arguments own = capture == null ? arguments : arguments.copy();
    enqueue(() -> run(function, grid, own));
  }

  private synchronized void run(long function, Grid grid, Arguments arguments) {
    int failed =
        call(
            () ->
                (int)
                    launch.invokeExact(
                        MemorySegment.ofAddress(function),
                        grid.x(),
                        grid.y(),
                        grid.z(),
                        grid.blockX(),
                        grid.blockY(),
                        1,
                        (long) grid.sharedBytes(),
                        arguments.table(),
                        seed += 2,
                        error,
                        (long) ERROR_BYTES));
    if (failed != 0) {
      throw new CudaException(
          "launch", 700, names.get(function) + ", " + grid + ": " + error.getString(0));
    }
  }

  private synchronized void enqueue(Runnable work) {
    if (capture == null) {
      work.run();
    } else {
      capture.add(work);
    }
  }

  // ---- graphs ----

  @Override
  public synchronized void beginCapture(long stream) {
    capture = new ArrayList<>();
  }

  @Override
  public synchronized long endCapture(long stream) {
    graphs.put(++handles, capture);
    capture = null;
    return handles;
  }

  @Override
  public void launchGraph(long graph, long stream) {
    graphs.get(graph).forEach(this::enqueue);
  }

  @Override
  public synchronized void destroyGraph(long graph) {
    graphs.remove(graph);
  }

  @Override
  public Blas blas() {
    return null;
  }

  @Override
  public Dnn dnn() {
    return null;
  }

  private interface Call<R> {
    R run() throws Throwable;
  }

  private static <R> R call(Call<R> call) {
    try {
      return call.run();
    } catch (Throwable broken) {
      throw new IllegalStateException(broken);
    }
  }
}
