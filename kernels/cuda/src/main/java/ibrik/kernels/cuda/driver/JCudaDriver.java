package ibrik.kernels.cuda.driver;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuGetErrorName;
import static jcuda.driver.JCudaDriver.cuGetErrorString;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import java.nio.charset.StandardCharsets;
import java.util.List;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import org.jspecify.annotations.Nullable;

/// CUDA by JCuda: the driver's interface, NVRTC, and the two libraries where they are.
public final class JCudaDriver implements Driver {
  private final int version;
  private final String compiler;
  private final @Nullable JCudaBlas blas;
  private final @Nullable JCudaDnn dnn;
  private final Handles<CUcontext> contexts = new Handles<>("context");
  private final Handles<CUstream> streams = new Handles<>("stream");
  private final Handles<CUevent> events = new Handles<>("event");
  private final Handles<CUmodule> modules = new Handles<>("module");
  private final Handles<CUfunction> functions = new Handles<>("kernel");
  private final Handles<CUgraphExec> graphs = new Handles<>("graph");

  /// Starts the driver. The libraries it stands on must be loaded or on the loader's path.
  ///
  /// @param withBlas whether cuBLAS is there
  /// @param withDnn whether cuDNN is there
  public JCudaDriver(boolean withBlas, boolean withDnn) {
    check("cuInit", cuInit(0));
    int[] number = new int[1];
    check("cuDriverGetVersion", cuDriverGetVersion(number));
    version = number[0];
    int[] major = new int[1];
    int[] minor = new int[1];
    compiled("nvrtcVersion", JNvrtc.nvrtcVersion(major, minor));
    compiler = "NVRTC " + major[0] + "." + minor[0];
    blas = withBlas ? new JCudaBlas(streams) : null;
    dnn = withDnn ? new JCudaDnn(streams) : null;
  }

  static void check(String call, int status) {
    check(call, status, "");
  }

  private static void check(String call, int status, Object about) {
    if (status != 0) {
      String[] name = {"unknown"};
      String[] text = {""};
      cuGetErrorName(status, name);
      cuGetErrorString(status, text);
      throw new CudaException(call, status, name[0] + " (" + text[0] + ") " + about);
    }
  }

  // ---- devices ----

  @Override
  public String description() {
    return devices()
        + " x "
        + device(0).name()
        + ", driver for CUDA "
        + version / 1000
        + "."
        + version % 1000 / 10
        + ", "
        + compiler
        + (blas == null ? ", no cuBLAS" : ", cuBLAS")
        + (dnn == null ? ", no cuDNN" : ", " + dnn.version());
  }

  @Override
  public int devices() {
    int[] count = new int[1];
    check("cuDeviceGetCount", cuDeviceGetCount(count));
    return count[0];
  }

