package ibrik.ssl.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.Json;
import ibrik.ssl.config.Request;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.report.Experiments;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Many runs, one after another: each an ordinary run in a folder of its own.
///
/// Cells that are done are skipped, one that was stopped goes on from its checkpoint. Several
/// processes may work on one sweep at once: a cell belongs to the process that holds the lock of
/// its run folder, and a crash frees it. A cell that fails is recorded (`failure.json`) and does
/// not stop the others; started again, the sweep tries it again. Floors and ceilings are measured
/// once per encoder and seed, in `baselines/`.
public final class Sweep {
  private final Path folder;
  private final List<Cell> cells;
  private final Pretrainer.Options options;
  private final Instant began = Instant.now();
  private final Map<Cell, String> failed = new LinkedHashMap<>();

  /// One run of the grid.
  ///
  /// @param name of its folder in that of the sweep
  /// @param config all settings
  /// @param data the images; cells may share them
  /// @param command that makes the same run alone
  public record Cell(String name, RunConfig config, DataSet data, String command) {}

  /// How far a cell is.
  public enum State {
    /// Nothing is there yet.
    NEW,
    /// There is a checkpoint, or a configuration.
    BEGUN,
    /// It did not come to its end, and says why.
    FAILED,
    /// It has a result and a report.
    DONE
  }

  /// Is told how the sweep goes.
  public interface Watcher {
    /// A cell begins or goes on. Who listens is closed when it ends.
    ///
    /// @param number of the cell in the grid, from 1
    /// @param left cells that have no result yet, this one included
    Listener begins(int number, int left, RunSession run);

    /// A cell came to its end.
    void done(Cell cell, FinalEvaluation.Outcome outcome);

    /// A cell failed.
    void failed(Cell cell, Throwable why);

    /// The page of all runs so far was written.
    default void compared(Path page) {}
  }

  /// Listens to one run.
  public interface Listener extends TrainListener, AutoCloseable {
    @Override
    void close();
  }

  /// How it ended.
  ///
  /// @param done cells with a result, whoever made it
  /// @param failed messages of the cells that failed
  /// @param elsewhere cells that other processes work on
  /// @param stopped whether it was interrupted
  public record Ending(
      int done, Map<String, String> failed, List<String> elsewhere, boolean stopped) {}

  /// A sweep over `cells` in `folder`.
  public Sweep(Path folder, List<Cell> cells, Pretrainer.Options options) {
    this.folder = folder;
    this.cells = List.copyOf(cells);
    this.options = options;
  }

  /// Where a cell's run lies.
  public Path folder(Cell cell) {
    return folder.resolve(cell.name);
  }

  /// How far a cell is.
  public State state(Cell cell) {
    Path run = folder(cell);
    if (Files.exists(run.resolve("result.json")) && Files.exists(run.resolve("report.html"))) {
      return State.DONE;
    }
    if (Files.exists(run.resolve(Experiments.FAILURE))) {
      return State.FAILED;
    }
    return Files.exists(run.resolve("config.json")) ? State.BEGUN : State.NEW;
  }

  /// Checks every cell before the first starts: settings of runs that are there, devices, and a
  /// step in shapes alone. Seeds change no shape, so one step per configuration is enough.
  ///
  /// @throws IllegalArgumentException naming the cell that could not run
  public void check() {
    Set<String> seen = new HashSet<>();
    for (Cell cell : cells) {
      Path stored = folder(cell).resolve("config.json");
      if (Files.exists(stored)) {
        RunSession.checkSettings(cell.config, Request.read(stored), folder(cell));
      }
      ObjectNode settings = cell.config.toJson();
      settings.remove("seed");
      if (seen.add(settings.toString())) {
        try {
          Backends.of(cell.config.device());
          new TrainLoop(cell.config, cell.data).newState().close();
        } catch (IllegalArgumentException refused) {
          throw new IllegalArgumentException(
              "[sweep] " + cell.name + " cannot run: " + refused.getMessage(), refused);
        }
      }
    }
  }

