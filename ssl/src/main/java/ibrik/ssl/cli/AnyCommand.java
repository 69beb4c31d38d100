package ibrik.ssl.cli;

import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// What the commands have in common. Picocli fills the fields.
abstract class AnyCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("UnusedVariable")
  private @Nullable Common common;

  @Spec private @Nullable CommandSpec spec;

  /// Standard output.
  final PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  /// Standard error.
  final PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
