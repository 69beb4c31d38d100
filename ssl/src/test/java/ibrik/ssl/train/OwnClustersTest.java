package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.method.Method;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Prototypes as clusters.
@ExtendWith(LiveBytes.class)
class OwnClustersTest {
  private static TinyRun run(String method, String setting, int clusters) {
    return new TinyRun(method).set(method.replace('-', '_') + "." + setting, clusters);
  }

  @ParameterizedTest
  @CsvSource({
    "swav, prototypes",
    "dino, outputs",
    "twist, classes",
    "deepcluster-v2, prototypes",
    "sela-v2, prototypes"
  })
  void everyImageGetsTheNearest(String method, String setting) {
    TinyRun run = run(method, setting, 12);
    RunConfig config = run.config();
    DataSet data = run.data();
    try (Method made = config.create(data, TinyRun.STEPS)) {
      FeatureBank bank = FeatureBank.extract(made.encoder(), data, data.train(), 64);
      int[] found = OwnClusters.of(made, bank, Device.CPU);
      assertNotNull(found);
      assertEquals(TinyRun.IMAGES, found.length);
      made.networks().values().forEach(ibrik.nn.Module::eval);
      try (TensorScope _ = TensorScope.open()) {
        Tensor scores = made.clusterScores(bank.tensor(Device.CPU));
        assertNotNull(scores);
        assertEquals(12, scores.dim(1));
        assertArrayEquals(scores.argMax(-1).toInts(), found);
      }
    }
    Pretrainer.plan(run(method, setting, 10).config(), data); // just enough
    // Fewer clusters than classes are refused before anything is trained.
    TinyRun few = run(method, setting, 9);
    RunConfig bad = few.config();
    String got =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> Pretrainer.plan(bad, data))
                .getMessage());
    assertTrue(
        got.startsWith("[config] " + setting + " must be at least the 10 classes of the data"),
        got);
    assertTrue(got.endsWith("; got 9"), got);
  }

  @Test
  void othersHaveNone() {
    TinyRun run = new TinyRun("byol");
    try (Method made = run.config().create(run.data(), TinyRun.STEPS)) {
      FeatureBank bank = FeatureBank.extract(made.encoder(), run.data(), run.data().test(), 64);
      assertNull(OwnClusters.of(made, bank, Device.CPU));
    }
  }
}
