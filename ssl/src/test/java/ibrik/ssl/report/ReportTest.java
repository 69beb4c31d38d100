package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.NodeList;

class ReportTest {
  private static final List<String> HOSTILE =
      List.of(
          "<script>alert(1)</script>",
          "\" onmouseover=\"alert(2)",
          "'&amp;</title></style><img src=x>",
          "]]>--><!--",
          "Größe \u0001 日本語");

  @TempDir Path folder;

  private String html() throws IOException {
    Path file = Report.write(folder);
    assertEquals(folder.resolve("report.html"), file);
    return Files.readString(file);
  }

  /// The page as XML: fails where anything was not escaped or not closed.
  private static Document parsed(String html) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    DocumentBuilder builder = factory.newDocumentBuilder();
    builder.setErrorHandler(null);
    Document page = builder.parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
    checkSelfContained(page);
    return page;
  }

  private static List<Element> elements(Document page, String name) {
    List<Element> elements = new ArrayList<>();
    NodeList nodes = page.getElementsByTagName(name);
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static void checkSelfContained(Document page) {
    Set<String> tags =
        new HashSet<>(
            Set.of(
                ("html head meta title style body header main section footer aside div span p h1 h2"
                        + " h3 ul li dl dt dd table caption thead tbody tr th td small figure figcaption"
                        + " details summary pre code img svg g line rect circle path text")
                    .split(" ")));
    for (Element element : elements(page, "*")) {
      assertTrue(tags.contains(element.getTagName()), element.getTagName());
      NamedNodeMap attributes = element.getAttributes();
      for (int i = 0; i < attributes.getLength(); i++) {
        String name = attributes.item(i).getNodeName();
        String value = attributes.item(i).getNodeValue();
        assertFalse(name.startsWith("on") || name.contains("href"), name);
        if (name.equals("src")) {
          assertTrue(value.startsWith("data:image/png;base64,"), value);
        }
        if (name.equals("style")) {
          assertTrue(value.matches("(width|--share):[0-9.]+%"), value);
        }
      }
    }
    String css = elements(page, "style").getFirst().getTextContent();
    assertFalse(css.contains("url(") || css.contains("@import"), "style sheet with references");
  }

  private static Set<String> texts(Document page, String name) {
    Set<String> texts = new HashSet<>();
    elements(page, name).forEach(element -> texts.add(element.getTextContent()));
    return texts;
  }

  @Test
  void aWholeRun() throws Exception {
    SyntheticRun.write(folder, 30, SyntheticRun.classes(10));
    BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_ARGB);
    for (String name : List.of("augmentations", "neighbors", "filters_of_layer_1")) {
      Pictures.write(picture, folder.resolve("pictures/" + name + ".png"));
    }
    Files.writeString(folder.resolve("pictures/notes.txt"), "no picture");
    Document page = parsed(html());
    assertEquals(Set.of("BYOL on shapes"), texts(page, "h1"));
    assertEquals(
        Set.of(
            "Result",
            "Training",
            "Features",
            "Linear probe",
            "What training sees",
            "Configuration",
            "Run it again"),
        texts(page, "h2"));
    assertEquals(
        Set.of(
            "Loss",
            "Accuracy while training",
            "Spread of embeddings",
            "Effective rank",
            "Learning rate",
            "Gradient norm",
            "Loss of the probe",
            "Speed",
            "Tau",
            "UMAP of features",
            "Nearest neighbours",
            "Spectrum of features",
            "Accuracy by number of neighbours",
            "Confusion matrix",
            "Calibration",
            "Augmentations",
            "Filters of layer 1"),
        texts(page, "h3"));
    assertEquals(3, elements(page, "img").size());
    assertTrue(
        texts(page, "p")
            .contains(
                "BYOL’s features beat random weights by 50.0 points and"
                    + " raw pixels by 60.0 points (k-NN, k = 200)."),
        "verdict");
    assertTrue(texts(page, "code").contains("ibrik pretrain byol --data shapes"));
    assertTrue(
        texts(page, "dd").containsAll(Set.of("30", "4 min 12 s", "823.4", "cpu", "7", "50")));
    assertTrue(texts(page, "title").contains("class 3, test image 13"));
    assertTrue(texts(page, "title").contains("loss, epoch 2: 0.5"));
    assertTrue(texts(page, "li").contains("A note."));
    assertEquals(0, elements(page, "aside").size());
  }

  /// Method first, then floors, then ceilings; numbers and bars agree.
  @Test
  void theTableOfResults() throws Exception {
    SyntheticRun.write(folder, 2, SyntheticRun.classes(4));
    Document page = parsed(html());
    List<String> rows = new ArrayList<>();
    for (Element row : elements(page, "tr")) {
      String role = row.getAttribute("class");
      if (Set.of("method", "floor", "ceiling").contains(role)) {
        rows.add(role + " " + row.getTextContent().replace('\u202f', ' '));
      }
    }
    assertEquals(4, rows.size());
    assertTrue(rows.get(0).startsWith("method BYOLthis run80.0 %± 16.8"), rows.get(0));
    assertTrue(rows.get(0).endsWith("50.0 %"), rows.get(0));
    assertTrue(rows.get(1).startsWith("floor random weightsfloor30.0 %"), rows.get(1));
    assertTrue(rows.get(2).startsWith("floor raw pixelsfloor20.0 %"), rows.get(2));
    assertTrue(rows.get(2).endsWith("––"), "no linear probe, nothing more: " + rows.get(2));
    assertTrue(rows.get(3).startsWith("ceiling supervisedceiling95.0 %"), rows.get(3));
    List<String> bars =
        elements(page, "span").stream()
            .map(span -> span.getAttribute("style"))
            .filter(style -> !style.isEmpty())
            .limit(2)
            .toList();
    assertEquals(List.of("width:80.0%", "width:85.0%"), bars);
  }

  @Test
  void theSameFolderGivesTheSameBytes() throws Exception {
    SyntheticRun.write(folder, 7, SyntheticRun.classes(3));
    Pictures.write(
        new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), folder.resolve("pictures/a.png"));
    byte[] first = Files.readAllBytes(Report.write(folder));
    assertArrayEquals(first, Files.readAllBytes(Report.write(folder)));
  }

  @Test
  void hostileNamesAreText() throws Exception {
    SyntheticRun.write(folder, 3, HOSTILE);
    String script = "<script>alert(1)</script>";
    Files.writeString(
        folder.resolve("config.json"),
        Json.MAPPER.writeValueAsString(
            Map.of(
                "method",
                script,
                "command",
                script,
                script,
                Map.of(script, List.of(script)),
                "data",
                Map.of("name", "\"><svg onload=alert(3)>"),
                "device",
                "</dd><script>")));
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        "{\"epoch\":1,\"loss\":1,\"<script>x</script>\":2}\n{\"epoch\":2,\"loss\":1}\n");
    Pictures.write(
        new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB),
        folder.resolve("pictures/\"><script>.png"));
    String html = html();
    assertFalse(html.contains("<script"), "script element");
    Document page = parsed(html);
    assertEquals(Set.of("BYOL on \"><svg onload=alert(3)>"), texts(page, "h1"));
    assertTrue(texts(page, "code").contains(script));
    assertTrue(texts(page, "summary").contains(script));
    assertTrue(texts(page, "h3").contains("<script>x</script>"));
    assertTrue(texts(page, "th").containsAll(HOSTILE.subList(0, 4)), "names as they are");
    assertTrue(texts(page, "th").contains("Größe \ufffd 日本語"), "control characters replaced");
  }

  @Test
  void anEmptyFolder() throws Exception {
    Document page = parsed(html());
    assertEquals(Set.of("a method on unknown data"), texts(page, "h1"));
    assertEquals(Set.of(), texts(page, "h2"));
    assertEquals(
        Set.of(
            "config.json is not there: what was asked for is unknown.",
            "metrics.jsonl is not there: no epoch is over.",
            "result.json is not there: the run goes on, or was stopped before its end.",
            "findings.json is not there: the features have not been examined yet."),
        texts(page, "li"));
  }

  @Test
  void aRunThatGoesOn() throws Exception {
    SyntheticRun.config(folder, 100);
    SyntheticRun.metrics(folder, 6);
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        Files.readString(folder.resolve("metrics.jsonl")) + "{\"epoch\":7,\"loss\":0.");
    Document page = parsed(html());
    assertEquals(Set.of("Training", "Configuration", "Run it again"), texts(page, "h2"));
    assertTrue(texts(page, "dd").contains("6 of 100"));
    assertEquals(1, elements(page, "aside").size());
  }

  @Test
  void brokenFilesAreNamed() throws Exception {
    for (String file : List.of("config.json", "result.json", "findings.json")) {
      Files.writeString(folder.resolve(file), "{\"half\":");
    }
    Files.writeString(folder.resolve("metrics.jsonl"), "x\n{\"epoch\":1,\"loss\":1}\n");
    Document page = parsed(html());
    String said = String.join("\n", texts(page, "li"));
    assertTrue(said.contains("config.json is no JSON ("), said);
    assertTrue(said.contains("result.json is no JSON ("), said);
    assertTrue(said.contains("findings.json holds no findings ("), said);
    assertTrue(said.contains("metrics.jsonl: line 1 is no JSON object with an epoch"), said);
    Files.writeString(folder.resolve("config.json"), "[1]");
    Files.writeString(folder.resolve("findings.json"), "null");
    said = String.join("\n", texts(parsed(html()), "li"));
    assertTrue(said.contains("config.json holds no JSON object"), said);
    assertTrue(said.contains("findings.json holds no JSON object"), said);
  }

  @Test
  void numbersThatAreNone() throws Exception {
    SyntheticRun.config(folder, 3);
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        """
        {"epoch":1,"loss":null,"lr":0.1,"knn":null,"grad_norm":"Infinity"}
        {"epoch":2,"loss":0.5,"lr":null,"knn":null}
        {"epoch":3,"loss":0.25,"lr":0.1,"knn":null}
        """);
    Document page = parsed(html());
    assertEquals(Set.of("Loss", "Learning rate"), texts(page, "h3"));
    for (Element path : elements(page, "path")) {
      assertTrue(path.getAttribute("d").matches("[MLZ0-9. -]+"), path.getAttribute("d"));
    }
  }

  @Test
  void deepConfigurations() throws Exception {
    Files.writeString(
        folder.resolve("config.json"), "{\"a\":".repeat(400) + "[[1,{}],[]]" + "}".repeat(400));
    Document page = parsed(html());
    List<String> cells = elements(page, "td").stream().map(Element::getTextContent).toList();
    String deepest = cells.getLast();
    assertTrue(deepest.startsWith("{\"a\":{\"a\":") && deepest.contains("[[1,{}],[]]"), deepest);
    SyntheticRun.config(folder, 3);
    page = parsed(html());
    cells = elements(page, "td").stream().map(Element::getTextContent).toList();
    assertTrue(cells.containsAll(List.of("shapes", "8, 16", "0.25", "0.99", "–")), "" + cells);
  }

  @Test
  void findingsThatAreNone() throws Exception {
    SyntheticRun.metrics(folder, 3);
    Files.writeString(
        folder.resolve("findings.json"),
        """
        {"rows":[{"name":"BYOL","role":"method","knn":0.8},
                 {"name":"raw pixels","role":"floor","knn":"NaN"}],
         "map":{"kind":"PCA","x":["NaN",1],"y":[1,"Infinity"],"label":[0,-1],"index":[0,1]},
         "spectrum":["NaN",1],"knn":{"5":null},"confusion":{"counts":[]}}
        """);
    String html = html();
    Document page = parsed(html);
    assertFalse(html.contains("NaN"), "numbers only");
    assertFalse(texts(page, "h3").contains("PCA of features"));
    assertFalse(texts(page, "h3").contains("Confusion matrix"));
    assertTrue(texts(page, "p").stream().anyMatch(p -> p.contains("nothing to compare with")));
  }

  @Test
  void oneEpochIsADot() throws Exception {
    SyntheticRun.write(folder, 1, SyntheticRun.classes(2));
    Document page = parsed(html());
    long dots =
        elements(page, "circle").stream()
            .filter(circle -> circle.getAttribute("class").equals("dot"))
            .count();
    assertEquals(11, dots); // one per line: loss, three accuracies, std, rank, five small ones
    assertFalse(html().contains("NaN"), "coordinates are numbers");
  }

  /// Twenty classes have a table with numbers, more have a picture and a list of errors.
  @Test
  void manyClasses() throws Exception {
    SyntheticRun.write(folder, 3, SyntheticRun.classes(20));
    assertTrue(html().contains("class=\"confusion\""));
    SyntheticRun.write(folder, 3, SyntheticRun.classes(100));
    String html = html();
    Document page = parsed(html);
    assertFalse(html.contains("class=\"confusion\""));
    assertTrue(texts(page, "caption").contains("Most frequent errors"));
    assertTrue(texts(page, "title").contains("class 99 taken for class 0: 1"));
    long right =
        elements(page, "rect").stream()
            .filter(rect -> rect.getAttribute("class").equals("right"))
            .count();
    assertEquals(100, right);
  }

  @Test
  void theMapIsDrawnToScale() throws Exception {
    SyntheticRun.write(folder, 1, SyntheticRun.classes(2));
    Matcher mark =
        Pattern.compile("<circle cx=\"([0-9.]+)\" cy=\"([0-9.]+)\" r=\"2.6\" class=\"c (c[01])\">")
            .matcher(html());
    int marks = 0;
    while (mark.find()) {
      double x = Double.parseDouble(mark.group(1));
      assertTrue(
          mark.group(3).equals("c0") ? x < 200 : x > 520, "class 0 is left: " + mark.group());
      marks++;
    }
    assertEquals(10, marks);
  }

  @Test
  void largeMapsAreThinned() {
    int n = 2 * MapPlot.MOST_MARKS + 1;
    Findings.EmbeddingMap map =
        Findings.EmbeddingMap.of("PCA", new double[n][2], new int[n], new int[n]);
    MapPlot plot = new MapPlot(Findings.none(), map);
    assertEquals(Math.ceilDiv(n, 3), plot.draw().render().split("<circle", -1).length - 1);
    assertTrue(plot.reading().endsWith(" Of 10,001 images, one in 3 is shown."), plot.reading());
  }

  @Test
  void whatIsNoFolderIsRefused() throws Exception {
    Path file = Files.createFile(folder.resolve("x"));
    assertTrue(
        assertThrows(NotDirectoryException.class, () -> Report.write(file))
            .getMessage()
            .startsWith("[report] needs the folder of a run; got "));
  }
}
