package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.BatchLoader;
import ibrik.ssl.data.DataSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// When the numbers of a step come: those of the probe one step late, so that nobody waits for the
/// device to change the parameters.
@ExtendWith(LiveBytes.class)
class TrainStepTest {
  private static final Set<String> AT_ONCE = Set.of("loss", "grad_norm", "embedding_std");
  private static final Set<String> LATE = Set.of("probe_loss", "probe_train_accuracy");

  @Test
  void theProbeAnswersOneStepLate() {
    List<Map<String, Double>> answers = new ArrayList<>();
    List<TrainStep.Numbers> waited = steps(step -> answers.add(step.late()));
    List<TrainStep.Numbers> late = steps(step -> {});
    for (int at = 0; at < late.size(); at++) {
      assertEquals(AT_ONCE, late.get(at).own().keySet());
      assertEquals(waited.get(at).own(), late.get(at).own());
      assertEquals(LATE, answers.get(at).keySet());
      assertEquals(at == 0 ? Map.of() : answers.get(at - 1), late.get(at).late());
      assertEquals(Map.of(), waited.get(at).late(), "given out once");
    }
  }

  /// Three steps, and what is done after each.
  private static List<TrainStep.Numbers> steps(Consumer<TrainStep> after) {
    TinyRun run = new TinyRun("byol");
    RunConfig config = run.config();
    DataSet data = run.data();
    BatchLoader.Plan plan =
        BatchLoader.Plan.of(data, config.views(), config.train().batchSize(), config.seed());
    List<TrainStep.Numbers> seen = new ArrayList<>();
    try (TrainingState state = new TrainLoop(config, data).newState();
        TrainStep step = new TrainStep(state, plan.shapes(), config.device());
        BatchLoader loader = new BatchLoader(plan, 0, 0)) {
      for (int at = 0; at < 3; at++) {
        step.stage(loader.next());
        seen.add(step.run(at, () -> {}));
        after.accept(step);
      }
    }
    return seen;
  }
}
