package ibrik.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The binding, in a process where fakes stand in for CUDA's libraries.
class JCudaDriverTest {
  /// Part of the fake, the library it becomes, and the version its names carry.
  private static final Map<String, Libraries.Library> PARTS =
      Map.of(
          "DRIVER", Libraries.DRIVER,
          "NVRTC", Libraries.COMPILER,
          "BLAS", Libraries.BLAS,
          "DNN", Libraries.DNN);

  @TempDir Path folder;

  @BeforeEach
  void emulates() {
    Emulation.assumeEmulated();
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> String.join(" ", command) + "\n" + said);
    return said;
  }

  @Test
  void theWholeBackendByWayOfTheBinding() throws IOException, InterruptedException {
    Path source = folder.resolve("fake.cpp");
    try (InputStream text = JCudaDriverTest.class.getResourceAsStream("fake/fake.cpp")) {
      Files.copy(text, source);
    }
    library("DRIVER", source);
    for (String part : List.of("NVRTC", "BLAS", "DNN")) {
      library(part, source);
    }
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx1g"));
    java.add("-D" + FakeMachine.PROPERTY + "=" + folder);
    java.addAll(List.of("-cp", System.getProperty("java.class.path")));
    java.add(FakeMachine.class.getName());
    String said = run(java);
    assertTrue(said.contains("all is right: "), said);
  }

  private void library(String part, Path source) throws IOException, InterruptedException {
    String file = PARTS.get(part).file();
    List<String> command =
        new ArrayList<>(
            List.of(
                "g++", "-std=c++17", "-O1", "-shared", "-fPIC", "-D" + part, source.toString()));
    if (part.equals("NVRTC") || part.equals("BLAS")) {
      Path names = Files.writeString(folder.resolve(part), file + " { global: *; };");
      command.add("-Wl,--version-script=" + names);
    }
    if (!part.equals("DRIVER")) {
      command.add(folder.resolve(Libraries.DRIVER.file()).toString());
    }
    command.addAll(List.of("-Wl,-soname," + file, "-ldl", "-o", folder.resolve(file).toString()));
    run(command);
  }
}
