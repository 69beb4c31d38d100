package ibrik.tensor.exec;

import java.util.function.Supplier;

/// Keeps the scoped value out of the public face of [Interpreter].
final class CurrentInterpreter {
  private static final ScopedValue<Interpreter> CURRENT = ScopedValue.newInstance();

  private CurrentInterpreter() {}

  static Interpreter get() {
    return CURRENT.isBound() ? CURRENT.get() : Eval.INSTANCE;
  }

  static <T> T with(Interpreter layer, Supplier<T> body) {
    return ScopedValue.where(CURRENT, layer).call(body::get);
  }
}
