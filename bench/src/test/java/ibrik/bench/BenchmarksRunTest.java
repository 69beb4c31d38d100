package ibrik.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Every benchmark runs, in this virtual machine and for a moment only: the numbers mean nothing,
/// that they exist does.
class BenchmarksRunTest {
  private static ChainedOptionsBuilder brief(String include) {
    return new OptionsBuilder()
        .include(include)
        .forks(0)
        .warmupIterations(0)
        .measurementIterations(1)
        .measurementTime(new TimeValue(5, TimeUnit.MILLISECONDS))
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
  }

  private static long liveBytes() {
    return Backends.all().stream().mapToLong(backend -> backend.memory(0).liveBytes()).sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void matMulRunsInEveryLayout(String device) throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(
                brief(MatMulBench.class.getSimpleName())
                    .param("device", device)
                    .param("size", "9x17x33")
                    .build())
            .run();
    assertEquals(3, results.size());
    for (RunResult result : results) {
      double runs = result.getPrimaryResult().getScore();
      double gflop = result.getSecondaryResults().get("gflop").getScore();
      assertEquals(2.0 * 9 * 17 * 33 * 1e-9, gflop / runs, 1e-12);
      double gbyte = result.getSecondaryResults().get("gbyte").getScore();
      assertEquals(4.0 * (9 * 33 + 33 * 17 + 9 * 17) * 1e-9, gbyte / runs, 1e-12);
    }
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void sinkhornRunsInBothDomains(String device) throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(
                brief(SinkhornBench.class.getSimpleName())
                    .param("device", device)
                    .param("size", "17x33x3")
                    .build())
            .run();
    assertEquals(2, results.size());
    for (RunResult result : results) {
      double runs = result.getPrimaryResult().getScore();
      double gflop = result.getSecondaryResults().get("gflop").getScore();
      assertEquals(4.0 * 3 * 17 * 33 * 1e-9, gflop / runs, 1e-12);
    }
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @ParameterizedTest
  @CsvSource({
    "NtXentBench, 9x17, 2",
    "InfoNceBench, 9x33x17, 3",
    "CosineRegressionBench, 9x17, 2",
    "RedundancyBench, 9x17, 6",
    "IntGemmBench, 5x9x17, 2",
    "AttentionBench, 2x3x5x7, 4"
  })
  void lossesRun(String bench, String size, int methods) throws RunnerException {
    long before = liveBytes();
    for (String device : List.of("cpu", "reference")) {
      Collection<RunResult> results =
          new Runner(brief(bench).param("device", device).param("size", size).build()).run();
      assertEquals(methods, results.size());
      for (RunResult result : results) {
        assertTrue(result.getSecondaryResults().get("gflop").getScore() > 0);
      }
    }
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @Test
  void fusedAndComposedAreCompared() {
    long before = liveBytes();
    for (int wrt : new int[] {0, 2}) {
      JsonNode row =
          FusedGain.measure(
              new FusedGain.Case(
                  "nt_xent",
                  new ibrik.tensor.op.Similarity.NtXent(0.5),
                  List.of(new long[] {3, 2}, new long[] {3, 2}),
                  wrt),
              0,
              3);
      assertEquals("nt_xent", row.path("op").asText());
      assertEquals("[3, 2] [3, 2]", row.path("shapes").asText());
      double ratio = row.path("composed_ms").asDouble() / row.path("fused_ms").asDouble();
      assertEquals(1, row.path("ratio").asDouble() / ratio, 0.02);
    }
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @ParameterizedTest
  @CsvSource({
    "ElementwiseBench, bytes, 7KiB, 36",
    "ReduceBench, bytes, 7KiB, 11",
    "NormalizeBench, bytes, 17KiB, 13",
    "CrossEntropyBench, bytes, 17KiB, 2",
    "LayoutBench, bytes, 33KiB, 6",
    "IndexBench, bytes, 7KiB, 4",
    "SourceBench, bytes, 7KiB, 5",
    "UpdateBench, bytes, 7KiB, 5",
    "QuantizedActivationBench, bytes, 7KiB, 7",
    "PoolBench, images, 2x5x3, 5",
    "IntegerBench, images, 2x5x3, 2"
  })
  void everyOpOfAFamilyRuns(String bench, String param, String size, int ops)
      throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(brief("\\." + bench + "\\.").param(param, size).build()).run();
    assertEquals(ops, results.size());
    for (RunResult result : results) {
      assertTrue(result.getSecondaryResults().get("gbyte").getScore() > 0);
    }
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5x7x3", "21x20x1"})
  void viewsAreMade(String size) throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(brief(AugmentBench.class.getSimpleName()).param("size", size).build()).run();
    assertEquals(15, results.size(), "five recipes: the op, single views, the loader");
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void roofsAreMeasured(int threads) throws RunnerException, IOException {
    Collection<RunResult> results =
        new Runner(
                brief("\\.(CopyRoof|FmaRoof)\\.")
                    .param("bytes", "16KiB", "32KiB")
                    .threads(threads)
                    .build())
            .run();
    assertEquals(5, results.size(), "two copies of two sizes, one peak");
    Roofline roof = Roofline.of(threads, ResultDocument.jmh(results));
    assertEquals(
        List.of(threads * 16L << 10, threads * 32L << 10), List.copyOf(roof.copy().keySet()));
    assertTrue(roof.gflopPerSecond() > 0);
    assertTrue(roof.gbytePerSecond(1) > 0);
  }

  @Test
  void stepsOfMethodsRunEagerlyAndReplayed() throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(
                brief(MethodStepBench.class.getSimpleName())
                    .param("batch", "2x8")
                    .param("model", "resnet20")
                    .build())
            .run();
    assertEquals(4, results.size(), "two methods, two ways");
    assertEquals(before, liveBytes(), "bytes leaked");
    MethodStepBench bench = new MethodStepBench();
    bench.method = "none";
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, bench::open);
    assertEquals("[bench] unknown method; got none", thrown.getMessage());
  }

  @Test
  void convolutionsRun() throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(
                brief(ConvBench.class.getSimpleName())
                    .param(
                        "layer",
                        "2x9x3x16x3x1",
                        "1x8x5x6x3x2",
                        "2x6x4x8x1x2",
                        "1x14x3x8x7x2",
                        "2x6x10x20x3x2x10",
                        "2x6x12x18x3x1x2")
                    .build())
            .run();
    assertEquals(18, results.size());
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @Test
  void convolutionsOfVideosRun() throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(
                brief(VideoBench.class.getSimpleName())
                    .param("layer", "2x3x6x3x16x3x3x2", "1x3x5x8x6x3x1x1")
                    .build())
            .run();
    assertEquals(6, results.size());
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @Test
  void fakeQuantisationRuns() throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(brief(FakeQuantizeBench.class.getSimpleName()).param("size", "5x19").build())
            .run();
    assertEquals(12, results.size(), "four benchmarks, three places of scales");
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @Test
  void activationsOfBinaryNetworksRun() throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(brief(BinaryActivationBench.class.getSimpleName()).param("size", "5x19").build())
            .run();
    assertEquals(4, results.size());
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @Test
  void comparisonsTakeTurns() {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    Compare compare = new Compare(rows);
    compare.fakeQuantization("3x17", 3);
    compare.binaryConvolution("1x4x33x5x3x1", 3);
    compare.integers("5x9x17", 3);
    compare.attention("2x3x5x7", 3);
    assertEquals(8, rows.size(), "three places of scales; two of packing; integers; two ways");
    for (JsonNode row : rows) {
      assertTrue(row.path("ratio").asDouble() > 0);
      double low = row.path("ratio_quartiles").path(0).asDouble();
      assertTrue(low <= row.path("ratio").asDouble());
      assertEquals(3, row.path("rounds").asInt());
    }
  }

  @Test
  void packedConvolutionsRun() throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(
                brief(XnorBench.class.getSimpleName())
                    .param("layer", "2x9x40x16x3x1", "1x8x5x6x3x2")
                    .build())
            .run();
    assertEquals(6, results.size());
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @Test
  void viewsRun() throws RunnerException {
    Collection<RunResult> results =
        new Runner(brief(AugmentBench.class.getSimpleName()).build()).run();
    assertEquals(30, results.size(), "op, view and loader; five recipes, two sizes");
    for (RunResult result : results) {
      assertTrue(result.getPrimaryResult().getScore() > 0);
    }
    AugmentBench bench = new AugmentBench();
    bench.recipe = "none";
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, bench::open);
    assertEquals("[bench] unknown recipe; got none", thrown.getMessage());
  }