  @Override
  public DeviceInfo device(int index) {
    CUdevice device = new CUdevice();
    check("cuDeviceGet", cuDeviceGet(device, index));
    byte[] name = new byte[256];
    check("cuDeviceGetName", cuDeviceGetName(name, name.length, device));
    long[] bytes = new long[1];
    check("cuDeviceTotalMem", cuDeviceTotalMem(bytes, device));
    return new DeviceInfo(
        new String(name, StandardCharsets.UTF_8).split("\0", 2)[0],
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        bytes[0],
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
  }

  private static int attribute(CUdevice device, int which) {
    int[] value = new int[1];
    check("cuDeviceGetAttribute", cuDeviceGetAttribute(value, which, device));
    return value[0];
  }

  @Override
  public long context(int index) {
    CUdevice device = new CUdevice();
    check("cuDeviceGet", cuDeviceGet(device, index));
    CUcontext context = new CUcontext();
    check("cuDevicePrimaryCtxRetain", cuDevicePrimaryCtxRetain(context, device));
    return contexts.add(context);
  }

  @Override
  public void enter(long context) {
    check("cuCtxSetCurrent", cuCtxSetCurrent(contexts.get(context)));
  }

  @Override
  public void synchronize() {
    check("cuCtxSynchronize", cuCtxSynchronize());
  }

  // ---- memory ----

  @Override
  public long allocate(long bytes) {
    Addresses.Out out = new Addresses.Out();
    check("cuMemAlloc", cuMemAlloc(out, bytes), bytes + " bytes");
    return out.address();
  }

  @Override
  public void free(long address) {
    check("cuMemFree", cuMemFree(Addresses.device(address)));
  }

  @Override
  public long allocatePinned(long bytes) {
    Addresses.OutPointer out = new Addresses.OutPointer();
    check("cuMemHostAlloc", cuMemHostAlloc(out, bytes, 0), bytes + " bytes");
    return out.address();
  }

  @Override
  public void freePinned(long address) {
    check("cuMemFreeHost", cuMemFreeHost(Addresses.pointer(address)));
  }

  @Override
  public void copyToDevice(long to, long fromHost, long bytes, long stream) {
    check(
        "cuMemcpyHtoDAsync",
        cuMemcpyHtoDAsync(
            Addresses.device(to), Addresses.pointer(fromHost), bytes, streams.get(stream)));
  }

  @Override
  public void copyToHost(long toHost, long from, long bytes, long stream) {
    check(
        "cuMemcpyDtoHAsync",
        cuMemcpyDtoHAsync(
            Addresses.pointer(toHost), Addresses.device(from), bytes, streams.get(stream)));
  }

  @Override
  public void copyOnDevice(long to, long from, long bytes, long stream) {
    check(
        "cuMemcpyDtoDAsync",
        cuMemcpyDtoDAsync(
            Addresses.device(to), Addresses.device(from), bytes, streams.get(stream)));
  }

  @Override
  public void fill(long address, byte value, long bytes, long stream) {
    check(
        "cuMemsetD8Async",
        cuMemsetD8Async(Addresses.device(address), value, bytes, streams.get(stream)));
  }

  // ---- streams and events ----

  @Override
  public long createStream() {
    CUstream stream = new CUstream();
    check("cuStreamCreate", cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    return streams.add(stream);
  }

  @Override
  public void destroyStream(long stream) {
    check("cuStreamDestroy", cuStreamDestroy(streams.remove(stream)));
  }

  @Override
  public void synchronize(long stream) {
    check("cuStreamSynchronize", cuStreamSynchronize(streams.get(stream)));
  }

  @Override
  public long createEvent(boolean timed) {
    CUevent event = new CUevent();
    int flags = timed ? CUevent_flags.CU_EVENT_DEFAULT : CUevent_flags.CU_EVENT_DISABLE_TIMING;
    check("cuEventCreate", cuEventCreate(event, flags));
    return events.add(event);
  }

  @Override
  public void destroyEvent(long event) {
    check("cuEventDestroy", cuEventDestroy(events.remove(event)));
  }

  @Override
  public void record(long event, long stream) {
    check("cuEventRecord", cuEventRecord(events.get(event), streams.get(stream)));
  }

  @Override
  public void await(long event, long stream) {
    check("cuStreamWaitEvent", cuStreamWaitEvent(streams.get(stream), events.get(event), 0));
  }

  @Override
  public void synchronizeEvent(long event) {
    check("cuEventSynchronize", cuEventSynchronize(events.get(event)));
  }

  @Override
  public float milliseconds(long from, long to) {
    float[] time = new float[1];
    check("cuEventElapsedTime", cuEventElapsedTime(time, events.get(from), events.get(to)));
    return time[0];
  }

  // ---- kernels ----

  @Override
  public String compiler() {
    return compiler;
  }

  @Override
  public byte[] compile(String source, String name, List<String> options) {
    nvrtcProgram program = new nvrtcProgram();
    compiled("nvrtcCreateProgram", JNvrtc.nvrtcCreateProgram(program, source, name, 0, null, null));
    try {
      String[] flags = options.toArray(String[]::new);
      int status = JNvrtc.nvrtcCompileProgram(program, flags.length, flags);
      if (status != 0) {
        String[] log = {""};
        JNvrtc.nvrtcGetProgramLog(program, log);
        throw new CompileException(name, log[0].isBlank() ? explain(status) : log[0]);
      }
      long[] bytes = new long[1];
      compiled("nvrtcGetCUBINSize", JNvrtc.nvrtcGetCUBINSize(program, bytes));
      byte[] image = new byte[Math.toIntExact(bytes[0])];
      compiled("nvrtcGetCUBIN", JNvrtc.nvrtcGetCUBIN(program, image));
      return image;
    } finally {
      JNvrtc.nvrtcDestroyProgram(program);
    }
  }

  private static void compiled(String call, int status) {
    if (status != 0) {
      throw new CudaException(call, status, explain(status));
    }
  }

  private static String explain(int status) {
    return JNvrtc.nvrtcGetErrorString(status);
  }

  @Override
  public long load(byte[] image) {
    CUmodule module = new CUmodule();
    check("cuModuleLoadData", cuModuleLoadData(module, image), image.length + " bytes");
    return modules.add(module);
  }

  @Override
  public void unload(long module) {
    check("cuModuleUnload", cuModuleUnload(modules.remove(module)));
  }

  @Override
  public long function(long module, String name) {
    CUfunction function = new CUfunction();
    check("cuModuleGetFunction", cuModuleGetFunction(function, modules.get(module), name), name);
    return functions.add(function);
  }

  @Override
  public void allowShared(long function, int bytes) {
    check(
        "cuFuncSetAttribute",
        cuFuncSetAttribute(
            functions.get(function),
            CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
            bytes),
        bytes + " bytes of shared memory");
  }

  @Override
  public void launch(long function, Grid grid, long stream, Arguments arguments) {
    check(
        "cuLaunchKernel",
        cuLaunchKernel(
            functions.get(function),
            grid.x(),
            grid.y(),
            grid.z(),
            grid.blockX(),
            grid.blockY(),
            1,
            grid.sharedBytes(),
            streams.get(stream),
            Addresses.pointer(arguments.table().address()),
            null),
        grid);
  }

  // ---- graphs ----

  @Override
  public void beginCapture(long stream) {
    check(
        "cuStreamBeginCapture",
        cuStreamBeginCapture(
            streams.get(stream), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  }

  @Override
  public long endCapture(long stream) {
    CUgraph graph = new CUgraph();
    check("cuStreamEndCapture", cuStreamEndCapture(streams.get(stream), graph));
    CUgraphExec ready = new CUgraphExec();
    try {
      check("cuGraphInstantiate", cuGraphInstantiate(ready, graph, 0));
    } finally {
      cuGraphDestroy(graph);
    }
    return graphs.add(ready);
  }

  @Override
  public void launchGraph(long graph, long stream) {
    check("cuGraphLaunch", cuGraphLaunch(graphs.get(graph), streams.get(stream)));
  }

  @Override
  public void destroyGraph(long graph) {
    check("cuGraphExecDestroy", cuGraphExecDestroy(graphs.remove(graph)));
  }

  // ---- libraries ----

  @Override
  public @Nullable Blas blas() {
    return blas;
  }

  @Override
  public @Nullable Dnn dnn() {
    return dnn;
  }
}
