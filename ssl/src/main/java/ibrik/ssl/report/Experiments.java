package ibrik.ssl.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.tensor.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Runs beside one another: those on the same images in one panel, those that differ in the seed
/// alone as one trial with mean and deviation. What cannot be compared is named with the reason.
public final class Experiments {
  private static final List<String> HEADINGS =
      List.of("seeds", "epochs", "linear probe", "training", "images/s", "std", "rank");

  private final List<Panel> panels;
  private final List<LeftOut> leftOut;
  private final IdentityHashMap<RunContents, Path> places;

  /// A run that cannot be compared.
  ///
  /// @param run as it was named
  /// @param reason why, and what to do
  public record LeftOut(String run, String reason) {}

  private Experiments(
      List<Panel> panels, List<LeftOut> leftOut, IdentityHashMap<RunContents, Path> places) {
    this.panels = List.copyOf(panels);
    this.leftOut = List.copyOf(leftOut);
    this.places = places;
  }

  /// Reads folders of runs, and recorded results (`.json`).
  public static Experiments of(List<Path> runs) {
    Map<String, List<RunContents>> arenas = new LinkedHashMap<>();
    List<LeftOut> leftOut = new ArrayList<>();
    IdentityHashMap<RunContents, Path> places = new IdentityHashMap<>();
    Map<String, Path> known = new LinkedHashMap<>();
    Set<Path> seen = new HashSet<>();
    for (Path path : runs) {
      if (!seen.add(path.toAbsolutePath().normalize())) {
        continue;
      }
      try {
        RunContents run = Files.isRegularFile(path) ? RunContents.ofRecord(path) : folder(path);
        String same = Settings.withoutSeed(run.config()) + run.config().path("seed").asText();
        Path twin = known.putIfAbsent(same, path);
        if (twin != null) {
          throw new IOException("the same settings and seed as " + twin);
        }
        places.put(run, path);
        arenas.computeIfAbsent(Settings.arena(run.config()), _ -> new ArrayList<>()).add(run);
      } catch (IOException useless) {
        leftOut.add(new LeftOut(path.toString(), String.valueOf(useless.getMessage())));
      }
    }
    return new Experiments(arenas.values().stream().map(Panel::of).toList(), leftOut, places);
  }

