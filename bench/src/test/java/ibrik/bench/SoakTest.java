package ibrik.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Ten thousand steps in little memory, and that a leak would be seen.
class SoakTest {
  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void tenThousandStepsNeedNoMoreThanAFew() throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx40m",
            "-XX:+UseSerialGC",
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Soak.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("soak: 10000 steps"), output);
  }

  @Test
  void aLeakOnTheHeapIsSeen() {
    List<byte[]> leak = new ArrayList<>();
    IllegalStateException seen =
        assertThrows(
            IllegalStateException.class,
            () -> new Soak(60, 20, 512 << 10).run(_ -> leak.add(new byte[1 << 20])));
    assertTrue(seen.getMessage().startsWith("[soak] heap must not grow"), seen.getMessage());
  }

  @Test
  void aLeakOfNativeMemoryIsSeen() {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(2));
    List<Variable> leak = new ArrayList<>();
    try {
      IllegalStateException seen =
          assertThrows(
              IllegalStateException.class,
              () ->
                  new Soak(60, 20, 1 << 30)
                      .run(step -> leak.add(Variable.zeros("leak" + step, spec, Device.CPU))));
      assertTrue(seen.getMessage().startsWith("[soak] native memory must"), seen.getMessage());
    } finally {
      leak.forEach(Variable::close);
    }
  }

  @Test
  void withoutALeakNothingIsSeen() throws Exception {
    String line = new Soak(60, 40, 64 << 20).run(_ -> {});
    assertTrue(line.startsWith("soak: 60 steps"), line);
  }
}
