package ibrik.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.bench.Floors.Verdict;
import ibrik.bench.Turns.Budget;
import ibrik.bench.Turns.Ratio;
import ibrik.kernels.cpu.Roofs;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// Compares ratios with committed floors. No time is compared with one of another day or machine:
/// each ratio is of two times taken by turns, on one thread.
///
/// What looks slower is measured again, three times, each after twice the warm-up, for a busy
/// machine compiles late: only what is slower every time fails.
final class Guard {
  /// The smoke test looks for disasters: floors are this much lower.
  private static final double SMOKE = 0.9;

  /// A proposed floor over what was measured: room for other machines of the kind, and busy ones.
  private static final double PROPOSED = 0.65;

  private static final int LOOKS = 4;

  private static final String HELP =
      """
      ibrik bench guard: ratios of times against their floors, on one thread of the cpu backend.
        <pattern>       only checks whose name contains this
        --floors <file> instead of bench/floors.json
        --smoke         a short look at few checks and looser floors
        --propose       print a section for the floors file, compare nothing
        --out <file>    also write machine, ratios and verdicts as JSON
        --note <text>   a remark for that file
      Exit status: 1 if a ratio is below its floor (SLOWER), else 0; UNCLEAR is no failure.\
      """;

  private final Floors floors;
  private final Budget budget;
  private final double looseness;
  private final PrintStream out;
  private final Map<Verdict, Integer> counts = new TreeMap<>();
  private final ArrayNode rows;

  Guard(Floors floors, Budget budget, double looseness, PrintStream out, ArrayNode rows) {
    this.floors = floors;
    this.budget = budget;
    this.looseness = looseness;
    this.out = out;
    this.rows = rows;
  }

  /// Returns the exit status.
  static int run(List<String> args) throws IOException {
    Options options = new Options(args);
    if (options.flag("--help") || options.flag("-h")) {
      System.out.println(HELP);
      return 0;
    }
    String file = options.value("--floors");
    String json = options.value("--out");
    String note = options.value("--note");
    boolean smoke = options.flag("--smoke");
    boolean propose = options.flag("--propose");
    String pattern = options.rest().isEmpty() ? "" : options.rest().getFirst();
    options.flag(pattern);
    options.done();
    List<GuardCheck> checks =
        (smoke ? GuardChecks.steady() : GuardChecks.all())
            .stream().filter(check -> check.name().contains(pattern)).toList();
    if (checks.isEmpty()) {
      throw new IllegalArgumentException("[guard] no check has this in its name; got " + pattern);
    }
    Backends.of(Device.CPU).threads(1);
    ObjectNode document = new ObjectMapper().createObjectNode();
    ResultDocument.head(document, note == null ? "" : note);
    document.put("vector_bits", Roofs.vectorBits());
    Guard guard =
        new Guard(
            propose
                ? new Floors(Roofs.vectorBits(), Map.of())
                : Floors.read(
                    file == null ? Options.inRepository("bench", "floors.json") : Path.of(file),
                    Roofs.vectorBits()),
            smoke ? Budget.millis(700, 300) : Budget.millis(1_000, 500),
            smoke ? SMOKE : 1,
            System.out,
            document.putArray("guard"));
    boolean slower = guard.compare(checks);
    if (json != null) {
      ResultDocument.write(Path.of(json), document);
    }
    if (propose) {
      guard.propose();
      return 0;
    }
    return slower ? 1 : 0;
  }

  /// Measures and prints; whether something is slower than its floor.
  boolean compare(List<GuardCheck> checks) {
    out.printf(
        "%-8s %7s  %15s %7s  check (times of the second over times of the first)%n",
        "", "ratio", "99 % interval", "floor");
    for (GuardCheck check : checks) {
      look(check);
    }
    if (floors.byName().isEmpty()) {
      out.println(
          "There are no floors for vectors of "
              + floors.vectorBits()
              + " bits: nothing can be said. bench guard --propose prints some.");
    }
    int slower = counts.getOrDefault(Verdict.SLOWER, 0);
    int unclear = counts.getOrDefault(Verdict.UNCLEAR, 0);
    if (unclear > 0) {
      out.println(
          unclear
              + " UNCLEAR: the interval holds the floor, or there is none. Not a failure; measure"
              + " again on a quiet machine.");
    }
    // The form in which test runners close.
    out.printf("guard: %d passed, %d failed%n", checks.size() - slower, slower);
    return slower > 0;
  }

  private void look(GuardCheck check) {
    OptionalDouble known = floors.of(check.name());
    double floor = known.isPresent() ? looseness * known.getAsDouble() : Double.NaN;
    Ratio ratio = check.measure(budget);
    Verdict verdict = known.isPresent() ? Verdict.of(ratio, floor) : Verdict.UNCLEAR;
    Budget longer = budget;
    for (int looks = 1; looks < LOOKS && verdict == Verdict.SLOWER; looks++) {
      longer = longer.warmedTwiceAsLong();
      ratio = check.measure(longer);
      verdict = Verdict.of(ratio, floor);
    }
    counts.merge(verdict, 1, Integer::sum);
    out.printf(
        Locale.ROOT,
        "%-8s %7.3f  %7.3f-%7.3f %7.3f  %s%n",
        verdict,
        ratio.median(),
        ratio.low(),
        ratio.high(),
        floor,
        check.name());
    ObjectNode row = rows.addObject();
    row.put("check", check.name());
    row.put("ratio", Digits.three(ratio.median()));
    row.putArray("interval").add(Digits.three(ratio.low())).add(Digits.three(ratio.high()));
    row.put("rounds", ratio.rounds());
    if (known.isPresent()) {
      row.put("floor", Digits.three(floor));
    }
    row.put("verdict", verdict.name());
  }

  private void propose() {
    ObjectNode section = new ObjectMapper().createObjectNode();
    rows.forEach(
        row ->
            section.put(
                row.path("check").asText(), Digits.three(PROPOSED * row.path("ratio").asDouble())));
    out.println("\"" + floors.vectorBits() + "\": " + section.toPrettyString());
  }
}
