package ibrik.ssl.cli;

import ibrik.ssl.config.Request;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.train.FinalEvaluation;
import ibrik.ssl.train.Pretrainer;
import ibrik.ssl.train.Results;
import ibrik.ssl.train.RunSession;
import ibrik.ssl.train.TrainListener;
import ibrik.tensor.backend.Backends;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// The main job: train, evaluate, report. An interrupt saves the last step first.
final class Pretraining {
  /// How long a dry run tries what a step takes.
  private static final long TRIED_NANOS = 4_000_000_000L;

  private final PrintWriter out;
  private final PrintWriter err;
  private final Request request;
  private final int threads;
  private final Pretrainer.Options options;

  Pretraining(CommandLine line, Request request, int threads, int workers, int checkpointEvery) {
    this.out = line.getOut();
    this.err = line.getErr();
    this.request = request;
    this.threads = threads;
    this.options = new Pretrainer.Options(workers, checkpointEvery);
  }

  /// Trains a new run.
  int start(@Nullable Path folder, String command) {
    String name = request.data().name();
    DataPaths.fill(request);
    Path path = folder != null ? folder : RunPaths.fresh(request.method().name(), name);
    try (RunSession run = RunSession.start(request, path, command)) {
      return run(run);
    }
  }

  /// Says what a run would be, and makes none.
  int dryRun() {
    DataPaths.fill(request);
    DataSet data = RunSession.images(request.data());
    RunConfig config = request.resolve(data);
    Backends.of(config.device()); // complains about a device that is not here
    data.notes().forEach(note -> err.println("note: " + note));
    Backends.threads(threads);
    TrainListener.Plan plan = Pretrainer.plan(config, data);
    Ahead.print(out, config, data, plan, "");
    if (plan.steps() > 0) {
      out.flush();
      double step = Pretrainer.secondsPerStep(config, data, options.workers(), TRIED_NANOS);
      out.printf(
          Locale.ROOT,
          "some steps tried: about %,.0f images/s, ETA %s for all epochs, measuring aside%n",
          plan.batchSize() / step,
          ProgressView.time(step * plan.steps()));
    }
    out.println("dry run: nothing was kept or written");
    out.flush();
    return 0;
  }

  /// Goes on with a run: the one named, or the newest of this method that is not finished.
  int resume(@Nullable Path folder) {
    Path path = folder != null ? folder : RunPaths.newestUnfinished(request.method().name());
    try (RunSession run = RunSession.open(path, request)) {
      return run(run);
    }
  }

  private int run(RunSession run) {
    Backends.threads(threads);
    run.data().notes().forEach(note -> err.println("note: " + note));
    try (Interrupt interrupt = Interrupt.watch();
        ProgressView view = ProgressView.of(out, run);
        Pretrainer pretrainer =
            new Pretrainer(run.config(), run.data(), run.folder(), options, view)) {
      boolean complete = pretrainer.train(interrupt);
      view.trainingEnded();
      if (!complete) {
        err.printf(
            "stopped after step %,d of %,d; go on with: ibrik pretrain %s --resume %s%n",
            pretrainer.done(), pretrainer.steps(), run.config().method().name(), run.folder());
        return Interrupt.STATUS;
      }
      FinalEvaluation evaluation = new FinalEvaluation(run.config(), run.data(), view::phase);
      FinalEvaluation.Outcome outcome =
          evaluation.run(pretrainer.encoder(), pretrainer.collapseValue());
      Path report = Results.write(run, outcome);
      ResultTable.print(out, outcome);
      out.println();
      out.println("report      " + report.toAbsolutePath().normalize());
      out.println("checkpoint  " + run.folder().checkpoint().toAbsolutePath().normalize());
      out.flush();
      return 0;
    }
  }
}
