package ibrik.ssl.report;

import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.img;
import static j2html.TagCreator.p;

import j2html.tags.DomContent;
import java.util.Arrays;
import java.util.Base64;

/// Figures of the page: a title, the picture, and how to read it.
public final class Figures {
  private Figures() {}

  /// A figure.
  public static DomContent of(String title, String reading, DomContent... parts) {
    return figure(h3(title), each(Arrays.stream(parts)), figcaption(p(reading)));
  }

  /// A PNG file inside the page.
  public static DomContent image(byte[] png, String alt) {
    return img()
        .withSrc("data:image/png;base64," + Base64.getEncoder().encodeToString(png))
        .withAlt(alt);
  }
}
