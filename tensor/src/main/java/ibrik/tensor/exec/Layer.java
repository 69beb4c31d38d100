package ibrik.tensor.exec;

/// An interpreter that passes ops on to another one: tapes, guards, steppers.
public interface Layer extends Interpreter {
  /// The interpreter below.
  Interpreter below();
}
