package ibrik.bench.report;

import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.footer;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.header;
import static j2html.TagCreator.main;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.bench.Options;
import ibrik.bench.Roofline;
import ibrik.ssl.report.Figures;
import ibrik.ssl.report.Numbers;
import ibrik.ssl.report.Sheet;
import ibrik.tensor.io.AtomicFile;
import j2html.tags.DomContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The page of all result files in a folder: one HTML file that needs no other. The same files give
/// the same bytes.
public final class BenchReport {
  private static final String HELP =
      """
      ibrik bench report: one page of all result files.
        --results <folder>  instead of bench/results
        --out <file>        instead of bench/target/report.html
        --peers-markdown    print the table of peers instead, for a README\
      """;

  private final List<ResultFile> files;

  private BenchReport(List<ResultFile> files) {
    this.files = files;
  }

  /// Writes the page; returns the exit status.
  public static int run(List<String> args) throws IOException {
    Options options = new Options(args);
    if (options.flag("--help") || options.flag("-h")) {
      System.out.println(HELP);
      return 0;
    }
    String results = options.value("--results");
    String out = options.value("--out");
    boolean markdown = options.flag("--peers-markdown");
    options.done();
    Path folder = results == null ? Options.inRepository("bench", "results") : Path.of(results);
    if (markdown) {
      System.out.print(PeersMarkdown.of(ResultFile.all(folder)));
      return 0;
    }
    Path file = out == null ? Options.inRepository("bench", "target", "report.html") : Path.of(out);
    write(folder, file);
    System.out.println("written: " + file);
    return 0;
  }

  /// Writes the page of a folder of result files.
  ///
  /// @throws IOException if a file cannot be read or written
  public static void write(Path results, Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    AtomicFile.write(file, html(ResultFile.all(results)).getBytes(StandardCharsets.UTF_8));
  }

  static String html(List<ResultFile> files) throws IOException {
    BenchReport report = new BenchReport(files);
    return Sheet.text(
        Sheet.of(
            "Ibrik benchmarks",
            report.top(),
            main(report.rates(), report.peers(), report.guard(), report.history()),
            footer(p("Made by Ibrik from " + files.size() + " result files."))));
  }

  private DomContent top() {
    Map<String, String> facts = new LinkedHashMap<>();
    withRoof()
        .ifPresent(
            file -> {
              facts.put("Measured", file.date());
              facts.put("Machine", file.machine());
              facts.put("Threads", file.json().path("threads").asText());
              Roofline roof = file.roof().orElseThrow();
              facts.put("FMA peak", Numbers.brief(roof.gflopPerSecond()) + " GFLOP/s");
              roof.copy()
                  .forEach(
                      (bytes, rate) ->
                          facts.put(
                              "Copy of " + RooflineChart.bytes(bytes),
                              Numbers.brief(rate) + " GB/s"));
            });
    String note = withRoof().map(ResultFile::note).orElse("");
    return header(
        p("Benchmarks").withClass("kicker"),
        h1("How fast Ibrik is, and how fast it could be"),
        each(
            note.isBlank() ? List.<String>of() : List.of(note),
            text -> p(text).withClass("verdict")),
        dl(each(facts, fact -> div(dt(fact.getKey()), dd(fact.getValue())))).withClass("facts"));
  }

  private static DomContent part(String name, DomContent... content) {
    return section(h2(name), each(Arrays.stream(content)));
  }

  /// The newest file whose rows can be compared with a roof.
  private Optional<ResultFile> withRoof() {
    return files.reversed().stream()
        .filter(file -> file.roof().isPresent() && !file.rates().isEmpty())
        .findFirst();
  }

  private DomContent rates() {
    Optional<ResultFile> newest = withRoof();
    if (newest.isEmpty()) {
      return each();
    }
    List<Rate> rates = newest.get().rates();
    List<DomContent> parts = new ArrayList<>();
    if (RooflineChart.any(rates)) {
      RooflineChart chart = new RooflineChart(newest.get().roof().orElseThrow(), rates);
      parts.add(
          Figures.of(
              "Roofline",
              "A mark is a benchmark. Lines are what this machine was measured to do at most in"
                  + " the same run: copies of several sizes rise, multiplications and additions in"
                  + " registers run level. A mark near the line of its size leaves nothing to win.",
              chart.legend().html(),
              chart.draw()));
    }
    Map<String, List<Rate>> families = new LinkedHashMap<>();
    rates.forEach(
        rate -> families.computeIfAbsent(rate.family(), _ -> new ArrayList<>()).add(rate));
    families.forEach((family, rows) -> parts.add(Figures.of(family, "", RateTable.of(rows))));
    parts.add(
        p("Percent of the roof: the least time that operations or bytes need, over the measured"
                + " one. Above 100 where a kernel reads more than it writes, or skips work that"
                + " the definition counts.")
            .withClass("reading"));
    return part("Kernels and steps", parts.toArray(DomContent[]::new));
  }

  private DomContent peers() {
    List<DomContent> parts = new ArrayList<>();
    for (ResultFile file : files) {
      List<RatioChart.Row> rows = new ArrayList<>();
      for (JsonNode row : file.json().path("rows")) {
        rows.add(
            new RatioChart.Row(
                row.path("bench").asText()
                    + " "
                    + row.path("size").asText()
                    + " · "
                    + row.path("peer").asText(),
                row.path("ratio").asDouble(),
                "ours "
                    + Numbers.brief(row.path("ours_ms").asDouble())
                    + " ms, "
                    + row.path("peer").asText()
                    + " "
                    + Numbers.brief(row.path("peer_ms").asDouble())
                    + " ms, "
                    + row.path("threads").asInt()
                    + " threads"));
      }
      if (!rows.isEmpty()) {
        parts.add(
            Figures.of(
                file.date() + ", " + file.machine(),
                "Time of the peer over time of Ibrik: bars to the right of 1 where Ibrik is faster. "
                    + file.json().path("peers").asText()
                    + ". "
                    + file.note(),
                new RatioChart(rows).draw()));
      }
    }
    return parts.isEmpty() ? each() : part("Peers", parts.toArray(DomContent[]::new));
  }

  /// The newest run of the guard.
  private DomContent guard() {
    for (ResultFile file : files.reversed()) {
      List<RatioChart.Row> rows = new ArrayList<>();
      for (JsonNode row : file.json().path("guard")) {
        if (row.has("floor")) {
          double floor = row.path("floor").asDouble();
          double ratio = row.path("ratio").asDouble();
          rows.add(
              new RatioChart.Row(
                  row.path("verdict").asText() + " · " + row.path("check").asText(),
                  ratio / floor,
                  "ratio " + Numbers.brief(ratio) + ", floor " + Numbers.brief(floor)));
        }
      }
      if (!rows.isEmpty()) {
        return part(
            "Guard",
            Figures.of(
                file.date() + ", " + file.machine(),
                "Each ratio over its floor: to the left of 1 something has become slower.",
                new RatioChart(rows).draw()));
      }
    }
    return each();
  }

  private DomContent history() {
    List<HistoryChart> charts = HistoryChart.all(files);
    return charts.isEmpty()
        ? each()
        : part(
            "History",
            div(each(charts, chart -> Figures.of(chart.title(), "", div(), chart.draw())))
                .withClass("grid three"),
            p("Runs on machines of one kind, oldest first, with 99.9 % intervals. Where intervals"
                    + " overlap, nothing was shown.")
                .withClass("reading"));
  }
}
