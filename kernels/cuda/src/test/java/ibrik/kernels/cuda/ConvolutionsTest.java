package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.kernels.cuda.driver.Blas;
import ibrik.kernels.cuda.driver.DeviceInfo;
import ibrik.kernels.cuda.driver.Dnn;
import ibrik.kernels.cuda.driver.Dnn.Choice;
import ibrik.kernels.cuda.driver.Dnn.Convolution;
import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Algorithms of convolutions: chosen once, kept on disk, and only taken from there when they are
/// meant; and how f32 is handed to the libraries.
@ExtendWith(LiveBytes.class)
class ConvolutionsTest {
  private static final DeviceInfo H200 = new DeviceInfo("H200", 9, 0, 132, 1, 1, 1);
  private static final DeviceInfo A100 = new DeviceInfo("A100", 8, 0, 108, 1, 1, 1);
  private static final Conv2dGeometry SAME = Conv2dGeometry.of(1, 1);

  @TempDir Path folder;

  private final Library library = new Library();

  /// A library whose choice is a number of its own for every question.
  private static final class Library implements Dnn {
    final List<String> asked = new ArrayList<>();
    final List<Convolution> ran = new ArrayList<>();
    String version = "library 1";
    int next = 5;
    int unusable = -1;

    @Override
    public String version() {
      return version;
    }

    @Override
    public int choose(Convolution convolution, Choice choice, long stream) {
      asked.add(choice.toString());
      return next++;
    }

    @Override
    public long workspaceBytes(Convolution convolution, int algorithm, long stream) {
      return algorithm == unusable ? -1 : 100L * algorithm;
    }

    @Override
    public void run(
        Convolution convolution,
        int algorithm,
        long x,
        long w,
        long y,
        long workspace,
        long workspaceBytes,
        long stream) {
      assertEquals(workspaceBytes, workspaceBytes(convolution, algorithm, stream));
      ran.add(convolution);
    }
  }

  private static Convolution convolution(Dnn.Role role, int images, boolean tf32) {
    Dnn.Pair one = new Dnn.Pair(1, 1);
    return new Convolution(
        role,
        DType.F32,
        new Dnn.Extents(images, 8, 8, 3),
        new Dnn.Extents(4, 3, 3, 3),
        new Dnn.Extents(images, 8, 8, 4),
        one,
        one,
        one,
        1,
        tf32);
  }

  private static final Convolution FORWARD = convolution(Dnn.Role.FORWARD, 2, false);

  private int algorithm(DeviceInfo device, Choice choice, Convolution convolution) {
    var started = new Convolutions(library, device, new Convolutions.Policy(choice, false, folder));
    Convolutions.Plan plan = started.plan(convolution, 1);
    assertEquals(plan, started.plan(convolution, 1));
    assertEquals(100L * plan.algorithm(), plan.workspaceBytes());
    return plan.algorithm();
  }

  @Test
  void laterProcessesChooseAlike() {
    assertEquals(5, algorithm(H200, Choice.MEASURED, FORWARD));
    assertEquals(5, algorithm(H200, Choice.MEASURED, FORWARD));
    assertEquals(List.of("MEASURED"), library.asked);
  }

  @Test
  void allThatMattersIsInTheKey() {
    assertEquals(5, algorithm(H200, Choice.HEURISTIC, FORWARD));
    assertEquals(6, algorithm(A100, Choice.HEURISTIC, FORWARD));
    assertEquals(7, algorithm(H200, Choice.FASTEST, FORWARD), "it may give other bits");
    assertEquals(8, algorithm(H200, Choice.HEURISTIC, convolution(Dnn.Role.FORWARD, 3, false)));
    assertEquals(9, algorithm(H200, Choice.HEURISTIC, convolution(Dnn.Role.FORWARD, 2, true)));
    assertEquals(
        10, algorithm(H200, Choice.HEURISTIC, convolution(Dnn.Role.BACKWARD_DATA, 2, false)));
    library.version = "library 2";
    assertEquals(11, algorithm(H200, Choice.HEURISTIC, FORWARD));
    library.version = "library 1";
    assertEquals(5, algorithm(H200, Choice.HEURISTIC, FORWARD));
  }

