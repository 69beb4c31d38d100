package ibrik.nn.schedule;

import ibrik.tensor.Device;
import ibrik.tensor.Variable;

/// A schedule and the 0-d variable it is written to: kernels read the variable, so a replayed
/// program sees every step's own value.
public final class ScheduledScalar implements AutoCloseable {
  private final Schedule schedule;
  private final Variable variable;

  /// A scalar that starts at step 0.
  public ScheduledScalar(String name, Schedule schedule, Device device) {
    this.schedule = schedule;
    this.variable = Variable.scalar(name, schedule.at(0), device);
  }

  /// Writes the value of `step`.
  public void moveTo(long step) {
    variable.set(schedule.at(step));
  }

  /// The value of `step`, on the host.
  public double at(long step) {
    return schedule.at(step);
  }

  /// What kernels read.
  public Variable variable() {
    return variable;
  }

  @Override
  public void close() {
    variable.close();
  }
}