  @Test
  void stepsRunEagerlyAndReplayed() throws RunnerException {
    long before = liveBytes();
    Collection<RunResult> results =
        new Runner(
                brief("\\.StepBench\\.").param("batch", "2x5x1").param("model", "resnet8").build())
            .run();
    assertEquals(2, results.size());
    for (RunResult result : results) {
      assertTrue(result.getSecondaryResults().get("gflop").getScore() > 0);
    }
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @Test
  void theDocumentNamesMachineAndRates() throws RunnerException, IOException {
    Collection<RunResult> results =
        new Runner(
                brief(MatMulBench.class.getSimpleName())
                    .param("size", "8x8x8")
                    .param("layout", "nt")
                    .build())
            .run();
    Roofline roof = new Roofline(3, 1, new TreeMap<>(Map.of(1L << 20, 1e9)));
    ResultDocument made = new ResultDocument("a remark", 3, List.of(roof));
    made.add(results);
    JsonNode document = made.json();
    assertEquals("a remark", document.path("note").asText());
    assertTrue(document.path("date").asText().matches("\\d{4}-\\d\\d-\\d\\d"));
    assertTrue(document.path("machine").path("processors").asInt() >= 1);
    JsonNode row = document.path("results").path(0);
    assertEquals("MatMulBench.matMul", row.path("benchmark").asText());
    assertEquals("nt", row.path("params").path("layout").asText());
    assertTrue(row.path("gflop_per_s").asDouble() > 0);
    assertTrue(row.path("runs_per_s").asDouble() > 0);
    assertEquals(3, row.path("runs_per_s_quartiles").size());
    assertEquals(3, row.path("threads").asInt());
    assertTrue(row.path("percent_of_roof").asDouble() > 0);
    assertEquals("compute", row.path("bound").asText(), "flops beside very fast memory");
    assertEquals(roof, Roofline.read(document.path("roofs").path(0)));
  }

  @Test
  void aWrongResultIsNotTimed() {
    MatMulBench bench = new MatMulBench();
    bench.size = "4x5x6";
    bench.open();
    try (var _ = ibrik.tensor.TensorScope.open()) {
      var a = ibrik.tensor.Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
      IllegalStateException wrong =
          assertThrows(
              IllegalStateException.class,
              () ->
                  Probe.check(
                      new ibrik.tensor.op.Linear.MatMul(false, false),
                      List.of(a, a),
                      2,
                      at -> at == 3 ? 22.5 : new double[] {7, 10, 15}[Math.toIntExact(at)]));
      assertTrue(wrong.getMessage().startsWith("[mat_mul] element 3 of f32[2,2] must be 22.5"));
    } finally {
      bench.close();
    }
  }

  @Test
  void wrongSizesSayWhatIsExpected() {
    for (String wrong : List.of("3x4", "3x4x0", "3xax4", "", "1x2x3x")) {
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> Sizes.parse(wrong, 3));
      assertEquals(
          "[bench] size must be 3 positive numbers with x between; got " + wrong,
          thrown.getMessage());
    }
  }

