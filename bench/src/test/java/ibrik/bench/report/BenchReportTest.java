package ibrik.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class BenchReportTest {
  private static final String MACHINE =
      "\"machine\":{\"cpu\":\"A <fast> CPU\",\"processors\":2,\"jdk\":\"VM 25\"}";

  @TempDir Path folder;

  private static String row(String benchmark, String param, double gflop, double runs) {
    return String.format(
        java.util.Locale.ROOT,
        """
        {"benchmark":"%s","params":{"device":"cpu","size":"%s"},"threads":2,"gflop_per_s":%s,
         "gbyte_per_s":4,"runs_per_s":%s,"runs_per_s_error":1,"percent_of_roof":42.5,
         "bound":"compute"}\
        """,
        benchmark,
        param,
        gflop,
        runs);
  }

  @BeforeEach
  void files() throws IOException {
    Files.writeString(
        folder.resolve("old.json"),
        "{\"date\":\"2026-01-01\","
            + MACHINE
            + ",\"results\":["
            + row("MatMulBench.matMul", "64x64x64", 80, 100)
            + "]}");
    Files.writeString(
        folder.resolve("new.json"),
        "{\"date\":\"2026-01-02\",\"note\":\"a <note>\",\"threads\":2,"
            + MACHINE
            + ",\"roofs\":[{\"threads\":2,\"fma_gflop_per_s\":187,\"copy\":["
            + "{\"bytes\":16384,\"gbyte_per_s\":400},{\"bytes\":8388608,\"gbyte_per_s\":60}]}]"
            + ",\"results\":["
            + row("MatMulBench.matMul", "64x64x64", 80, 120)
            + ","
            + row("LayoutBench.move", "8MiB", 0, 7)
            + "]}");
    Files.writeString(
        folder.resolve("peers.json"),
        "{\"date\":\"2026-01-02\","
            + MACHINE
            + ",\"peers\":\"PyTorch 2\",\"note\":\"busy\",\"rows\":["
            + "{\"bench\":\"sgemm\",\"size\":\"256\",\"ours_ms\":2,\"peer\":\"PyTorch\",\"peer_ms\":3,"
            + "\"ratio\":1.5,\"threads\":2},"
            + "{\"bench\":\"ema\",\"size\":\"16M\",\"ours_ms\":20,\"peer\":\"ND4J, composed\","
            + "\"peer_ms\":10,\"ratio\":0.5,\"threads\":2}]}");
    Files.writeString(
        folder.resolve("guard.json"),
        "{\"date\":\"2026-01-02\","
            + MACHINE
            + ",\"guard\":[{\"check\":\"add / copy\",\"ratio\":0.3,\"floor\":0.2,"
            + "\"verdict\":\"SAME\"}]}");
    Files.writeString(folder.resolve("other.txt"), "no result");
  }

  @Test
  void thePageShowsEveryPartAndNeedsNoOtherFile() throws Exception {
    Path file = folder.resolve("out").resolve("report.html");
    BenchReport.write(folder, file);
    String html = Files.readString(file);
    for (String part :
        List.of("Roofline", "Kernels and steps", "Peers", "Guard", "History", "matMul 64x64x64")) {
      assertTrue(html.contains(part), part);
    }
    assertTrue(html.contains("A &lt;fast&gt; CPU"));
    assertTrue(html.contains("a &lt;note&gt;"));
    assertFalse(html.contains("<fast>"));
    assertFalse(html.matches("(?s).*(src|href)=.?(http|//|\\w).*"), "no other file");
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    factory.newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    BenchReport.write(folder, file);
    assertEquals(html, Files.readString(file), "the same files give the same bytes");
  }

  @Test
  void historyComparesRunsOfOneKindOfMachineOnly() throws IOException {
    List<HistoryChart> charts = HistoryChart.all(ResultFile.all(folder));
    assertEquals(1, charts.size());
    assertEquals("MatMul matMul 64x64x64, 2 threads", charts.getFirst().title());
    assertEquals(
        List.of("2026-01-01", "2026-01-02"),
        charts.getFirst().points().stream().map(HistoryChart.Point::date).toList());
    Files.writeString(
        folder.resolve("old.json"),
        Files.readString(folder.resolve("old.json")).replace("fast", "slow"));
    assertEquals(List.of(), HistoryChart.all(ResultFile.all(folder)));
  }

  @Test
  void anEmptyFolderGivesAPage(@TempDir Path empty) throws IOException {
    String html = BenchReport.html(ResultFile.all(empty));
    assertTrue(html.contains("0 result files"));
    assertFalse(html.contains("Roofline"));
  }

  @Test
  void thePeersAreATableForAReadme() throws IOException {
    assertEquals(
        """
        | work | Ibrik, ms | ND4J, ms (ratio) | PyTorch, ms (ratio) |
        |---|---|---|---|
        | sgemm, 256 | 2.00 | - | 3.00 (1.50) |
        | ema, 16M | 20.0 | 10.0* (0.50) | - |

        Medians of runs by turns, 2 threads each; ratio above 1: Ibrik is faster; *: composed of \
        several ops. A <fast> CPU, 2 processors, VM 25, 2026-01-02; PyTorch 2. busy
        """,
        PeersMarkdown.of(ResultFile.all(folder)));
    assertEquals("", PeersMarkdown.of(List.of()));
  }
}
