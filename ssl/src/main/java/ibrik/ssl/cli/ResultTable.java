package ibrik.ssl.cli;

import ibrik.ssl.report.Findings;
import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Findings.Row;
import ibrik.ssl.train.FinalEvaluation;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The final numbers side by side, for people.
final class ResultTable {
  private ResultTable() {}

  static void print(PrintWriter out, FinalEvaluation.Outcome outcome) {
    Findings findings = outcome.findings();
    if (outcome.method().knn() == null) {
      outcome.numbers().forEach((name, value) -> out.printf("%-16s %.4f%n", name, value));
      return;
    }
    out.println();
    out.printf("%-20s %12s %14s%n", "", "k-NN, k = " + findings.k(), "linear probe");
    for (Row row : findings.rows()) {
      out.printf(
          "%-20s %12s %14s   %s%n",
          row.name(), percent(row.knn()), percent(row.linear()), remark(row));
    }
  }

  private static String remark(Row row) {
    return row.role() == Role.METHOD ? "" : row.role().name().toLowerCase(Locale.ROOT);
  }

  private static String percent(@Nullable Double share) {
    return share == null ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
