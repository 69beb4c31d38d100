package ibrik.ssl.report;

import ibrik.tensor.io.AtomicFile;
import j2html.Config;
import j2html.rendering.FlatHtml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// The report of a run: `report.html` in its folder, one file that needs no other.
///
/// It is made from the folder alone, at any time: of a run that goes on or was stopped it shows
/// what there is and says what is missing. The same folder gives the same bytes.
public final class Report {
  private static final String FILE = "report.html";

  /// Control characters, which no HTML may hold, not even escaped.
  private static final Pattern FORBIDDEN =
      Pattern.compile("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\\uFFFE\\uFFFF]");

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

  /// The page. Empty elements are closed, so that it is well-formed XML too.
  static String html(RunContents run) throws IOException {
    FlatHtml<StringBuilder> out =
        FlatHtml.into(new StringBuilder(), Config.defaults().withEmptyTagsClosed(true));
    out.appendUnescapedText("<!DOCTYPE html>\n");
    new Page(run).document().render(out);
    return FORBIDDEN.matcher(out.output().append('\n')).replaceAll("\uFFFD");
  }
}
