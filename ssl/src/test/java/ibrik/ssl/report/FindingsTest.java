package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.ssl.report.Findings.EmbeddingMap;
import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Findings.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindingsTest {
  @TempDir Path folder;

  private Findings reread(Findings findings) throws IOException {
    Path file = folder.resolve("findings.json");
    findings.write(file);
    return Findings.read(file);
  }

  @Test
  void allPartsComeBack() throws IOException {
    Findings written = SyntheticRun.findings(List.of("a", "b", "c"));
    Findings read = reread(written);
    assertEquals(written.rows(), read.rows());
    assertEquals(written.k(), read.k());
    assertEquals(written.classNames(), read.classNames());
    assertEquals(written.knn(), read.knn());
    assertEquals(written.calibration(), read.calibration());
    assertEquals(written.collapseValue(), read.collapseValue());
    assertEquals(written.isotropicStd(), read.isotropicStd());
    assertEquals(written.notes(), read.notes());
    assertArrayEquals(written.spectrum(), read.spectrum());
    assertArrayEquals(written.confusion().counts(), read.confusion().counts());
    assertEquals("UMAP", read.map().kind());
    assertArrayEquals(written.map().x(), read.map().x());
    assertArrayEquals(written.map().y(), read.map().y());
    assertArrayEquals(written.map().label(), read.map().label());
    assertArrayEquals(written.map().index(), read.map().index());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count(), "no temporary file stays");
    }
  }

  @Test
  void keysAreThoseOfTheFormat() throws IOException {
    SyntheticRun.findings(List.of("a", "b")).write(folder.resolve("f"));
    JsonNode json = Json.MAPPER.readTree(folder.resolve("f").toFile());
    assertEquals("ceiling", json.at("/rows/0/role").textValue());
    assertEquals("a", json.at("/class_names/0").textValue());
    assertEquals(2.0, json.at("/collapse_value").doubleValue());
    assertEquals(0.125, json.at("/isotropic_std").doubleValue());
    assertEquals(0.78, json.at("/knn/20").doubleValue());
    assertEquals(4, json.at("/confusion/counts/0/0").intValue());
    assertEquals(0.85, json.at("/calibration/bins/1/accuracy").doubleValue());
  }

  @Test
  void nothingComesBackAsNothing() throws IOException {
    Findings read = reread(Findings.none());
    assertTrue(read.rows().isEmpty() && read.knn().isEmpty() && read.notes().isEmpty());
    assertEquals(0, read.spectrum().length);
    Files.writeString(folder.resolve("empty"), "{\"of_a_newer_version\":1}");
    assertTrue(Findings.read(folder.resolve("empty")).rows().isEmpty());
  }

  @Test
  void numbersThatAreNone() throws IOException {
    Findings read =
        reread(
            new Findings(
                List.of(new Row("x", Role.FLOOR, Double.NaN, null, Map.of())),
                null,
                List.of(),
                null,
                EmbeddingMap.of(
                    "PCA",
                    new double[][] {{Double.NaN, Double.POSITIVE_INFINITY}},
                    new int[] {-1},
                    new int[] {0}),
                null,
                Findings.none().knn(),
                new double[] {Double.NaN},
                null,
                null,
                List.of()));
    assertNull(read.rows().getFirst().knn());
    assertTrue(Double.isNaN(read.map().x()[0]));
    assertEquals(Double.POSITIVE_INFINITY, read.map().y()[0]);
    assertNotNull(read.spectrum());
  }

  @Test
  void wrongPartsAreRefused() throws IOException {
    assertEquals(
        "[findings] x, y, label and index of a map must have one length; got 2, 1, 2, 2",
        assertThrows(
                IllegalArgumentException.class,
                () -> new EmbeddingMap("PCA", new double[2], new double[1], new int[2], new int[2]))
            .getMessage());
    Path file = folder.resolve("f");
    for (String bad :
        List.of(
            "{\"rows\":[{\"name\":\"a\",\"role\":\"hero\"}]}",
            "{\"rows\":[{\"name\":\"a\"}]}",
            "{\"map\":{\"kind\":\"PCA\",\"x\":[1],\"y\":[],\"label\":[],\"index\":[]}}",
            "{\"confusion\":{\"counts\":[[1,2]]}}",
            "{\"rows\":[")) {
      Files.writeString(file, bad);
      assertThrows(IOException.class, () -> Findings.read(file), bad);
    }
  }

  @Test
  void classesWithoutNames() {
    Findings findings = SyntheticRun.findings(List.of("a", "b"));
    assertEquals("b", findings.className(1));
    assertEquals("class 2", findings.className(2));
    assertEquals("no label", findings.className(-1));
  }
}
