package ibrik.tensor.io;

/// A file breaks a rule of its format. Readers of headers throw it; who knows the path turns it
/// into an [java.io.IOException].
final class BrokenRule extends Exception {
  private static final long serialVersionUID = 1L;

  private final String rule;

  BrokenRule(String rule) {
    super(rule);
    this.rule = rule;
  }

  /// The rule, and what was found instead.
  String rule() {
    return rule;
  }
}
