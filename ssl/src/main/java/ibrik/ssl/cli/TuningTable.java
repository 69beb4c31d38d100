package ibrik.ssl.cli;

import ibrik.ssl.eval.PairedAccuracy;
import ibrik.ssl.train.Tuning;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;

/// Outcomes of fine-tuning side by side, for people.
final class TuningTable {
  private TuningTable() {}

  static void print(PrintWriter out, String method, List<Tuning.Outcome> outcomes) {
    out.println();
    out.printf("%-30s %12s %18s%n", "", "fine-tuned", "frozen, logistic");
    for (Tuning.Outcome outcome : outcomes) {
      String share =
          BigDecimal.valueOf(100 * outcome.share())
              .round(new MathContext(4))
              .stripTrailingZeros()
              .toPlainString();
      out.printf(Locale.ROOT, "%,d labels (%s %%)%n", outcome.labels(), share);
      row(out, method, outcome.tuned().accuracy(), outcome.frozen().accuracy(), "");
      row(
          out,
          "random weights",
          outcome.tunedFloor().accuracy(),
          outcome.frozenFloor().accuracy(),
          "   floor");
      out.printf(
          Locale.ROOT,
          "  %-28s %12s %18s%n",
          "difference by chance (95 %)",
          margin(PairedAccuracy.of(outcome.tuned().test(), outcome.tunedFloor().test()).margin()),
          margin(PairedAccuracy.of(outcome.frozen(), outcome.frozenFloor()).margin()));
    }
  }

  private static void row(
      PrintWriter out, String name, double tuned, double frozen, String remark) {
    out.printf(
        "  %-28s %12s %18s%s%n", name, Measured.percent(tuned), Measured.percent(frozen), remark);
  }

  private static String margin(double share) {
    return "± " + Measured.percent(share);
  }
}
