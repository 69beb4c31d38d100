package ibrik.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import ibrik.bench.Floors.Verdict;
import ibrik.bench.Turns.Budget;
import ibrik.bench.Turns.Ratio;
import ibrik.kernels.cpu.Roofs;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the guard says of ratios. Times are those of loops of a known length, against each other.
class GuardTest {
  private static final Budget BRIEF = Budget.millis(20, 30);
  private static final Path FLOORS = Path.of("floors.json");

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ArrayNode rows = JsonNodeFactory.instance.arrayNode();

  /// A check whose guarded side works `slowness` times as long as its yardstick.
  private static GuardCheck loops(String name, int slowness) {
    return new GuardCheck(
        name,
        () ->
            new GuardCheck.Pair(
                () -> Roofs.multiplyAdd(20_000, 0.5f),
                () -> {
                  double sum = 0;
                  for (int i = 0; i < slowness; i++) {
                    sum += Roofs.multiplyAdd(20_000, 0.5f);
                  }
                  return sum;
                },
                () -> {}));
  }

  private Guard guard(Map<String, Double> floors) {
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return new Guard(new Floors(512, floors), BRIEF, 1, out, rows);
  }

  private String said() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aKernelMadeThreeTimesSlowerFails() {
    Map<String, Double> floors = Map.of("good", 0.65, "bad", 0.65);
    assertTrue(guard(floors).compare(List.of(loops("good", 1), loops("bad", 3))));
    assertEquals("SLOWER", rows.path(1).path("verdict").asText(), this::said);
    assertTrue(said().endsWith(String.format("guard: 1 passed, 1 failed%n")), this::said);
  }

  @Test
  void aCheckWithoutAFloorIsUnclearAndPasses() {
    assertFalse(guard(Map.of()).compare(List.of(loops("new", 1))));
    assertEquals("UNCLEAR", rows.path(0).path("verdict").asText());
    assertTrue(said().contains("1 UNCLEAR"), this::said);
    assertTrue(said().contains("no floors for vectors of 512 bits"), this::said);
    assertTrue(said().contains("guard: 1 passed, 0 failed"), this::said);
  }

  @ParameterizedTest
  @CsvSource({
    "0.10, 0.19, SLOWER",
    "0.10, 0.20, UNCLEAR",
    "0.19, 0.50, UNCLEAR",
    "0.20, 0.50, SAME",
    "0.40, 0.50, SAME",
    "0.41, 0.50, FASTER"
  })
  void theIntervalDecides(double low, double high, Verdict verdict) {
    assertEquals(verdict, Verdict.of(new Ratio((low + high) / 2, low, high, 21), 0.2));
  }

  @Test
  void theIntervalIsThatOfTheMedianWhateverTheOutliers() {
    double[] ratios = new double[101];
    for (int i = 0; i < 101; i++) {
      ratios[(i * 37) % 101] = i;
    }
    // 2.576 sqrt(101) / 2 = 12.9 ranks to either side of the middle.
    assertEquals(new Ratio(50, 37, 63, 101), Ratio.of(ratios));
    for (int i = 0; i < 101; i++) {
      ratios[i] = ratios[i] > 90 ? 1e9 : ratios[i];
    }
    assertEquals(new Ratio(50, 37, 63, 101), Ratio.of(ratios));
    assertEquals(new Ratio(2, 1, 3, 3), Ratio.of(new double[] {3, 1, 2}), "all there is");
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 512})
  void everyCheckHasAFloorAndEveryFloorACheck(int bits) throws IOException {
    Set<String> names =
        GuardChecks.all().stream()
            .map(GuardCheck::name)
            .collect(Collectors.toCollection(TreeSet::new));
    Floors floors = Floors.read(FLOORS, bits);
    assertEquals(names, floors.byName().keySet());
    assertTrue(floors.byName().values().stream().allMatch(floor -> floor > 0));
    assertEquals(15, GuardChecks.steady().size());
    assertEquals(Map.of(), Floors.read(FLOORS, 64).byName());
  }

  @Test
  void everyCheckRunsAndFreesWhatItTook() {
    long before = Backends.of(Device.CPU).memory(0).liveBytes();
    Guard guard = guard(Map.of());
    for (GuardCheck check : GuardChecks.all()) {
      Ratio ratio = check.measure(new Budget(0, 0));
      assertTrue(ratio.low() > 0 && ratio.low() <= ratio.median(), check.name());
      assertTrue(ratio.median() <= ratio.high(), check.name());
    }
    assertEquals(before, Backends.of(Device.CPU).memory(0).liveBytes(), "bytes leaked");
    assertFalse(guard.compare(List.of()));
  }

  @Test
  void wrongOptionsAreNamed() {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> Guard.run(List.of("no such check")));
    assertEquals("[guard] no check has this in its name; got no such check", thrown.getMessage());
    thrown =
        assertThrows(IllegalArgumentException.class, () -> Guard.run(List.of("add", "--fast")));
    assertEquals("[bench] unknown option; got --fast", thrown.getMessage());
    thrown = assertThrows(IllegalArgumentException.class, () -> Guard.run(List.of("--out")));
    assertEquals("[bench] --out needs a value", thrown.getMessage());
    for (String wrong : List.of("0", "x", "")) {
      assertThrows(IllegalArgumentException.class, () -> Options.count(wrong, 1));
    }
    assertEquals(3, Options.count("3", 1));
  }

  @Test
  void theRowsSayWhatWasMeasured() {
    guard(Map.of("same", 0.5)).compare(List.of(loops("same", 1)));
    JsonNode row = rows.path(0);
    assertEquals("same", row.path("check").asText());
    assertEquals(0.5, row.path("floor").asDouble());
    assertEquals(2, row.path("interval").size());
    assertTrue(row.path("rounds").asInt() >= 21);
  }
}
