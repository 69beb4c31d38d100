package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.BatchLoader;
import ibrik.ssl.data.DataSet;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said of a step before it runs is what it takes.
@ExtendWith(LiveBytes.class)
class WorkTest {
  private static long live() {
    return Backends.of(Device.CPU).memory(0).liveBytes();
  }

  @ParameterizedTest
  @ValueSource(strings = {"byol", "swav", "sela-v2", "dino", "mocov2", "supervised"})
  void theStepTakesTheMemoryThatWasSaid(String method) {
    TinyRun run = new TinyRun(method);
    if (method.equals("swav")) {
      run.set("swav.queue_length", 2 * TinyRun.BATCH);
    }
    if (method.equals("sela-v2")) {
      run.set("sela_v2.prototypes", 12);
    }
    RunConfig config = run.config();
    DataSet data = run.data();
    Work said = Pretrainer.plan(config, data).work();
    assertNotNull(said);
    BatchLoader.Plan plan =
        BatchLoader.Plan.of(data, config.views(), config.train().batchSize(), config.seed());
    TrainLoop loop = new TrainLoop(config, data);
    long none = live();
    try (TrainingState state = loop.newState();
        TrainStep step = new TrainStep(state, plan.shapes(), config.device());
        BatchLoader loader = new BatchLoader(plan, 0, 0)) {
      long before = live();
      assertEquals(said, step.work());
      assertEquals(before, live(), "planning keeps nothing");
      step.stage(loader.next());
      step.run(0, () -> {});
      assertEquals(said.stepBytes(), live() - before);
      step.stage(loader.next());
      step.run(1, () -> {});
      assertEquals(said.stepBytes(), live() - before, "the same in every step");
      long variables = before - none;
      assertTrue(said.variableBytes() <= variables, said + " of " + variables);
      assertTrue(said.variableBytes() > 0.95 * variables, said + " of " + variables);
    }
  }

  /// Forward and backward of the only product: 2 B in out for the product, twice that for the
  /// gradients; batches twice as large need twice the arithmetic, but for the optimiser.
  @Test
  void arithmeticGrowsWithTheBatch() {
    Work small = work(8);
    Work large = work(16);
    double ratio = (double) large.flops() / small.flops();
    assertTrue(ratio > 1.9 && ratio <= 2, "" + ratio);
    assertEquals(
        Arrays.asList(small.updateBytes() > 0, true),
        Arrays.asList(large.gradientBytes() > small.gradientBytes(), true));
  }

  private static Work work(int batch) {
    TinyRun run = new TinyRun("supervised").set("train.batch_size", batch);
    Work work = Pretrainer.plan(run.config(), run.data()).work();
    assertNotNull(work);
    return work;
  }

  @Test
  void aRunWithoutStepsNeedsNothing() {
    TinyRun run = new TinyRun("random-init").set("train.epochs", 0);
    assertNull(Pretrainer.plan(run.config(), run.data()).work());
  }
}
