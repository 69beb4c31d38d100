package ibrik.ssl.cli;

import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.Split;
import ibrik.ssl.train.TrainListener;
import ibrik.ssl.train.Work;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/// What lies ahead of a run, in a few lines: images, networks, what a step takes.
final class Ahead {
  private static final List<String> POWERS = List.of("", "k", "M", "G", "T", "P");

  private Ahead() {}

  /// @param where the run lies; empty for nowhere
  static void print(
      PrintWriter out, RunConfig config, DataSet data, TrainListener.Plan plan, String where) {
    out.printf(
        Locale.ROOT,
        "%s on %s%s: %,d training images %dx%dx%d, %,d test images%n",
        config.method().name(),
        data.name(),
        config.data().split() == Split.OFFICIAL ? "" : ", holdout split",
        data.train().size(),
        data.height(),
        data.width(),
        data.channels(),
        data.test().size());
    out.printf(
        Locale.ROOT,
        "%s, %,d trained parameters, %s, %d epochs of %,d steps of %d images%n",
        config.model().name(),
        plan.parameters(),
        config.device(),
        config.train().epochs(),
        plan.stepsPerEpoch(),
        plan.batchSize());
    Work work = plan.work();
    if (work != null) {
      out.printf(
          "a step: %s; %s of memory beside %s of variables%n",
          amount(work.flops(), "FLOP"),
          amount(work.stepBytes(), "B"),
          amount(work.variableBytes(), "B"));
      out.printf("all steps: %s%n", amount((double) work.flops() * plan.steps(), "FLOP"));
    }
    out.printf(
        Locale.ROOT,
        "loss of a collapsed network: %.4g%s%n",
        plan.collapseValue(),
        where.isEmpty() ? "" : "    run: " + where);
  }

  /// `2.31 GFLOP`, `46.1 MB`: powers of a thousand.
  static String amount(double count, String unit) {
    double value = count;
    int power = 0;
    while (value >= 999.5 && power < POWERS.size() - 1) {
      value /= 1000;
      power++;
    }
    String digits =
        power == 0
            ? "%.0f %s%s"
            : value < 9.995 ? "%.2f %s%s" : value < 99.95 ? "%.1f %s%s" : "%.0f %s%s";
    return String.format(Locale.ROOT, digits, value, POWERS.get(power), unit);
  }
}
