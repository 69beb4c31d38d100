package ibrik.ssl.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.Json;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.report.AugmentationGrid;
import ibrik.ssl.report.Findings;
import ibrik.ssl.report.NeighborSheet;
import ibrik.ssl.report.Pictures;
import ibrik.ssl.report.Report;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a run leaves for others to read: `result.json` for programs, findings, pictures and report
/// for people.
public final class Results {
  private static final Logger LOG = System.getLogger(Results.class.getName());
  private static final int GRID_IMAGES = 6;
  private static final int GRID_VIEWS = 4;
  private static final int NEIGHBOR_ROWS = 8;
  private static final int NEIGHBORS = 8;

  private Results() {}

  /// Writes everything and returns the report's path.
  public static Path write(RunSession run, FinalEvaluation.Outcome outcome) {
    RunFolder folder = run.folder();
    folder.write("result.json", result(run, outcome));
    try {
      outcome.findings().write(folder.file("findings.json"));
      pictures(run, outcome);
      return Report.write(folder.path());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// Pictures have words in them; a machine without any font still gets its report.
  private static void pictures(RunSession run, FinalEvaluation.Outcome outcome) throws IOException {
    RunConfig config = run.config();
    try {
      Pictures.write(
          AugmentationGrid.draw(run.data(), config.views(), config.seed(), GRID_IMAGES, GRID_VIEWS),
          run.folder().file("pictures/augmentations.png"));
      if (outcome.test().size() > 0) {
        Pictures.write(
            NeighborSheet.draw(
                run.data(),
                outcome.train(),
                outcome.test(),
                NEIGHBOR_ROWS,
                Math.min(NEIGHBORS, outcome.train().size()),
                config.seed(),
                config.device()),
            run.folder().file("pictures/neighbors.png"));
      }
    } catch (IllegalStateException noFont) {
      LOG.log(Level.WARNING, "no pictures in the report: {0}", noFont.getMessage());
    }
  }

  private static ObjectNode result(RunSession run, FinalEvaluation.Outcome outcome) {
    List<JsonNode> metrics = run.folder().metrics();
    double seconds = metrics.stream().mapToDouble(line -> line.path("seconds").asDouble()).sum();
    double images =
        metrics.stream()
            .mapToDouble(
                line -> line.path("seconds").asDouble() * line.path("images_per_second").asDouble())
            .sum();
    ObjectNode result = Json.object();
    result.put("method", run.config().method().name());
    result.put("data", run.data().name());
    result.put("split", run.config().data().split().name().toLowerCase(Locale.ROOT));
    result.put("epochs", run.config().train().epochs());
    put(result, "knn", outcome.method().knn());
    put(result, "linear", outcome.method().linear());
    row(result, "random_init", outcome.row(FinalEvaluation.RANDOM));
    row(result, "pixel", outcome.row(FinalEvaluation.PIXELS));
    row(result, "pixel_majority", outcome.row(FinalEvaluation.VOTES));
    row(result, "supervised", outcome.row(FinalEvaluation.CEILING));
    result.put("seed", run.config().seed());
    result.put("images_per_second", seconds == 0 ? null : images / seconds);
    result.put("seconds", seconds);
    outcome
        .numbers()
        .forEach(
            (name, value) -> {
              if (!result.has(name)) {
                result.put(name, value);
              }
            });
    return result;
  }

  private static void row(ObjectNode result, String name, Findings.@Nullable Row row) {
    if (row != null) {
      put(result, name + "_knn", row.knn());
      put(result, name + "_linear", row.linear());
    }
  }

  private static void put(ObjectNode result, String name, @Nullable Double value) {
    if (value != null) {
      result.put(name, value);
    }
  }
}
