package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Arguments;
import ibrik.kernels.cuda.driver.Blas;
import ibrik.kernels.cuda.driver.CompileException;
import ibrik.kernels.cuda.driver.CudaException;
import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.Dnn;
import ibrik.kernels.cuda.driver.Driver;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.kernels.cuda.driver.JCudaDriver;
import ibrik.kernels.cuda.emulation.EmulatedDriver;
import ibrik.spec.Input;
import ibrik.spec.OpSpec;
import ibrik.spec.OpSpecs;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Program;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Reduce;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A process of its own in which the fake libraries stand in for CUDA: the whole backend by way of
/// the binding. Prints `all is right`, or throws.
final class FakeMachine {
  /// Set in this process: then the device of the tests is the fake.
  static final String PROPERTY = "ibrik.test.fake";

  private FakeMachine() {}

  /// The binding, with g++ in the place of NVRTC.
  static Driver driver(Path folder) {
    for (Libraries.Library library :
        List.of(Libraries.DRIVER, Libraries.COMPILER, Libraries.BLAS, Libraries.DNN)) {
      String failed = new Libraries(List.of(folder)).load(library);
      if (failed != null) {
        throw new IllegalStateException(failed);
      }
    }
    return new WithEmulatedCompiler(
        new JCudaDriver(true, true), new EmulatedDriver(EmulatedBackend.folder()));
  }

  public static void main(String[] args) {
    PrintStream out = System.out;
    Driver driver = ((CudaBackend) Backends.of(EmulatedBackend.DEVICE)).gpu(0).driver();
    expect(
        "1 x fake, driver for CUDA 12.6, NVRTC 12.6, cuBLAS, cuDNN 90500",
        Backends.of(EmulatedBackend.DEVICE).description());
    compiler(new JCudaDriver(false, false));
    errors(driver);
    libraries(driver);
    int compared = 0;
    for (OpSpec spec : OpSpecs.all()) {
      boolean wanted =
          spec.op() instanceof Linear
              || spec.op() instanceof Reduce.Sum
              || spec.op() instanceof Elementwise.Add;
      for (DType type : List.of(DType.F32, DType.F64)) {
        if (wanted && CudaSpecTest.served(spec, type)) {
          try (TensorScope _ = TensorScope.open()) {
            CudaSpecTest.compare(spec, spec.make(type, EmulatedBackend.DEVICE, 21));
            compared++;
          }
        }
      }
    }
    for (OpSpec product : broadcastProducts()) {
      try (TensorScope _ = TensorScope.open()) {
        CudaSpecTest.compare(product, product.make(DType.F32, EmulatedBackend.DEVICE, 22));
        compared++;
      }
    }
    program();
    anotherThread();
    expect("0", Long.toString(Backends.of(EmulatedBackend.DEVICE).memory(0).liveBytes()));
    out.println("all is right: " + compared + " samples");
  }

  private static void compiler(Driver driver) {
    expect(
        "text|-DN=3|-arch=sm_90",
        new String(
            driver.compile("text", "a.cu", List.of("-DN=3", "-arch=sm_90")),
            StandardCharsets.UTF_8));
    try {
      driver.compile("wrong", "a.cu", List.of());
      throw new AssertionError("compiled");
    } catch (CompileException refused) {
      expect("[cuda] a.cu does not compile:\na.cu(1): error: wrong", refused.getMessage());
    }
  }

