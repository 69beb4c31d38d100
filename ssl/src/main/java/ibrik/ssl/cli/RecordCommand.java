package ibrik.ssl.cli;

import ibrik.ssl.report.Records;
import ibrik.ssl.train.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ibrik record RUN...`.
@Command(
    name = "record",
    description = {
      "Keep the results of runs: settings, numbers and curves of each in one small file.",
      "Runs made for a claim stand beside one another in a table of claims.",
      "With --markdown, print the tables of all that was kept."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ibrik record runs/NAME --note \"first run with the new kernels\"",
      "  ibrik record sweeps/cifar10-tiny",
      "  ibrik record runs/A --claim \"SwAV: small crops pay\" --variant \"two more, small\" --place 1",
      "  ibrik record --markdown                      the tables of README.md"
    })
final class RecordCommand extends AnyCommand {
  @Parameters(
      arity = "0..*",
      paramLabel = "<run>",
      description = "folders of runs, folders that hold runs, or patterns of these")
  private List<String> runs = List.of();

  @Option(names = "--note", paramLabel = "<text>", description = "what to say about them")
  private String note = "";

  @Option(
      names = "--claim",
      paramLabel = "<text>",
      description = "what the runs were made to show, the same for all that are compared")
  private @Nullable String claim;

  @Option(
      names = "--variant",
      paramLabel = "<text>",
      description = "with --claim: what tells them from the others")
  private @Nullable String variant;

  @Option(
      names = "--place",
      paramLabel = "<n>",
      description = "with --claim: the place that it gives them; 1 for what should be best")
  private @Nullable Integer place;

  @Option(
      names = "--to",
      paramLabel = "<folder>",
      description =
          "where results are kept (default: ssl/results, and claims within for those of a claim)")
  private @Nullable Path to;

  @Option(
      names = "--commit",
      paramLabel = "<revision>",
      description = "of the sources that made the runs, where they do not tell themselves")
  private @Nullable String commit;

  @Option(names = "--markdown", description = "Print the tables of what is kept.")
  private boolean markdown;

  @Override
  public Integer call() throws IOException {
    if (runs.isEmpty() && !markdown) {
      throw new IllegalArgumentException(
          "[record] needs runs to record, or --markdown; got neither; for example ibrik record"
              + " runs/NAME");
    }
    Records.Claim made = claim();
    Path results = to != null ? to : Path.of("ssl", "results");
    Path kept = to != null || made == null ? results : results.resolve(Records.CLAIMS);
    List<Path> folders = RunArguments.expand(runs);
    for (Path folder : folders) { // all are looked at before the first is recorded
      if (!Files.exists(folder.resolve("result.json"))) {
        throw new IllegalArgumentException(
            "[record] a run must be finished; got "
                + folder
                + " without result.json; go on with it by --resume, or leave it out");
      }
    }
    Records.Here here =
        new Records.Here(
            Machine.cpu(),
            Runtime.getRuntime().availableProcessors(),
            Runtime.version().toString(),
            Machine.system(),
            commit);
    for (Path folder : folders) {
      out().println(Records.write(folder, kept, note, made, here));
    }
    if (markdown) {
      out().print(Records.markdown(results));
    }
    return 0;
  }

  private Records.@Nullable Claim claim() {
    if (claim == null && variant == null && place == null) {
      return null;
    }
    if (claim == null || variant == null || place == null) {
      throw new IllegalArgumentException(
          "[record] --claim, --variant and --place belong together; got "
              + (claim == null ? "no claim" : variant == null ? "no variant" : "no place"));
    }
    return new Records.Claim(claim, variant, place);
  }
}
