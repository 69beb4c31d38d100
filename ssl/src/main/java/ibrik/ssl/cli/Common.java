package ibrik.ssl.cli;

import picocli.CommandLine.Option;

/// Flags of every command. Picocli itself acts on the first; [Failures] looks for the second.
@SuppressWarnings("UnusedVariable")
final class Common {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Option(names = "--debug", description = "Show the stack trace of a failure.")
  private boolean debug;
}