  /// Algorithms by each choice, and a product with f32 as it is and rounded.
  private static void libraries(Driver driver) {
    Dnn dnn = driver.dnn();
    long stream = driver.createStream();
    for (Dnn.Role role : Dnn.Role.values()) {
      Dnn.Pair one = new Dnn.Pair(1, 1);
      Dnn.Extents image = new Dnn.Extents(1, 4, 4, 2);
      Dnn.Extents filter = new Dnn.Extents(2, 3, 3, 2);
      Dnn.Convolution convolution =
          new Dnn.Convolution(role, DType.F32, image, filter, image, one, one, one, 1, false);
      expect("3", dnn.choose(convolution, Dnn.Choice.HEURISTIC, stream) + "");
      expect("5", dnn.choose(convolution, Dnn.Choice.MEASURED, stream) + "");
      expect("1", dnn.choose(convolution, Dnn.Choice.FASTEST, stream) + "");
      expect("6144", dnn.workspaceBytes(convolution, 5, stream) + "");
      expect("-1", dnn.workspaceBytes(convolution, 7, stream) + "");
    }
    expect("cuDNN 90500", dnn.version());
    float fine = 1 + 0x1p-12f;
    CudaDevice gpu = ((CudaBackend) Backends.of(EmulatedBackend.DEVICE)).gpu(0);
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {fine}, 1, 1).to(EmulatedBackend.DEVICE);
      Tensor y = Tensor.of(new float[] {0}, 1, 1).to(EmulatedBackend.DEVICE);
      long at = CudaBuffer.address(x);
      Blas.Gemm exact = new Blas.Gemm(DType.F32, false, false, 1, 1, 1, 0, 0, 1, false);
      driver.blas().gemm(exact, at, at, CudaBuffer.address(y), gpu.stream());
      expect(Double.toString(fine * fine), Double.toString(y.item()));
      driver.blas().gemm(exact.rounded(), at, at, CudaBuffer.address(y), gpu.stream());
      expect("1.0", y.item() + "");
    }
    driver.destroyStream(stream);
  }

  private static void errors(Driver driver) {
    try {
      driver.allocate(1L << 40);
      throw new AssertionError("allocated");
    } catch (CudaException full) {
      expect(Integer.toString(CudaException.OUT_OF_MEMORY), Integer.toString(full.code()));
      expect(
          "[cuda] cuMemAlloc failed with status 2: CUDA_ERROR_OUT_OF_MEMORY (by the fake)"
              + " 1099511627776 bytes",
          full.getMessage());
    }
    long timed = driver.createEvent(true);
    expect("1.5", Float.toString(driver.milliseconds(timed, timed)));
    driver.destroyEvent(timed);
    driver.synchronize();
  }

  /// Batches of which one operand has one matrix for all.
  private static List<OpSpec> broadcastProducts() {
    Linear.MatMul product = new Linear.MatMul(false, true);
    return List.of(
        OpSpec.flat(product, Input.normal(5, 2, 3), Input.normal(4, 3)).depth(3),
        OpSpec.flat(product, Input.normal(2, 3), Input.normal(5, 4, 3)).depth(3),
        OpSpec.flat(product, Input.normal(5, 2, 3), Input.normal(5, 4, 3)).depth(3),
        OpSpec.flat(product, Input.normal(2, 1, 2, 3), Input.normal(3, 4, 3)).depth(3));
  }

  /// A context is that of one thread: a launch from another one enters it first.
  private static void anotherThread() {
    List<Throwable> failures = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1, 2}, 2).to(EmulatedBackend.DEVICE);
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (TensorScope _ = TensorScope.open()) {
                      expect("[2.0, 4.0]", Arrays.toString(x.add(x).toFloats()));
                    } catch (RuntimeException | Error failed) {
                      failures.add(failed);
                    }
                  });
      thread.join();
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.getFirst());
    }
  }

  /// A product, a sum and an update in a graph.
  private static void program() {
    try (TensorScope _ = TensorScope.open();
        Variable x =
            Variable.of("x", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).to(EmulatedBackend.DEVICE));
        Program step =
            Program.capture(
                () -> List.of(x.value().matMul(x.value()).add(1).sum(List.of(0), false)))) {
      for (int i = 0; i < 4; i++) {
        x.set(Tensor.of(new float[] {1, 2, 3, i}, 2, 2).to(EmulatedBackend.DEVICE));
        step.replay();
        float[] want = {7 + 3 + 3 * i + 2, 2 + 2 * i + 6 + i * i + 2};
        expect(Arrays.toString(want), Arrays.toString(step.outputs().getFirst().toFloats()));
      }
    }
  }

  private static void expect(String want, String got) {
    if (!want.equals(got)) {
      throw new AssertionError("wanted " + want + ", got " + got);
    }
  }

  /// All calls go to the binding but those of the compiler.
  private record WithEmulatedCompiler(Driver bound, EmulatedDriver compilers) implements Driver {
    @Override
    public String description() {
      return bound.description();
    }

    @Override
    public int devices() {
      return bound.devices();
    }

    @Override
    public DeviceInfo device(int index) {
      return bound.device(index);
    }

    @Override
    public long context(int device) {
      return bound.context(device);
    }

    @Override
    public void enter(long context) {
      bound.enter(context);
    }

    @Override
    public void synchronize() {
      bound.synchronize();
    }

    @Override
    public long allocate(long bytes) {
      return bound.allocate(bytes);
    }

    @Override
    public void free(long address) {
      bound.free(address);
    }

    @Override
    public long allocatePinned(long bytes) {
      return bound.allocatePinned(bytes);
    }

    @Override
    public void freePinned(long address) {
      bound.freePinned(address);
    }

    @Override
    public void copyToDevice(long to, long fromHost, long bytes, long stream) {
      bound.copyToDevice(to, fromHost, bytes, stream);
    }

    @Override
    public void copyToHost(long toHost, long from, long bytes, long stream) {
      bound.copyToHost(toHost, from, bytes, stream);
    }

    @Override
    public void copyOnDevice(long to, long from, long bytes, long stream) {
      bound.copyOnDevice(to, from, bytes, stream);
    }

    @Override
    public void fill(long address, byte value, long bytes, long stream) {
      bound.fill(address, value, bytes, stream);
    }

    @Override
    public long createStream() {
      return bound.createStream();
    }

    @Override
    public void destroyStream(long stream) {
      bound.destroyStream(stream);
    }

    @Override
    public void synchronize(long stream) {
      bound.synchronize(stream);
    }

    @Override
    public long createEvent(boolean timed) {
      return bound.createEvent(timed);
    }

    @Override
    public void destroyEvent(long event) {
      bound.destroyEvent(event);
    }

    @Override
    public void record(long event, long stream) {
      bound.record(event, stream);
    }

    @Override
    public void await(long event, long stream) {
      bound.await(event, stream);
    }

    @Override
    public void synchronizeEvent(long event) {
      bound.synchronizeEvent(event);
    }

    @Override
    public float milliseconds(long from, long to) {
      return bound.milliseconds(from, to);
    }

    @Override
    public String compiler() {
      return compilers.compiler();
    }

    /// The path of the library, ended as C wants it.
    @Override
    public byte[] compile(String source, String name, List<String> options) {
      byte[] path = compilers.compile(source, name, options);
      return Arrays.copyOf(path, path.length + 1);
    }

    @Override
    public long load(byte[] image) {
      return bound.load(image);
    }

    @Override
    public void unload(long module) {
      bound.unload(module);
    }

    @Override
    public long function(long module, String name) {
      return bound.function(module, name);
    }

    @Override
    public void allowShared(long function, int bytes) {
      bound.allowShared(function, bytes);
    }

    @Override
    public void launch(long function, Grid grid, long stream, Arguments arguments) {
      bound.launch(function, grid, stream, arguments);
    }

    @Override
    public void beginCapture(long stream) {
      bound.beginCapture(stream);
    }

    @Override
    public long endCapture(long stream) {
      return bound.endCapture(stream);
    }

    @Override
    public void launchGraph(long graph, long stream) {
      bound.launchGraph(graph, stream);
    }

    @Override
    public void destroyGraph(long graph) {
      bound.destroyGraph(graph);
    }

    @Override
    public Blas blas() {
      return bound.blas();
    }

    @Override
    public Dnn dnn() {
      return bound.dnn();
    }
  }
}
