package ibrik.ssl.report;

import ibrik.tensor.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The report of a run: `report.html` in its folder, one file that needs no other.
///
/// It is made from the folder alone, at any time: of a run that goes on or was stopped it shows
/// what there is and says what is missing. The same folder gives the same bytes.
public final class Report {
  private static final String FILE = "report.html";

  private Report() {}

  /// Makes the report anew and returns its path.
  ///
  /// @throws IOException if `runFolder` is no folder, or the report cannot be written
  public static Path write(Path runFolder) throws IOException {
    byte[] html = html(RunContents.read(runFolder)).getBytes(StandardCharsets.UTF_8);
    Path file = runFolder.resolve(FILE);
    AtomicFile.write(file, html);
    return file;
  }

  /// The page.
  static String html(RunContents run) throws IOException {
    return Sheet.text(new Page(run).document());
  }
}
