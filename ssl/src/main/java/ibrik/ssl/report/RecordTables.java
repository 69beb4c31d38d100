package ibrik.ssl.report;

import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Records.Claim;
import ibrik.ssl.report.Records.Kept;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Recorded runs as Markdown: one table of results, with floors and ceilings among them, and one of
/// ablations, claim by claim.
final class RecordTables {
  private static final String DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  /// Notes in the order in which they are first referred to.
  private final Set<String> notes = new LinkedHashSet<>();

  private final String votes;

  private RecordTables(List<Kept> kept) {
    List<String> names = panels(kept).stream().map(Panel::knnName).distinct().toList();
    votes = names.size() == 1 ? names.getFirst() : "k-NN";
  }

  static String of(List<Kept> kept) {
    RecordTables tables = new RecordTables(kept);
    List<Kept> results = kept.stream().filter(k -> k.claims().isEmpty()).toList();
    List<Kept> ablations = kept.stream().filter(k -> !k.claims().isEmpty()).toList();
    List<String> parts = new ArrayList<>();
    if (!results.isEmpty()) {
      parts.add(tables.results(results));
    }
    if (!ablations.isEmpty()) {
      parts.add(tables.claims(ablations));
    }
    if (!tables.notes.isEmpty()) {
      parts.add(tables.footnotes());
    }
    return String.join("\n", parts);
  }

  /// Runs on the same images, by the name of the data, the largest training sets first.
  private static List<Panel> panels(List<Kept> kept) {
    Map<String, List<RunContents>> arenas = new TreeMap<>();
    for (Kept k : kept) {
      arenas
          .computeIfAbsent(
              k.run().data() + Settings.arena(k.run().config()), _ -> new ArrayList<>())
          .add(k.run());
    }
    return arenas.values().stream()
        .map(Panel::of)
        .sorted(
            Comparator.comparing(Panel::data)
                .thenComparing(Comparator.comparingLong(Panel::trainImages).reversed()))
        .toList();
  }

  // ---- results ----

  /// A row and the accuracy that it is sorted by.
  private record Row(double knn, List<String> cells) {}

  private String results(List<Kept> kept) {
    IdentityHashMap<RunContents, String> said = new IdentityHashMap<>();
    kept.forEach(k -> said.put(k.run(), k.note()));
    TextTable table =
        new TextTable(List.of("data", "run", votes, "linear probe", "epochs", "training"));
    for (Panel panel : panels(kept)) {
      List<Row> rows = new ArrayList<>();
      for (Trial trial : panel.trials()) {
        rows.add(new Row(rank(trial.number("knn")), cells(trial, said)));
      }
      for (Panel.Reference reference : panel.references()) {
        rows.add(
            new Row(
                rank(reference.knn()),
                List.of(
                    "*" + reference.name() + "*",
                    steady(reference.knn()),
                    steady(reference.linear()),
                    "",
                    "")));
      }
      String data = panel.data() + ", " + panel.split();
      for (Row row : rows.stream().sorted(Comparator.comparingDouble(r -> -r.knn)).toList()) {
        table.add(Stream.concat(Stream.of(data), row.cells.stream()).toList());
        data = "";
      }
    }
    return table.markdown();
  }

  private List<String> cells(Trial trial, IdentityHashMap<RunContents, String> said) {
    String marks =
        trial.runs().stream()
            .map(run -> said.getOrDefault(run, ""))
            .filter(note -> !note.isBlank())
            .distinct()
            .map(this::mark)
            .collect(Collectors.joining(" "));
    int seeds = trial.runs().size();
    return List.of(
        trial.name()
            + ", "
            + trial.config().path("model").path("name").asText()
            + (seeds > 1 ? ", " + seeds + " seeds" : "")
            + (marks.isEmpty() ? "" : " " + marks),
        trial.number("knn").percent(),
        trial.number("linear").percent(),
        String.valueOf(trial.epochs()),
        String.format(
            Locale.ROOT,
            "%.0f s, %.0f images/s",
            trial.number("seconds").mean(),
            trial.number("images_per_second").mean()));
  }

  private static double rank(Spread accuracy) {
    return accuracy.n() == 0 ? -1 : accuracy.mean();
  }

  /// What does not depend on the seed is one number, however many runs tell it.
  private static String steady(Spread spread) {
    return (spread.std() == 0 ? new Spread(new double[] {spread.mean()}) : spread).percent();
  }

  // ---- claims ----

