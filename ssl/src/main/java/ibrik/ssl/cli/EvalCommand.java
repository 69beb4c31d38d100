package ibrik.ssl.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.DataConfig;
import ibrik.ssl.config.Json;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.Split;
import ibrik.ssl.train.FinalEvaluation;
import ibrik.ssl.train.Pretrainer;
import ibrik.ssl.train.Results;
import ibrik.ssl.train.RunSession;
import ibrik.ssl.train.TrainListener;
import ibrik.ssl.train.Tuning;
import ibrik.tensor.backend.Backends;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ibrik eval PROTOCOL --run FOLDER`. What a protocol finds is printed, and kept in the run's
/// `evaluations.jsonl`.
@Command(
    name = "eval",
    description = "Measure the encoder of a run by one protocol, or by all and renew its report.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ibrik eval                           everything, of the newest run",
      "  ibrik eval knn --run runs/NAME -k 10 -k 200 --temperature 0.1",
      "  ibrik eval knn --run runs/NAME --sweep",
      "  ibrik eval semi --run runs/NAME --fraction 0.01 --fraction 0.1",
      "  ibrik eval fine-tune --run runs/NAME --epochs 10 --lr 0.02",
      "  ibrik eval linear --run runs/NAME --data-split holdout --json"
    })
final class EvalCommand extends AnyCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      defaultValue = "all",
      paramLabel = "<protocol>",
      description = "one of ${COMPLETION-CANDIDATES} (default: all)")
  private Protocol protocol = Protocol.ALL;

  @Option(
      names = "--run",
      paramLabel = "<folder>",
      description = "folder of the run (default: the newest in runs/)")
  private @Nullable Path folder;

  @Option(
      names = "--data-split",
      paramLabel = "official|holdout",
      description = "images to train heads on and to test on (default: those of the run)")
  private @Nullable Split split;

  @Option(names = "-k", paramLabel = "<n>", description = "neighbours; may be given several times")
  private @Nullable List<Integer> neighbors;

  @Option(names = "--temperature", paramLabel = "<x>", description = "of k-NN votes")
  private @Nullable Double temperature;

  @Option(
      names = "--sweep",
      description = "knn: choose k on a held-out tenth of the training images")
  private boolean sweep;

  @Option(
      names = "--c-values",
      paramLabel = "<n>",
      description =
          "linear, calibration, suite: values of C to choose from on held-out images, from 1e-5 to"
              + " 1e6 (default: ${DEFAULT-VALUE})")
  private int cs = 12;

  @Option(
      names = "--device",
      paramLabel = "<name>",
      description = "where to compute: cpu, cuda, cuda:1, auto (default: as the run did)")
  private @Nullable String device;

  @Option(names = "--threads", paramLabel = "<n>", description = "threads that compute")
  private @Nullable Integer threads;

  @Option(names = "--json", description = "Print numbers as JSON.")
  private boolean json;

  @ArgGroup(validate = false, heading = "%nfine-tune and semi:%n")
  private TuningOptions tuning = new TuningOptions();

  @Override
  public Integer call() {
    if (threads != null) {
      Backends.threads(threads);
    }
    Path path = folder == null ? RunPaths.newest() : folder;
    try (RunSession run = RunSession.open(path, null, device);
        Pretrainer trained = trained(run)) {
      if (trained.done() < trained.steps()) {
        err()
            .printf(
                "note: this run is not finished: step %,d of %,d%n",
                trained.done(), trained.steps());
      }
      if (protocol == Protocol.ALL) {
        all(run, trained);
      } else {
        one(run, trained);
      }
    }
    return 0;
  }

  private static Pretrainer trained(RunSession run) {
    if (!Files.exists(run.folder().checkpoint())) {
      throw new IllegalArgumentException(
          "[eval] " + run.folder() + " has no checkpoint; go on with it by --resume first");
    }
    return new Pretrainer(
        run.config(),
        run.data(),
        run.folder(),
        new Pretrainer.Options(0, 0),
        new TrainListener() {});
  }

  private void all(RunSession run, Pretrainer trained) {
    if (split != null && split != run.config().data().split()) {
      throw new IllegalArgumentException(
          "[eval] all renews the report of the run, which is on the split it was trained on; name"
              + " one protocol to measure it on another, as in: ibrik eval linear --data-split "
              + split.name().toLowerCase(Locale.ROOT));
    }
    FinalEvaluation.Outcome outcome =
        new FinalEvaluation(run.config(), run.data(), what -> err().println("measuring: " + what))
            .run(trained.encoder(), trained.collapseValue());
    Path report = Results.write(run, outcome);
    ResultTable.print(out(), outcome);
    out().println("report  " + report.toAbsolutePath().normalize());
  }

  private void one(RunSession run, Pretrainer trained) {
    DataSet data = data(run);
    Measured found =
        switch (protocol) {
          case FINE_TUNE, SEMI -> tuned(run.config(), data, trained);
          default ->
              new Measuring(
                      run.config(),
                      data,
                      trained.method(),
                      new Measuring.Options(neighbors, temperature, sweep, cs))
                  .run(protocol);
        };
    run.folder().logEvaluation(line(run, trained, found));
    if (json) {
      out().print(Json.pretty(found.numbers()));
    } else if (protocol != Protocol.FINE_TUNE && protocol != Protocol.SEMI) {
      found.print(out());
    }
  }

  /// The images of the run, or those of another split of the same.
  private DataSet data(RunSession run) {
    DataConfig asked = run.config().data();
    if (split == null || split == asked.split()) {
      return run.data();
    }
    err()
        .printf(
            "note: the encoder was trained on the %s split; this is the %s one%n",
            asked.split().name().toLowerCase(Locale.ROOT), split.name().toLowerCase(Locale.ROOT));
    return RunSession.images(asked.withSplit(split));
  }

  private Measured tuned(RunConfig config, DataSet data, Pretrainer trained) {
    Measured found = new Measured();
    List<Tuning.Outcome> outcomes = new ArrayList<>();
    List<Double> shares = protocol == Protocol.SEMI ? tuning.fractions() : List.of();
    try (TuningView view = TuningView.of(err())) {
      Tuning job = new Tuning(config, data, tuning.workers(), view);
      if (protocol == Protocol.FINE_TUNE) {
        outcomes.add(job.full(trained.encoder(), tuning.recipe(config, 1)));
        TuningOptions.add(found, "", outcomes.getFirst());
      }
      for (double share : shares) {
        outcomes.add(job.semi(trained.encoder(), share, tuning.recipe(config, share)));
        TuningOptions.add(found, "semi_" + share + "_", outcomes.getLast());
      }
    }
    if (!json) {
      PrintWriter out = out();
      TuningTable.print(out, config.method().title(), outcomes);
    }
    return found;
  }

  private ObjectNode line(RunSession run, Pretrainer trained, Measured found) {
    Split used = split == null ? run.config().data().split() : split;
    ObjectNode line = Json.object();
    line.put("protocol", protocol.toString());
    line.put("measured", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    line.put("step", trained.done());
    line.put("device", run.config().device().toString());
    line.put("split", used.name().toLowerCase(Locale.ROOT));
    line.set("settings", found.settings());
    line.set("numbers", Json.MAPPER.valueToTree(found.numbers()));
    return line;
  }
}
