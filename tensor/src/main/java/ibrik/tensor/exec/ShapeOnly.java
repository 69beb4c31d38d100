package ibrik.tensor.exec;

import ibrik.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/// Runs a step without computing or allocating anything: every op checks its arguments and gives
/// shapes, nothing else.
///
/// ```java
/// System.out.println(ShapeOnly.plan(() -> step(batch)));   // ops, peak bytes, FLOPs
/// ```
///
/// The plan is the very one that [Program#capture] would run, so its peak is that of the replays.
/// The rules of a captured step hold: see there. Variables keep their numbers.
public final class ShapeOnly {
  private ShapeOnly() {}

  /// What `step` would do.
  ///
  /// @throws IllegalStateException where the step reads numbers, or inside another layer
  /// @throws IllegalArgumentException where an op's rules on types and shapes are not met
  public static Plan plan(Supplier<List<Tensor>> step) {
    return Plan.of(Tracer.of(step, false));
  }
}
