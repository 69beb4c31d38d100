package ibrik.ssl.cli;

import ibrik.ssl.config.Schema;
import ibrik.ssl.config.Setting;
import ibrik.ssl.data.DataSets;
import ibrik.ssl.method.Methods;
import ibrik.ssl.method.Preset;
import ibrik.ssl.train.FinalEvaluation;
import ibrik.ssl.train.Pretrainer;
import ibrik.ssl.train.RunSession;
import ibrik.ssl.train.Sweep;
import ibrik.ssl.train.Sweep.Cell;
import ibrik.tensor.backend.Backends;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ibrik sweep --methods a,b --seeds 3`.
@Command(
    name = "sweep",
    sortOptions = false,
    description = {
      "Train several methods with several seeds, each in a run folder of its own; compare them.",
      "The same command again goes on with what is left; several processes may work on one sweep."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:every run has its result, or another process works on it",
      "1:some runs failed; the others are done",
      "2:something in the command is wrong; nothing was started",
      "130:interrupted; the step at hand was saved"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ibrik sweep --methods byol,simclr --seeds 3",
      "  ibrik sweep --methods all --data cifar10 --data-dir DIR --preset tiny --dry-run",
      "  ibrik sweep --methods byol,swav --set epochs=20 --set swav.temperature=0.2 --out sweeps/two"
    })
final class SweepCommand extends AnyCommand {
  @Option(
      names = "--methods",
      required = true,
      split = ",",
      paramLabel = "<name>",
      completionCandidates = MethodNames.class,
      description = "methods with commas between, or all: every one that learns without labels")
  private List<String> methods = List.of();

  @Option(
      names = "--data",
      paramLabel = "<name>",
      completionCandidates = DataNames.class,
      description = "data set; `ibrik list data` names them (default: fashion)")
  private String data = "fashion";

  @Option(
      names = "--data-dir",
      paramLabel = "<folder>",
      description = "folder of its files (default: $$IBRIK_DATA)")
  private @Nullable Path dir;

  @Option(
      names = "--preset",
      paramLabel = "<name>",
      completionCandidates = PresetNames.class,
      description = "settings to start from (default: what suits the images)")
  private @Nullable String preset;

  @Option(
      names = "--seeds",
      paramLabel = "<n>",
      description = "runs of each method, with seeds 0 to n-1 (default: 3)")
  private int seeds = 3;

  @Option(
      names = "--device",
      paramLabel = "<name>",
      description = "where to compute: cpu, cuda, cuda:1, auto (default: cpu)")
  private @Nullable String device;

  @Option(
      names = "--set",
      paramLabel = "<key=value>",
      completionCandidates = SettingNames.class,
      description =
          "a setting of every run by the name of its flag, such as epochs=2; METHOD.key=value for"
              + " one method alone; may be given several times")
  private List<String> settings = List.of();

  @Option(
      names = "--out",
      paramLabel = "<folder>",
      description = "folder of the sweep (default: sweeps/DATA-PRESET)")
  private @Nullable Path out;

  @Option(names = "--threads", paramLabel = "<n>", description = "threads that compute")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--workers",
      paramLabel = "<n>",
      description = "threads that make views (default: 1)")
  private int workers = 1;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "<n>",
      description = "steps between checkpoints (default: once per epoch)")
  private int checkpointEvery;

  @Option(names = "--dry-run", description = "Check and list the runs; start none.")
  private boolean dryRun;

  static final class MethodNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.concat(Stream.of(SweepGrid.ALL), Methods.names().stream()).iterator();
    }
  }

  static final class DataNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return DataSets.all().stream().map(DataSets.Source::name).iterator();
    }
  }

  static final class PresetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Preset.names().iterator();
    }
  }

  static final class SettingNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Methods.all().stream()
          .flatMap(method -> Schema.of(method).settings().stream())
          .map(Setting::flag)
          .distinct()
          .map(flag -> flag + "=")
          .iterator();
    }
  }

  @Override
  public Integer call() {
    atLeast("--seeds", seeds, 1);
    atLeast("--threads", threads, 1);
    atLeast("--workers", workers, 0);
    atLeast("--checkpoint-every", checkpointEvery, 0);
    List<Cell> cells =
        new SweepGrid(
                methods,
                data,
                dir == null ? null : dir.toString(),
                preset,
                device == null ? null : Backends.device(device),
                seeds,
                settings)
            .cells();
    Path folder =
        out != null ? out : Path.of("sweeps", preset == null ? data : data + "-" + preset);
    Sweep sweep = new Sweep(folder, cells, new Pretrainer.Options(workers, checkpointEvery));
    sweep.check();
    PrintWriter to = out();
    if (dryRun) {
      for (Cell cell : cells) {
        to.printf("%-8s %-24s %s%n", word(sweep.state(cell)), cell.name(), cell.command());
      }
      to.printf("%d runs in %s; nothing was started%n", cells.size(), folder);
      return 0;
    }
    Backends.threads(threads);
    cells.stream()
        .flatMap(cell -> cell.data().notes().stream())
        .distinct()
        .forEach(note -> err().println("note: " + note));
    try (Interrupt interrupt = Interrupt.watch()) {
      Progress progress = new Progress(to, err(), cells.size());
      return ended(sweep.run(interrupt, progress), progress, cells.size());
    }
  }

  private static void atLeast(String option, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "[sweep] " + option + " must be at least " + least + "; got " + value);
    }
  }

  private static String word(Sweep.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private int ended(Sweep.Ending ending, Progress progress, int all) {
    PrintWriter to = out();
    to.printf("%n%d of %d runs done%n", ending.done(), all);
    if (progress.page != null) {
      to.println("comparison  " + progress.page.toAbsolutePath().normalize());
    }
    to.flush();
    if (!ending.elsewhere().isEmpty()) {
      err().println("other processes work on: " + String.join(", ", ending.elsewhere()));
    }
    ending.failed().forEach((cell, message) -> err().println("failed: " + cell + ": " + message));
    if (ending.stopped()) {
      err().println("stopped; the same command goes on");
      return Interrupt.STATUS;
    }
    if (!ending.failed().isEmpty()) {
      err()
          .printf(
              "[sweep] every run should come to its end; got %d that failed; mend what they say, then"
                  + " the same command tries them again%n",
              ending.failed().size());
      return 1;
    }
    return 0;
  }

  /// Tells how the sweep goes. Time left is judged by the runs that this process made.
  private static final class Progress implements Sweep.Watcher {
    private final PrintWriter out;
    private final PrintWriter err;
    private final int all;
    private final List<Double> took = new ArrayList<>();
    private long began;
    private @Nullable Path page;

    Progress(PrintWriter out, PrintWriter err, int all) {
      this.out = out;
      this.err = err;
      this.all = all;
    }

    @Override
    public Sweep.Listener begins(int number, int left, RunSession run) {
      began = System.nanoTime();
      double mean = took.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
      out.printf(
          "%n[%d/%d] %s, %d left%s%n",
          number,
          all,
          run.folder().path().getFileName(),
          left,
          took.isEmpty() ? "" : ", ETA " + ProgressView.time(mean * left));
      return ProgressView.of(out, run);
    }

    @Override
    public void done(Cell cell, FinalEvaluation.Outcome outcome) {
      took.add((System.nanoTime() - began) / 1e9);
      Map<String, Double> numbers = outcome.numbers();
      Double knn = outcome.method().knn();
      Double linear = outcome.method().linear();
      out.printf(
          Locale.ROOT,
          "%s done in %s: %s%n",
          cell.name(),
          ProgressView.time(took.getLast()),
          knn == null || linear == null
              ? "std " + numbers.get("embedding_std")
              : String.format(
                  Locale.ROOT, "k-NN %.1f %%, linear probe %.1f %%", 100 * knn, 100 * linear));
      out.flush();
    }

    @Override
    public void failed(Cell cell, Throwable why) {
      err.println("failed: " + cell.name() + ": " + why.getMessage());
      err.flush();
    }

    @Override
    public void compared(Path written) {
      page = written;
    }
  }
}
