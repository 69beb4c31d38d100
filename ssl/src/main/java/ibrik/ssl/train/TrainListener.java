package ibrik.ssl.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Watches a run: a progress bar, a log, a test.
public interface TrainListener {
  /// What lies ahead.
  ///
  /// @param steps of the whole run
  /// @param stepsPerEpoch full batches in one epoch
  /// @param batchSize images per step
  /// @param done steps done before: above 0 for a run that goes on
  /// @param parameters trained numbers
  /// @param collapseValue what the loss is when all embeddings are equal
  /// @param work of one step; null for a run without steps
  record Plan(
      long steps,
      long stepsPerEpoch,
      int batchSize,
      long done,
      long parameters,
      double collapseValue,
      @Nullable Work work) {}

  /// Before the first step.
  default void started(Plan plan) {}

  /// After a step.
  ///
  /// @param done steps done, this one included
  /// @param numbers of the step, by name; those of the probe come with the epoch
  default void stepped(long done, Map<String, Double> numbers) {}

  /// After an epoch.
  ///
  /// @param line as it is written to `metrics.jsonl`
  default void epochEnded(ObjectNode line) {}

  /// Work that is no training begins: what it is, for people.
  default void phase(String what) {}
}
