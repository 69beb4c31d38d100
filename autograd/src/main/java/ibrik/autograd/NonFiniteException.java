package ibrik.autograd;

/// An op made a NaN or an infinity.
public final class NonFiniteException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  private final String op;
  private final long ordinal;

  NonFiniteException(String op, long ordinal, String inputs) {
    super("[" + op + "] made a NaN or infinity (op number " + ordinal + "); its inputs: " + inputs);
    this.op = op;
    this.ordinal = ordinal;
  }

  /// Tag of the op.
  public String op() {
    return op;
  }

  /// How many ops had run under the guard, this one included.
  public long ordinal() {
    return ordinal;
  }
}
