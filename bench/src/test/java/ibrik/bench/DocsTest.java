package ibrik.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.report.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The README and the pages in `docs` quote the code as it is, and their links lead somewhere.
class DocsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /// A block of Java whose first line names the file it is from.
  private static final Pattern QUOTATION =
      Pattern.compile("```java\n// (\\S+\\.java)\n(.*?)```", Pattern.DOTALL);

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

  /// A path of the repository between back quotes.
  private static final Pattern NAMED =
      Pattern.compile("`((?:tensor|autograd|kernels|nn|ssl|bench|docs)/[\\w./-]+\\.\\w+)`");

  private static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of(ROOT.resolve("README.md")),
              files.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  /// Lines that say something: no blank ones, no Javadoc, indentation left out.
  private static List<String> lines(String code) {
    return code.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("///"))
        .toList();
  }

  /// Whether `part` stands in `whole` in one piece; `...` stands for anything.
  private static boolean quotes(List<String> whole, List<String> part) {
    int from = 0;
    List<String> piece = new ArrayList<>();
    for (String line : Stream.concat(part.stream(), Stream.of("...")).toList()) {
      if (!line.equals("...")) {
        piece.add(line);
        continue;
      }
      int at = java.util.Collections.indexOfSubList(whole.subList(from, whole.size()), piece);
      if (at < 0) {
        return false;
      }
      from += at + piece.size();
      piece.clear();
    }
    return true;
  }

  @TestFactory
  Stream<DynamicTest> quotationsAreTrue() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      Matcher matcher = QUOTATION.matcher(Files.readString(page));
      while (matcher.find()) {
        String file = matcher.group(1);
        List<String> quoted = lines(matcher.group(2));
        tests.add(
            DynamicTest.dynamicTest(
                page.getFileName() + " quotes " + file,
                () -> {
                  assertFalse(quoted.isEmpty());
                  assertTrue(
                      quotes(lines(Files.readString(ROOT.resolve(file))), quoted),
                      () -> file + " does not contain\n" + String.join("\n", quoted));
                }));
      }
    }
    assertFalse(tests.isEmpty());
    return tests.stream();
  }

  /// `./ibrik record --markdown` prints what belongs between the marks.
  @Test
  void theTableOfResultsIsMadeFromTheRecords() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String begin = "<!-- results -->\n\n";
    int from = readme.indexOf(begin) + begin.length();
    assertEquals(
        Records.markdown(ROOT.resolve("ssl/results")),
        readme.substring(from, readme.indexOf("\n<!-- /results -->")));
  }

  @Test
  void linksAndPathsLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      String text = Files.readString(page);
      Matcher link = LINK.matcher(text);
      while (link.find()) {
        if (!Files.exists(page.resolveSibling(link.group(1)))) {
          broken.add(page.getFileName() + ": " + link.group(1));
        }
      }
      Matcher named = NAMED.matcher(text);
      while (named.find()) {
        // What the build writes is not there before the build.
        if (!named.group(1).contains("/target/") && !Files.exists(ROOT.resolve(named.group(1)))) {
          broken.add(page.getFileName() + ": " + named.group(1));
        }
      }
    }
    assertEquals(List.of(), broken);
  }

  @Test
  void aChangedLineIsNoticed() {
    List<String> code = List.of("a", "b", "c", "d");
    assertTrue(quotes(code, List.of("b", "c")));
    assertTrue(quotes(code, List.of("a", "...", "c", "d")));
    assertFalse(quotes(code, List.of("a", "c")));
    assertFalse(quotes(code, List.of("c", "...", "b")));
    assertFalse(quotes(code, List.of("b", "x")));
  }
}
