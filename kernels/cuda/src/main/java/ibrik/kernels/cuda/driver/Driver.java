package ibrik.kernels.cuda.driver;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// All that the backend asks of CUDA. Handles and device addresses are numbers; 0 is none. Every
/// call that fails throws a [CudaException]. Calls that take a stream only enqueue.
public interface Driver {
  // ---- devices ----

  /// One line for logs: the binding, versions of driver and libraries.
  String description();

  /// How many devices there are.
  int devices();

  /// What device `index` is.
  DeviceInfo device(int index);

  /// The context of a device that all users in this process share.
  long context(int device);

  /// Makes `context` that of the calling thread, for the calls that follow.
  void enter(long context);

  /// Waits for all that the context of the calling thread has enqueued.
  void synchronize();

  // ---- memory ----

  /// `bytes > 0` bytes of device memory, aligned to 256.
  ///
  /// @throws CudaException with code [CudaException#OUT_OF_MEMORY] if there is no more
  long allocate(long bytes);

  /// Gives memory back; may wait for the device.
  void free(long address);

  /// Page-locked host memory.
  long allocatePinned(long bytes);

  /// Gives page-locked host memory back.
  void freePinned(long address);

  /// From host memory to the device; asynchronous where the host memory is page-locked.
  void copyToDevice(long to, long fromHost, long bytes, long stream);

  /// From the device to host memory; asynchronous where the host memory is page-locked.
  void copyToHost(long toHost, long from, long bytes, long stream);

  /// From device memory to device memory.
  void copyOnDevice(long to, long from, long bytes, long stream);

  /// Sets every byte.
  void fill(long address, byte value, long bytes, long stream);

  // ---- streams and events ----

  /// A stream that does not wait for the default stream.
  long createStream();

  /// Frees a stream once its work is done.
  void destroyStream(long stream);

  /// Waits until all work enqueued on `stream` is done.
  void synchronize(long stream);

  /// An event; with `timed` it can be used in [#milliseconds]. One that was never recorded counts
  /// as one that has happened.
  long createEvent(boolean timed);

  /// Frees an event.
  void destroyEvent(long event);

  /// Marks this point of `stream`.
  void record(long event, long stream);

  /// Lets `stream` wait for `event`.
  void await(long event, long stream);

  /// Waits on the host for `event`.
  void synchronizeEvent(long event);

  /// Time between two timed events that have happened.
  float milliseconds(long from, long to);

  // ---- kernels ----

  /// What the compiler calls itself: part of the key of its results.
  String compiler();

  /// Compiles CUDA C++ to machine code.
  ///
  /// @param source one text without `#include`s of its own
  /// @param name of the file, for messages
  /// @param options as the compiler takes them, such as `-DT=float` and `-arch=sm_90`
  /// @throws CompileException with the compiler's messages
  byte[] compile(String source, String name, List<String> options);

  /// Loads machine code into the context of the calling thread.
  long load(byte[] image);

  /// Unloads it.
  void unload(long module);

  /// A kernel of a module.
  long function(long module, String name);

  /// Lets blocks of `function` ask for up to `bytes` of dynamic shared memory.
  void allowShared(long function, int bytes);

  /// Enqueues a kernel. The arguments are copied before the call returns.
  void launch(long function, Grid grid, long stream, Arguments arguments);

  // ---- graphs ----

  /// From here on, `stream` takes work down instead of doing it.
  void beginCapture(long stream);

  /// What was taken down, ready to launch. If the capture was broken by a call that cannot be
  /// captured, throws.
  long endCapture(long stream);

  /// Enqueues all of it at once.
  void launchGraph(long graph, long stream);

  /// Frees a graph.
  void destroyGraph(long graph);

  // ---- libraries; where one is absent our own kernels serve ----

  /// Matrix products of cuBLAS, or `null` where it was not found.
  @Nullable Blas blas();

  /// Convolutions of cuDNN, or `null` where it was not found.
  @Nullable Dnn dnn();
}
