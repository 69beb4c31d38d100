package ibrik.ssl.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/// What a command that was typed printed and how it ended.
///
/// @param status exit status
/// @param out what went to standard output
/// @param err what went to standard error
record Typed(int status, String out, String err) {
  static Typed run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(args);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int status = line.execute(args);
    return new Typed(status, out.toString(), err.toString());
  }
}
