package ibrik.ssl.cli;

import ibrik.ssl.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `ibrik report FOLDER`.
@Command(
    name = "report",
    description = "Make the HTML report of a run again, finished or not.",
    footerHeading = "%nExamples:%n",
    footer = {"  ibrik report                  of the newest run", "  ibrik report runs/NAME"})
final class ReportCommand implements Callable<Integer> {
  @Mixin private @Nullable Common common;
  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "<folder>",
      description = "folder of the run (default: the newest in runs/)")
  private @Nullable Path folder;

  @Override
  public Integer call() throws IOException {
    Path written = Report.write(folder == null ? RunPaths.newest() : folder);
    if (spec != null) {
      spec.commandLine().getOut().println(written.toAbsolutePath().normalize());
    }
    return 0;
  }
}
