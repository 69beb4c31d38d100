package ibrik.ssl.cli;

import ibrik.ssl.data.DataException;
import ibrik.ssl.train.DivergedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns exceptions into one clear message and an exit status. `--debug` shows the stack trace.
final class Failures {
  /// A fault of this program (EX_SOFTWARE of sysexits.h).
  private static final int FAULT = 70;

  private Failures() {}

  /// What was typed is wrong.
  static int parameter(ParameterException wrong, String[] args) {
    CommandLine line = wrong.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("ibrik: " + wrong.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(wrong, err)
        && wrong instanceof MissingParameterException) {
      line.usage(err);
      return Main.USER_ERROR;
    }
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    debug(wrong, line, args);
    return Main.USER_ERROR;
  }

  /// What was asked for failed.
  static int execution(Exception failed, CommandLine line, ParseResult parsed) {
    PrintWriter err = line.getErr();
    String[] args = parsed.originalArgs().toArray(String[]::new);
    if (mendable(failed)) {
      err.println("ibrik: " + message(failed));
      debug(failed, line, args);
      return Main.USER_ERROR;
    }
    err.println("ibrik: this is a fault of the program: " + failed);
    err.println("Please report it with what follows.");
    failed.printStackTrace(err);
    return FAULT;
  }

  /// Whether the user can do something about it.
  private static boolean mendable(Exception failed) {
    return failed instanceof IllegalArgumentException
        || failed instanceof IllegalStateException
        || failed instanceof DataException
        || failed instanceof DivergedException
        || failed instanceof IOException
        || failed instanceof UncheckedIOException
        || failed instanceof UnsupportedOperationException;
  }

  private static String message(Exception failed) {
    Throwable told =
        failed instanceof UncheckedIOException && failed.getCause() != null
            ? failed.getCause()
            : failed;
    return Objects.requireNonNullElse(told.getMessage(), told.toString());
  }

  private static void debug(Exception failed, CommandLine line, String[] args) {
    if (java.util.Arrays.asList(args).contains("--debug")) {
      failed.printStackTrace(line.getErr());
    }
  }
}
