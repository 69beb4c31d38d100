package ibrik.ssl.cli;

import ibrik.ssl.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ibrik report FOLDER`.
@Command(
    name = "report",
    description = "Make the HTML report of a run again, finished or not.",
    footerHeading = "%nExamples:%n",
    footer = {"  ibrik report                  of the newest run", "  ibrik report runs/NAME"})
final class ReportCommand extends AnyCommand {

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "<folder>",
      description = "folder of the run (default: the newest in runs/)")
  private @Nullable Path folder;

  @Override
  public Integer call() throws IOException {
    Path written = Report.write(folder == null ? RunPaths.newest() : folder);
    out().println(written.toAbsolutePath().normalize());
    return 0;
  }
}
