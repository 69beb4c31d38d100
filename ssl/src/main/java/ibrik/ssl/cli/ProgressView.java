package ibrik.ssl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.train.RunSession;
import ibrik.ssl.train.Sweep;
import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// Shows a run as it goes: on a terminal a bar with rate and time left below a line per epoch, else
/// lines alone.
final class ProgressView implements Sweep.Listener {
  private static final String CLEAR_LINE = "\r\033[K";
  private static final int REFRESH_MILLIS = 200;

  /// Without a bar, long epochs are heard of this often.
  static final long QUIET_NANOS = 20_000_000_000L;

  private final PrintWriter out;
  private final RunSession run;
  private final boolean terminal;
  private @Nullable ProgressBar bar;
  private long steps;
  private long stepsPerEpoch;
  private int batchSize;
  private Pace pace = new Pace(0, 0);
  private long spoken;

  private ProgressView(PrintWriter out, RunSession run, boolean terminal) {
    this.out = out;
    this.run = run;
    this.terminal = terminal;
  }

  static ProgressView of(PrintWriter out, RunSession run) {
    return new ProgressView(out, run, onTerminal());
  }

  /// Whether somebody watches.
  @SuppressWarnings("SystemConsoleNull") // which provider of consoles serves depends on the JDK
  static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  @Override
  public void started(Plan plan) {
    steps = plan.steps();
    stepsPerEpoch = plan.stepsPerEpoch();
    batchSize = plan.batchSize();
    long first = plan.done();
    spoken = System.nanoTime();
    pace = new Pace(stepsPerEpoch, spoken);
    Ahead.print(out, run.config(), run.data(), plan, run.folder().toString());
    if (first > 0) {
      out.printf(Locale.ROOT, "going on after step %,d of %,d%n", first, steps);
    }
    out.flush();
    if (terminal && first < steps) {
      bar = bar(run.config().method().name(), steps, first);
    }
  }

  /// A bar to be closed by the caller.
  @SuppressWarnings("MustBeClosedChecker") // closed with the view, or when training ends
  static ProgressBar bar(String task, long steps, long first) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(steps)
        .startsFrom(first, Duration.ZERO)
        .setStyle(ProgressBarStyle.UNICODE_BLOCK)
        .setUpdateIntervalMillis(REFRESH_MILLIS)
        .setConsumer(new ConsoleProgressBarConsumer(System.out))
        .hideEta()
        .build();
  }

  @Override
  public void stepped(long done, Map<String, Double> numbers) {
    pace.step(System.nanoTime());
    double perSecond = pace.stepsPerSecond();
    String now =
        String.format(
            Locale.ROOT,
            "epoch %d/%d  loss %.3f  %.0f images/s  ETA %s",
            Math.min(done / stepsPerEpoch + 1, run.config().train().epochs()),
            run.config().train().epochs(),
            numbers.getOrDefault("loss", Double.NaN),
            perSecond * batchSize,
            time((steps - done) / perSecond));
    ProgressBar shown = bar;
    if (shown != null) {
      shown.stepTo(done);
      shown.setExtraMessage(" " + now);
    } else if (System.nanoTime() - spoken > QUIET_NANOS) {
      line(String.format(Locale.ROOT, "step %,d/%,d  ", done, steps) + now);
    }
  }

  @Override
  public void epochEnded(ObjectNode line) {
    long done = line.path("step").asLong();
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "epoch %3d/%d  loss %.4f  std %.4f  lr %.4f",
            line.path("epoch").asInt(),
            run.config().train().epochs(),
            line.path("loss").asDouble(),
            line.path("embedding_std").asDouble(),
            line.path("lr").asDouble()));
    share(text, "  probe", line.path("probe_train_accuracy"));
    share(text, "  k-NN", line.path("knn"));
    number(text, "  rank", line.path("effective_rank"));
    text.append(
        String.format(
            Locale.ROOT,
            "  %.0f images/s  ETA %s",
            line.path("images_per_second").asDouble(),
            time((steps - done) / pace.stepsPerSecond())));
    line(text.toString());
  }

  private static void share(StringBuilder text, String name, JsonNode value) {
    if (value.isNumber()) {
      text.append(String.format(Locale.ROOT, "%s %.1f %%", name, 100 * value.asDouble()));
    }
  }

  private static void number(StringBuilder text, String name, JsonNode value) {
    if (value.isNumber()) {
      text.append(String.format(Locale.ROOT, "%s %.1f", name, value.asDouble()));
    }
  }

  /// A line above the bar.
  private void line(String text) {
    spoken = System.nanoTime();
    out.println(bar == null ? text : CLEAR_LINE + text);
    out.flush();
  }

  @Override
  public void phase(String what) {
    line("measuring: " + what);
  }

  /// Takes the bar away.
  void trainingEnded() {
    close();
  }

  @Override
  public void close() {
    ProgressBar shown = bar;
    bar = null;
    if (shown != null) {
      shown.close();
    }
  }

  /// `1:02:03` or `2:03`.
  static String time(double seconds) {
    if (!(seconds >= 0) || Double.isInfinite(seconds)) {
      return "?";
    }
    long all = Math.round(seconds);
    return all >= 3600
        ? String.format(Locale.ROOT, "%d:%02d:%02d", all / 3600, all / 60 % 60, all % 60)
        : String.format(Locale.ROOT, "%d:%02d", all / 60, all % 60);
  }
}