  /// Runs what is left, until nothing is or `stop` becomes true; then the step at hand is saved.
  public Ending run(BooleanSupplier stop, Watcher watcher) {
    List<Cell> left = new ArrayList<>(cells);
    boolean moved = true;
    // Once more over cells that others had, as long as something moves: a crash frees theirs.
    while (moved && !stop.getAsBoolean()) {
      moved = false;
      for (Cell cell : List.copyOf(left)) {
        if (stop.getAsBoolean() || state(cell) == State.DONE || failedMeanwhile(cell)) {
          continue;
        }
        try {
          moved |= enter(cell, stop, watcher);
        } catch (BusyException _) {
          // Somebody else's; maybe it is free in the next round.
        }
      }
      left.removeIf(cell -> state(cell) == State.DONE || failed.containsKey(cell));
    }
    Map<String, String> messages = new LinkedHashMap<>();
    failed.forEach((cell, message) -> messages.put(cell.name, message));
    int done = (int) cells.stream().filter(cell -> state(cell) == State.DONE).count();
    List<String> elsewhere =
        stop.getAsBoolean() ? List.of() : left.stream().map(Cell::name).toList();
    compare(watcher);
    return new Ending(done, messages, elsewhere, stop.getAsBoolean());
  }

  /// Whether a process that works on this sweep too saw the cell fail after this one began.
  private boolean failedMeanwhile(Cell cell) {
    Path failure = folder(cell).resolve(Experiments.FAILURE);
    try {
      if (!failed.containsKey(cell)
          && Files.exists(failure)
          && Files.getLastModifiedTime(failure).toInstant().isAfter(began)) {
        failed.put(cell, Request.read(failure).path("message").asText());
      }
    } catch (IOException gone) {
      return false;
    }
    return failed.containsKey(cell);
  }

  /// Works on a cell and says whether anything moved.
  ///
  /// @throws BusyException if another process works on it
  private boolean enter(Cell cell, BooleanSupplier stop, Watcher watcher) {
    try (RunSession run = RunSession.enter(cell.config, cell.data, folder(cell), cell.command)) {
      if (state(cell) == State.DONE || failedMeanwhile(cell)) {
        return true; // while we waited for the lock
      }
      FinalEvaluation.Outcome outcome = train(cell, run, stop, watcher);
      if (outcome == null) {
        return true;
      }
      Files.deleteIfExists(run.folder().file(Experiments.FAILURE));
      watcher.done(cell, outcome);
    } catch (BusyException busy) {
      throw busy;
    } catch (RuntimeException | IOException | OutOfMemoryError why) {
      record(cell, why);
      watcher.failed(cell, why);
    }
    compare(watcher);
    return true;
  }

  private void record(Cell cell, Throwable why) {
    String message = Objects.requireNonNullElse(why.getMessage(), why.toString());
    failed.put(cell, message);
    ObjectNode failure = Json.object();
    failure.put("message", message);
    failure.put("exception", why.getClass().getName());
    failure.put("at", Instant.now().toString());
    try {
      byte[] bytes = Json.pretty(failure).getBytes(StandardCharsets.UTF_8);
      AtomicFile.write(folder(cell).resolve(Experiments.FAILURE), bytes);
    } catch (IOException refused) {
      why.addSuppressed(refused); // the folder itself is what failed
    }
  }

  private FinalEvaluation.@Nullable Outcome train(
      Cell cell, RunSession run, BooleanSupplier stop, Watcher watcher) {
    int number = cells.indexOf(cell) + 1;
    int left =
        (int) cells.stream().filter(c -> state(c) != State.DONE && !failed.containsKey(c)).count();
    try (Listener listener = watcher.begins(number, left, run);
        Pretrainer pretrainer =
            new Pretrainer(run.config(), run.data(), run.folder(), options, listener)) {
      if (!pretrainer.train(stop)) {
        return null;
      }
      FinalEvaluation.Outcome outcome =
          new FinalEvaluation(
                  run.config(),
                  run.data(),
                  listener::phase,
                  Baselines.in(folder.resolve("baselines")))
              .run(pretrainer.encoder(), pretrainer.collapseValue());
      Results.write(run, outcome);
      return outcome;
    }
  }

  /// All that lies in the folder, other sweeps' cells too.
  private void compare(Watcher watcher) {
    Experiments all = Experiments.of(runs());
    if (!all.isEmpty()) {
      Path page = folder.resolve("comparison.html");
      try {
        all.write(page);
      } catch (IOException refused) {
        throw new UncheckedIOException(refused);
      }
      watcher.compared(page);
    }
  }

  private List<Path> runs() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(entry -> Files.exists(entry.resolve("config.json"))).sorted().toList();
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }
}
