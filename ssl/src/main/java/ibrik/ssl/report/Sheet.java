package ibrik.ssl.report;

import static j2html.TagCreator.body;
import static j2html.TagCreator.each;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.style;

import j2html.Config;
import j2html.TagCreator;
import j2html.rendering.FlatHtml;
import j2html.tags.DomContent;
import j2html.tags.specialized.HtmlTag;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/// An HTML page that needs no other file: the project's style sheet is inside. Text goes through
/// j2html, which escapes it; the style sheet alone is put in as it is.
public final class Sheet {
  /// Control characters, which no HTML may hold, not even escaped.
  private static final Pattern FORBIDDEN =
      Pattern.compile("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\\uFFFE\\uFFFF]");

  private Sheet() {}

  /// A page with these parts.
  ///
  /// @throws IOException if the style sheet is not beside its class
  public static HtmlTag of(String title, DomContent... parts) throws IOException {
    return html(
            head(
                meta().withCharset("utf-8"),
                meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                meta().withName("color-scheme").withContent("light dark"),
                TagCreator.title(title),
                style(rawHtml(styleSheet()))),
            body(each(Arrays.stream(parts))))
        .withLang("en");
  }

  /// The page as text. Empty elements are closed, so that it is well-formed XML too.
  public static String text(HtmlTag page) throws IOException {
    FlatHtml<StringBuilder> out =
        FlatHtml.into(new StringBuilder(), Config.defaults().withEmptyTagsClosed(true));
    out.appendUnescapedText("<!DOCTYPE html>\n");
    page.render(out);
    return FORBIDDEN.matcher(out.output().append('\n')).replaceAll("\uFFFD");
  }

  private static String styleSheet() throws IOException {
    try (InputStream css = Sheet.class.getResourceAsStream("report.css")) {
      if (css == null) {
        throw new IOException("[report] report.css is not beside its class; build Ibrik again");
      }
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