  /// A finished run.
  ///
  /// @throws IOException saying why it is none
  private static RunContents folder(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new IOException("there is no such folder");
    }
    if (!Files.exists(path.resolve("config.json"))) {
      throw new IOException("holds no run (no config.json)");
    }
    RunContents run = RunContents.withoutPictures(path);
    Path failure = path.resolve(FAILURE);
    if (!run.finished() && Files.exists(failure)) {
      throw new IOException(
          "failed: " + Json.MAPPER.readTree(failure.toFile()).path("message").asText());
    }
    if (!run.problems().isEmpty()) {
      throw new IOException(String.join("; ", run.problems()));
    }
    if (!run.finished()) {
      throw new IOException(
          "not finished: epoch "
              + run.metrics().lastEpoch()
              + " of "
              + run.epochsPlanned()
              + ", no result.json; go on with --resume "
              + path);
    }
    return run;
  }

  /// What a sweep leaves in the folder of a run that failed: an object with a `message`.
  public static final String FAILURE = "failure.json";

  /// Whether there is nothing to compare.
  public boolean isEmpty() {
    return panels.isEmpty();
  }

  /// The runs that cannot be compared.
  public List<LeftOut> leftOut() {
    return leftOut;
  }

  List<Panel> panels() {
    return panels;
  }

  Path place(RunContents run) {
    return java.util.Objects.requireNonNull(places.get(run));
  }

  /// Writes the page: one HTML file that needs no other. Links lead from it to the reports of the
  /// runs.
  ///
  /// @throws IOException if it cannot be written
  public void write(Path file) throws IOException {
    Path folder = java.util.Objects.requireNonNull(file.toAbsolutePath().normalize().getParent());
    Files.createDirectories(folder);
    String page = Sheet.text(new ComparisonPage(this, folder).document());
    byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, bytes);
  }

  /// Tables for a terminal.
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Panel panel : panels) {
      List<String> headings = new ArrayList<>(List.of(panel.data()));
      headings.addAll(HEADINGS);
      headings.add(3, panel.knnName());
      TextTable table = new TextTable(headings);
      for (Trial trial : panel.trials()) {
        table.add(
            List.of(
                trial.name(),
                Integer.toString(trial.runs().size()),
                Integer.toString(trial.epochs()),
                trial.number("knn").percent(),
                trial.number("linear").percent(),
                duration(trial),
                trial.number("images_per_second").meanText(0),
                trial.number("embedding_std").meanText(4),
                trial.number("effective_rank").meanText(1)));
      }
      for (Panel.Reference reference : panel.references()) {
        table.add(
            List.of(
                reference.name() + " (" + role(reference) + ")",
                Integer.toString(reference.knn().n()),
                "-",
                reference.knn().percent(),
                reference.linear().percent(),
                "-",
                "-",
                "-",
                "-"));
      }
      text.append(panel.data());
      text.append(panel.split().isEmpty() ? "" : ": " + panel.split()).append("\n\n");
      text.append(table.text()).append('\n').append(panel.verdict()).append("\n\n");
    }
    if (!leftOut.isEmpty()) {
      text.append("left out\n");
      leftOut.forEach(
          left -> text.append("  ").append(left.run).append("  ").append(left.reason).append('\n'));
      text.append('\n');
    }
    return text.toString();
  }

  static String role(Panel.Reference reference) {
    return reference.role().name().toLowerCase(java.util.Locale.ROOT);
  }

  static String duration(Trial trial) {
    Spread seconds = trial.number("seconds");
    return seconds.n() == 0 ? "-" : Numbers.duration(seconds.mean());
  }

  /// Everything the tables show, for programs: accuracies as fractions.
  public String json() {
    ObjectNode all = Json.MAPPER.createObjectNode();
    ArrayNode shown = all.putArray("panels");
    panels.forEach(panel -> shown.add(json(panel)));
    ArrayNode left = all.putArray("left_out");
    leftOut.forEach(one -> left.addObject().put("run", one.run).put("reason", one.reason));
    try {
      return Json.MAPPER.writeValueAsString(all) + "\n";
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("[compare] cannot write JSON", impossible);
    }
  }

  private ObjectNode json(Panel panel) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("data", panel.data());
    node.put("train_images", panel.trainImages());
    node.put("test_images", panel.testImages());
    node.put("verdict", panel.verdict());
    ArrayNode trials = node.putArray("trials");
    for (Trial trial : panel.trials()) {
      ObjectNode one = trials.addObject();
      one.put("name", trial.name());
      one.put("method", trial.config().path("method").asText());
      one.put("epochs", trial.epochs());
      ArrayNode seeds = one.putArray("seeds");
      trial.seeds().forEach(seeds::add);
      ArrayNode folders = one.putArray("runs");
      trial.runs().forEach(run -> folders.add(place(run).toString()));
      for (String key :
          List.of(
              "knn", "linear", "seconds", "images_per_second", "embedding_std", "effective_rank")) {
        put(one, key, trial.number(key));
      }
      ObjectNode settings = one.putObject("settings");
      Map<String, String> own = trial.settings();
      panel.settings().stream()
          .filter(own::containsKey)
          .forEach(path -> settings.put(path, own.get(path)));
    }
    ArrayNode references = node.putArray("references");
    for (Panel.Reference reference : panel.references()) {
      ObjectNode one = references.addObject();
      one.put("name", reference.name());
      one.put("role", role(reference));
      put(one, "knn", reference.knn());
      put(one, "linear", reference.linear());
    }
    return node;
  }

  private static void put(ObjectNode node, String key, Spread spread) {
    if (spread.n() > 0) {
      ObjectNode numbers = node.putObject(key);
      numbers.put("n", spread.n());
      numbers.put("mean", spread.mean());
      if (spread.n() > 1) {
        numbers.put("std", spread.std());
      }
      ArrayNode values = numbers.putArray("values");
      for (double value : spread.values()) {
        values.add(value);
      }
    }
  }
}
