package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.nn.Precision;
import ibrik.ssl.config.Json;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A run on the kernels of a GPU: emulated in [EmulatedRunTest], real in [GpuRunTest]. The first
/// step of a process runs op by op, the second takes graphs down, the others launch them.
@ExtendWith(LiveBytes.class)
abstract class DeviceRunTest {
  private static final int STEPS = 5;
  private static final int ALIKE = 2;

  @TempDir Path folder;

  private final String device;

  DeviceRunTest(String device) {
    this.device = device;
  }

  @BeforeEach
  void isThere() {
    String why = Backends.refused().get(Device.parse(device).backend());
    assumeTrue(why == null, why);
  }

  @AfterEach
  void leavesNothing() {
    Device used = Device.parse(device);
    if (!Backends.refused().containsKey(used.backend())) {
      assertEquals(0, Backends.of(used).memory(used.index()).liveBytes());
    }
  }

  private static TinyRun run(String device) {
    return new TinyRun("byol")
        .set("device", device)
        .set("train.batch_size", 4)
        .set("model.width", 0.125)
        .set("eval.monitor_every", 0);
  }

  private static List<Map<String, Double>> train(TinyRun run, Path to, int from, int until) {
    List<Map<String, Double>> seen = run.train(to, 1, 0, done -> done >= until);
    assertEquals(until - from, seen.size());
    return seen;
  }

  /// Only the first steps: batches of four images, normalised, blow up what rounding leaves; in
  /// bf16 already an update that differs in its last bit, for it rounds some weights the other way.
  @ParameterizedTest
  @EnumSource
  void stepsAreThoseOfTheCpu(Precision precision) {
    TinyRun ours = run(device).set("precision", precision);
    List<Map<String, Double>> want =
        train(run("cpu").set("precision", precision), folder.resolve("cpu"), 0, ALIKE);
    List<Map<String, Double>> got = train(ours, folder.resolve("gpu"), 0, ALIKE);
    for (int step = 0; step < ALIKE; step++) {
      int now = step;
      double tolerance = precision == Precision.F32 || step == 0 ? 1e-3 : 1e-1;
      want.get(step)
          .forEach(
              (name, value) ->
                  assertEquals(
                      value,
                      got.get(now).get(name),
                      tolerance * Math.max(1, Math.abs(value)),
                      name + " of step " + now));
    }
    assertFalse(want.equals(got), "the same bits: was the device used?");
  }

  /// A run that is stopped runs steps op by op that else come out of a graph.
  @Test
  void graphsGiveTheBitsOfSingleOps() throws Exception {
    Path whole = folder.resolve("whole");
    List<Map<String, Double>> want = train(run(device), whole, 0, STEPS);
    Path parts = folder.resolve("parts");
    List<Map<String, Double>> got = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      got.addAll(train(run(device), parts, step, step + 1));
    }
    assertEquals(want, got);
    assertArrayEquals(TinyRun.checkpoint(whole), TinyRun.checkpoint(parts));
    JsonNode config = Json.MAPPER.readTree(Files.readString(whole.resolve("config.json")));
    assertEquals(device, config.path("device").asText());
  }
}