  @Test
  void bytesAreRead() {
    assertEquals(16 << 10, Sizes.bytes("16KiB"));
    assertEquals(3L << 20, Sizes.bytes("3MiB"));
    assertEquals(2, Sizes.rows("2KiB", 256, 4));
    assertEquals(1, Sizes.rows("1KiB", 1000, 8), "at least one");
    for (String wrong : List.of("16", "KiB", "0KiB", "-1MiB", "1GiB", "1.5MiB")) {
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> Sizes.bytes(wrong));
      assertEquals(
          "[bench] bytes must be a positive number with KiB or MiB; got " + wrong,
          thrown.getMessage());
    }
  }

  @Test
  void aWrongElementOfAFamilyIsNotTimed() {
    var add = new ibrik.tensor.op.Elementwise.Add();
    float[] want = {1, Float.NaN, 3};
    Meaning.compare(add, 0, new float[] {1, Float.NaN, 3}, want, 1);
    for (float[] got : List.of(new float[] {1, Float.NaN, 3.01f}, new float[] {1, 2, 3})) {
      assertThrows(IllegalStateException.class, () -> Meaning.compare(add, 0, got, want, 1));
    }
  }

  @Test
  void theMachineIsDescribed(@org.junit.jupiter.api.io.TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("info"), "a: 1\nmodel name\t: Some CPU @ 2: x\n");
    assertEquals("Some CPU @ 2: x", Machine.field(file, "model name"));
    assertEquals("unknown", Machine.field(file, "flags"));
    assertEquals("unknown", Machine.field(folder.resolve("none"), "flags"));
    assertFalse(Machine.here().toString().contains(System.getProperty("user.dir")));
    assertEquals(Device.CPU, Device.parse(new MatMulBench().device));
  }
}
