package ibrik.ssl.cli;

import ibrik.ssl.train.Tuning;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/// Shows how far fine-tuning is: on a terminal a bar, else a line now and then.
final class TuningView implements Tuning.Listener, AutoCloseable {
  private final PrintWriter out;
  private final boolean terminal;
  private @Nullable ProgressBar bar;
  private long started;
  private long spoken;

  private TuningView(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /// @param out where lines go
  static TuningView of(PrintWriter out) {
    return new TuningView(out, ProgressView.onTerminal());
  }

  @Override
  public void begun(String what) {
    close();
    out.println("measuring: " + what);
    out.flush();
  }

  @Override
  public void stepped(long done, long steps, double loss) {
    if (terminal && bar == null) {
      bar = ProgressView.bar("fine-tuning", steps, 0);
    }
    if (done == 1) {
      started = System.nanoTime(); // the first step is also traced, and says nothing of the others
      spoken = started;
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    String now =
        String.format(
            Locale.ROOT,
            "loss %.3f  ETA %s",
            loss,
            ProgressView.time((steps - done) * seconds / (done - 1)));
    ProgressBar shown = bar;
    if (shown != null) {
      shown.stepTo(done);
      shown.setExtraMessage(" " + now);
    } else if (System.nanoTime() - spoken > ProgressView.QUIET_NANOS) {
      spoken = System.nanoTime();
      out.printf(Locale.ROOT, "step %,d/%,d  %s%n", done, steps, now);
      out.flush();
    }
  }

  @Override
  public void close() {
    ProgressBar shown = bar;
    bar = null;
    if (shown != null) {
      shown.close();
    }
  }
}