  private Path onlyFile() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.toList();
      assertEquals(1, all.size());
      return all.getFirst();
    }
  }

  @Test
  void whatIsNotWholeOrNotMeantIsChosenAgain() throws IOException {
    int want = algorithm(H200, Choice.HEURISTIC, FORWARD);
    Path file = onlyFile();
    byte[] whole = Files.readAllBytes(file);
    for (int broken : new int[] {0, 25, 60, whole.length - 1}) { // mark, hash, key, number
      byte[] bytes = whole.clone();
      bytes[broken] ^= 1;
      Files.write(file, bytes);
      want++;
      assertEquals(want, algorithm(H200, Choice.HEURISTIC, FORWARD), "byte " + broken);
    }
    Files.write(file, new byte[0]);
    assertEquals(want + 1, algorithm(H200, Choice.HEURISTIC, FORWARD));
    assertEquals(want + 1, algorithm(H200, Choice.HEURISTIC, FORWARD), "and kept");
  }

  @Test
  void anAlgorithmThatDoesNotServeHereIsChosenAgain() {
    assertEquals(5, algorithm(H200, Choice.HEURISTIC, FORWARD));
    library.unusable = 5;
    assertEquals(6, algorithm(H200, Choice.HEURISTIC, FORWARD));
    library.unusable = -1;
    assertEquals(6, algorithm(H200, Choice.HEURISTIC, FORWARD));
  }

  @Test
  void aFolderThatCannotBeWrittenCostsTimeOnly() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    var policy = new Convolutions.Policy(Choice.HEURISTIC, false, file.resolve("below"));
    assertEquals(5, new Convolutions(library, H200, policy).plan(FORWARD, 1).algorithm());
    assertEquals(6, new Convolutions(library, H200, policy).plan(FORWARD, 1).algorithm());
  }

  @Test
  void propertiesSayHow() {
    assertEquals(
        new Convolutions.Policy(Choice.HEURISTIC, false, folder),
        LocalInstallation.policy(null, false, folder));
    assertEquals(Choice.FASTEST, LocalInstallation.policy("fastest", false, null).choice());
    assertEquals(
        "[cuda] -Dibrik.cuda.convolutions must be heuristic, measured or fastest; got quick; leave"
            + " it out for heuristic",
        assertThrows(
                IllegalArgumentException.class,
                () -> LocalInstallation.policy("quick", false, null))
            .getMessage());
  }

  /// f32 goes to the libraries as it is unless somebody asks for less; f64 and 16 bits always do.
  @Test
  void roundingIsAskedFor() {
    for (boolean tf32 : new boolean[] {false, true}) {
      Recorded recorded =
          Recorded.of(1 << 20).with(new Convolutions.Policy(Choice.HEURISTIC, tf32, null));
      List<Blas.Gemm> products = new ArrayList<>();
      recorded.driver().blas = (gemm, _, _, _, _) -> products.add(gemm);
      recorded.driver().dnn = library;
      library.ran.clear();
      CudaBackend backend = recorded.backend();
      for (DType type : List.of(DType.F32, DType.F64, DType.BF16)) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor x = on(backend, type, 1, 4, 4, 2);
          Tensor w = on(backend, type, 2, 3, 3, 2);
          Tensor a = on(backend, type, 4, 4);
          run(backend, new Linear.Conv2d(SAME), List.of(x, w), on(backend, type, 1, 4, 4, 2));
          run(backend, new Linear.MatMul(false, false), List.of(a, a), on(backend, type, 4, 4));
        }
        boolean rounded = tf32 && type == DType.F32;
        assertEquals(rounded, library.ran.getLast().tf32(), type + "");
        assertEquals(rounded, products.getLast().tf32(), type + "");
      }
      assertEquals(3, products.size());
      assertEquals(3, library.ran.size());
    }
  }

  @Test
  void withoutTheLibraryOurOwnKernelsServe() {
    Recorded recorded = Recorded.of(1 << 20);
    CudaBackend backend = recorded.backend();
    assertNull(backend.gpu(0).convolutions());
    assertFalse(backend.gpu(0).tf32());
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = on(backend, DType.F32, 1, 4, 4, 2);
      Tensor w = on(backend, DType.F32, 2, 3, 3, 2);
      run(backend, new Linear.Conv2d(SAME), List.of(x, w), on(backend, DType.F32, 1, 4, 4, 2));
    }
    assertTrue(recorded.driver().count("function conv2d") > 0);
  }

  private static Tensor on(CudaBackend backend, DType type, long... dims) {
    TensorSpec spec = new TensorSpec(type, Shape.of(dims));
    return Tensor.over(
        backend.memory(0).allocate(spec.bytes()), spec, Device.parse("recorded"), "test");
  }

  private static void run(CudaBackend backend, Linear op, List<Tensor> in, Tensor out) {
    backend.kernel(op, in.stream().map(Tensor::spec).toList()).run(in, List.of(out));
  }
}
