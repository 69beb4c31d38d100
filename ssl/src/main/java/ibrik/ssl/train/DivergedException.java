package ibrik.ssl.train;

/// Training made a number that is not finite.
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long step;

  DivergedException(String what, long step, String first) {
    super(
        "[train] "
            + what
            + " is no finite number at step "
            + step
            + "; first: "
            + first
            + "; lower --base-lr, or raise --warm-up-epochs");
    this.step = step;
  }

  /// The step at which it happened, from 0.
  public long step() {
    return step;
  }
}