  /// Runs of one variant, by its place.
  private record Variant(String name, int place, int epochs, Spread knn, Spread linear) {}

  private String claims(List<Kept> kept) {
    Map<String, List<Kept>> byText = new TreeMap<>();
    for (Kept k : kept) {
      k.claims().forEach(c -> byText.computeIfAbsent(c.text(), _ -> new ArrayList<>()).add(k));
    }
    TextTable table =
        new TextTable(List.of("claim", "run", votes, "linear probe", "epochs", "k-NN as claimed?"));
    byText.forEach((text, same) -> claim(text, same, table));
    return table.markdown();
  }

  private void claim(String text, List<Kept> kept, TextTable table) {
    List<Panel> panels = panels(kept);
    if (panels.size() != 1) {
      throw new IllegalArgumentException(
          "[record] the runs of a claim must be on the same images; got %d sets of images for '%s'"
              .formatted(panels.size(), text));
    }
    Panel panel = panels.getFirst();
    List<Variant> variants = variants(text, kept);
    double floor =
        panel.references().stream()
            .filter(reference -> reference.role() == Role.FLOOR)
            .mapToDouble(reference -> rank(reference.knn()))
            .max()
            .orElse(0);
    String marks =
        kept.stream()
            .map(Kept::note)
            .filter(note -> !note.isBlank())
            .distinct()
            .map(note -> " " + mark(note))
            .collect(Collectors.joining());
    String first =
        "%s (%s, %s images; floors up to %s %%)%s"
            .formatted(
                text,
                panel.data(),
                Numbers.count(panel.trainImages()),
                Numbers.fixed(100 * floor, 1),
                marks);
    for (Variant variant : variants) {
      table.add(
          List.of(
              first,
              variant.name,
              variant.knn.percent(),
              variant.linear.percent(),
              String.valueOf(variant.epochs),
              verdict(variant, variants, panel.testImages())));
      first = "";
    }
  }

  /// By place, then the best first.
  private static List<Variant> variants(String text, List<Kept> kept) {
    Map<String, List<RunContents>> runs = new LinkedHashMap<>();
    Map<String, Integer> places = new LinkedHashMap<>();
    for (Kept k : kept) {
      for (Claim claim : k.claims()) {
        if (claim.text().equals(text)) {
          runs.computeIfAbsent(claim.variant(), _ -> new ArrayList<>()).add(k.run());
          places.put(claim.variant(), claim.place());
        }
      }
    }
    return runs.entrySet().stream()
        .map(
            entry -> {
              Trial trial = new Trial(entry.getKey(), entry.getValue());
              return new Variant(
                  entry.getKey(),
                  places.getOrDefault(entry.getKey(), 1),
                  trial.epochs(),
                  trial.number("knn"),
                  trial.number("linear"));
            })
        .sorted(
            Comparator.comparingInt(Variant::place)
                .thenComparing(Comparator.comparingDouble(v -> -rank(v.knn()))))
        .toList();
  }

  /// Against the worst of those that should be one place better. Where nothing should be better, a
  /// claim is that variants are equal: against the best of them.
  private static String verdict(Variant variant, List<Variant> all, long testImages) {
    int better =
        all.stream().mapToInt(Variant::place).filter(p -> p < variant.place).max().orElse(0);
    Variant other = all.getFirst();
    for (Variant each : all) {
      other = each.place == better ? each : other;
    }
    if (other.equals(variant)) {
      return "";
    }
    double below = other.knn.mean() - variant.knn.mean();
    double margin =
        Math.hypot(
            Verdict.chance(other.knn.mean(), variant.knn.mean(), testImages),
            Spread.margin(other.knn, variant.knn));
    String points = Numbers.points(below) + (below < 0 ? " above" : " below");
    if (Math.abs(below) > margin) {
      return (better > 0 && below > 0 ? "yes: " : "no: ") + points;
    }
    return (better > 0 ? "open: " : "yes: ")
        + points
        + ", chance up to "
        + Numbers.fixed(100 * margin, 1);
  }

  // ---- notes ----

  /// The number of a note, raised.
  private String mark(String note) {
    notes.add(note);
    int number = List.copyOf(notes).indexOf(note) + 1;
    return String.valueOf(number)
        .chars()
        .mapToObj(digit -> String.valueOf(DIGITS.charAt(digit - '0')))
        .collect(Collectors.joining());
  }

  private String footnotes() {
    return notes.stream().map(note -> mark(note) + " " + note).collect(Collectors.joining("; "))
        + ".\n";
  }
}
