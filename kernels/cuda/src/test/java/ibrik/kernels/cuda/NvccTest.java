package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ibrik.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Where there is an nvcc: every file compiles to machine code, for the first and the last of its
/// element types, as many at once as there are processors. What was compiled once is not compiled
/// again; registers and spills per kernel lie in `target/nvcc`.
class NvccTest {
  private static final Path FOLDER = Path.of("target", "nvcc").toAbsolutePath();

  /// One of each kind whose code differs. All that are supported take twice as long:
  /// `-Dibrik.test.nvcc=sm_80,sm_86,sm_89,sm_90,sm_100,sm_120`.
  private static final List<String> WANTED =
      List.of(System.getProperty("ibrik.test.nvcc", "sm_80,sm_90,sm_100").split(","));

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor() == 0, () -> String.join(" ", command) + "\n" + said);
    return said;
  }

  /// What the compiler calls itself, or a skipped test.
  private static String compiler() throws InterruptedException {
    try {
      return run(List.of("nvcc", "--version"));
    } catch (IOException absent) {
      assumeTrue(false, "no nvcc on PATH: the kernels are compiled by g++ only");
      return "";
    }
  }

  private static List<String> architectures() throws IOException, InterruptedException {
    List<String> known = Arrays.asList(run(List.of("nvcc", "--list-gpu-code")).split("\\s+"));
    return WANTED.stream().filter(known::contains).toList();
  }

  @TestFactory
  Stream<DynamicTest> everyFileCompiles() throws IOException, InterruptedException {
    String compiler = compiler();
    List<String> architectures = architectures();
    Files.createDirectories(FOLDER);
    try (ExecutorService pool =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<DynamicTest> tests = new ArrayList<>();
      for (CudaFile file : CudaFiles.ALL) {
        for (DType type : new LinkedHashSet<>(List.of(first(file), last(file)))) {
          Future<?> compiled =
              pool.submit(
                  () -> {
                    compile(file, type, compiler, architectures);
                    return null;
                  });
          tests.add(
              DynamicTest.dynamicTest(file.source().name() + " " + type, () -> join(compiled)));
        }
      }
      return tests.stream();
    }
  }

  private static DType first(CudaFile file) {
    return file.types().getFirst();
  }

  private static DType last(CudaFile file) {
    return file.types().getLast();
  }

  private static void join(Future<?> compiled) throws Throwable {
    try {
      compiled.get();
    } catch (ExecutionException failed) {
      throw Objects.requireNonNull(failed.getCause());
    }
  }

  private static void compile(
      CudaFile file, DType type, String compiler, List<String> architectures)
      throws IOException, InterruptedException {
    CudaSource source = file.source();
    for (String macro : file.macros()) {
      source = source.define(macro, type);
    }
    String key = hash(compiler + architectures + source.options() + source.text());
    String stem = source.name().replaceAll("\\W", "_") + "-" + type;
    Path report = FOLDER.resolve(stem + "-" + key + ".txt");
    if (Files.exists(report)) {
      return;
    }
    Path text = FOLDER.resolve(stem + ".cu");
    Files.writeString(text, "#line 1 \"" + source.name() + "\"\n" + source.text());
    List<String> command = new ArrayList<>(List.of("nvcc", "-fatbin", "-Xptxas", "-v"));
    for (String architecture : architectures) {
      command.add("-gencode=arch=compute_" + architecture.substring(3) + ",code=" + architecture);
    }
    command.addAll(source.options());
    command.addAll(List.of("-o", FOLDER.resolve(stem + ".fatbin").toString(), text.toString()));
    String said = run(command);
    Files.writeString(
        report,
        said.lines()
            .filter(line -> line.contains("Compiling") || line.contains("registers"))
            .collect(Collectors.joining("\n")));
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException(absent);
    }
  }
}
