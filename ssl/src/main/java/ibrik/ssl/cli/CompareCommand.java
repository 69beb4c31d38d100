package ibrik.ssl.cli;

import ibrik.ssl.report.Experiments;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ibrik compare RUN...`.
@Command(
    name = "compare",
    description = {
      "Put runs beside one another: a table here, a page with curves and settings.",
      "Runs that differ in the seed alone count as one, with mean and deviation."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ibrik compare                                 all runs in runs/",
      "  ibrik compare runs/byol-* runs/simclr-* --out byol-simclr.html",
      "  ibrik compare sweeps/cifar10-tiny --json      a folder of runs, as numbers",
      "  ibrik compare runs/mine ssl/results/*.json    beside recorded results"
    })
final class CompareCommand extends AnyCommand {
  private static final String FILE = "comparison.html";

  @Parameters(
      arity = "0..*",
      paramLabel = "<run>",
      description =
          "folders of runs, folders that hold runs, recorded results, or patterns of these"
              + " (default: runs/*)")
  private List<String> runs = List.of("runs");

  @Option(
      names = "--out",
      paramLabel = "<file>",
      description =
          "where the page goes (default: " + FILE + " beside the runs, or here if they lie apart)")
  private @Nullable Path file;

  @Option(names = "--json", description = "Print numbers as JSON instead of the table.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    List<Path> paths = RunArguments.expand(runs);
    Experiments experiments = Experiments.of(paths);
    if (experiments.isEmpty()) {
      throw new IllegalArgumentException(
          "[compare] needs at least one finished run (a folder with config.json and result.json);"
              + " got "
              + experiments.leftOut().stream()
                  .map(left -> left.run() + ": " + left.reason())
                  .collect(Collectors.joining("; "))
              + "; make runs with ibrik pretrain or ibrik sweep, or name their folders");
    }
    Path page = file != null ? file : beside(paths);
    experiments.write(page);
    out().print(json ? experiments.json() : experiments.text());
    (json ? err() : out()).println("page  " + page.toAbsolutePath().normalize());
    return 0;
  }

  /// In the folder that holds all the runs; recorded results are no place for a page.
  private static Path beside(List<Path> paths) {
    List<Path> parents =
        paths.stream()
            .map(path -> path.toAbsolutePath().normalize().getParent())
            .filter(Objects::nonNull)
            .distinct()
            .toList();
    boolean recorded = paths.stream().anyMatch(path -> path.toString().endsWith(".json"));
    return parents.size() == 1 && !recorded ? parents.getFirst().resolve(FILE) : Path.of(FILE);
  }
}
