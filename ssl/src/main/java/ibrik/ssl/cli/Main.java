package ibrik.ssl.cli;

import java.util.Arrays;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The command line: `ibrik pretrain byol`.
@Command(
    name = "ibrik",
    description = "Self-supervised learning on a tensor engine in pure Java.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ibrik pretrain byol                  train on the data set that comes with it, then report",
      "  ibrik pretrain byol --resume         go on with a run that was stopped",
      "  ibrik pretrain simclr --data cifar10 --data-dir DIR --model resnet18 --epochs 10",
      "  ibrik sweep --methods byol,simclr    several methods and seeds, then a page beside one another",
      "  ibrik compare                        put the runs in runs/ beside one another",
      "  ibrik eval all --run runs/NAME       measure a trained encoder",
      "  ibrik doctor                         what was found on this machine",
      "  source <(ibrik generate-completion)  complete commands and flags in this shell"
    })
public final class Main {
  /// Exit status for whatever the user can mend.
  static final int USER_ERROR = 2;

  private static final String COMPLETION = "generate-completion";

  private Main() {}

  /// Runs a command and exits with its status: 0 done, 2 bad input, 70 a fault of this program, 130
  /// interrupted.
  public static void main(String[] args) {
    CommandLine line = commandLine(args);
    int status = line.execute(args);
    line.getOut().flush(); // of itself it does so at the end of a line only
    System.exit(status);
  }

  /// The command line that understands these arguments. Methods that do not occur in them are known
  /// by name only, but for files of arguments and shell completion, which may need any of them.
  static CommandLine commandLine(String... args) {
    List<String> typed = Arrays.asList(args);
    boolean every =
        typed.contains(COMPLETION) || typed.stream().anyMatch(word -> word.startsWith("@"));
    CommandLine line = new CommandLine(new Main());
    line.addSubcommand(PretrainCommand.spec(method -> every || typed.contains(method)));
    line.addSubcommand(new SweepCommand());
    line.addSubcommand(new EvalCommand());
    line.addSubcommand(new ReportCommand());
    line.addSubcommand(new CompareCommand());
    line.addSubcommand(new RecordCommand());
    line.addSubcommand(new ListCommand());
    line.addSubcommand(new DoctorCommand());
    line.addSubcommand(COMPLETION, new AutoComplete.GenerateCompletion());
    line.addSubcommand(new CommandLine.HelpCommand());
    line.setParameterExceptionHandler(Failures::parameter);
    line.setExecutionExceptionHandler(Failures::execution);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAbbreviatedOptionsAllowed(false);
    return line;
  }

  /// As the user typed it, for the record.
  static String typed(List<String> args) {
    return "ibrik "
        + String.join(
            " ",
            args.stream()
                .map(
                    arg ->
                        arg.matches("[A-Za-z0-9_./:=,+@%-]+")
                            ? arg
                            : "'" + arg.replace("'", "'\\''") + "'")
                .toList());
  }

  /// [#typed(List)] of an array.
  static String typed(String... args) {
    return typed(Arrays.asList(args));
  }
}
