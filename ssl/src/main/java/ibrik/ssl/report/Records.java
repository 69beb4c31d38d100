package ibrik.ssl.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.tensor.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Results that are kept: one JSON file per run with `command`, `note`, `machine`, `result`,
/// `config` and `metrics`, and the table that is made of them. No folder of the machine stands in
/// them.
public final class Records {
  /// Stands for the folder of the images.
  private static final String DIR = "DIR";

  private static final String WORD = "('[^']*'|\\S+)";

  private Records() {}

  /// The machine that records. A run tells itself where it was made; where an older one does not,
  /// this machine is meant, if system and Java are those of the run.
  ///
  /// @param cpu model of the processor
  /// @param processors how many there are
  /// @param java version
  /// @param system name, release and architecture
  /// @param commit revision of the sources; null where unknown
  public record Here(
      String cpu, int processors, String java, String system, @Nullable String commit) {}

  /// Records a finished run in `to`, made if needed, and returns the file. A run that was recorded
  /// before keeps its file.
  ///
  /// @throws IllegalArgumentException if the run is not finished
  /// @throws IOException if something cannot be read or written
  public static Path write(Path run, Path to, String note, Here here) throws IOException {
    RunContents contents = RunContents.withoutPictures(run);
    if (!contents.finished() || !contents.config().isObject()) {
      throw new IllegalArgumentException(
          "[record] "
              + run
              + " has no result; go on with it by ibrik pretrain METHOD --resume "
              + run);
    }
    JsonNode stored = contents.config();
    ObjectNode config = stored.deepCopy();
    config.remove("command");
    if (config.path("data") instanceof ObjectNode data && data.path("dir").isTextual()) {
      data.put("dir", DIR);
    }
    ObjectNode tree = Json.MAPPER.createObjectNode();
    tree.put("command", withoutFolders(stored.path("command").asText("")));
    tree.put("note", note);
    tree.set("machine", machine(stored.path("provenance"), here));
    tree.set("result", contents.result());
    tree.set("config", config);
    Files.createDirectories(to);
    Path file = place(to, config);
    byte[] bytes = text(tree, lines(run)).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, bytes);
    return file;
  }

  /// A command without what only this machine has: where images and runs lie.
  static String withoutFolders(String command) {
    return command
        .replaceAll(" --(?:out|resume)(?:[= ]" + WORD + ")?(?= |$)", "")
        .replaceAll("(--data-dir[= ])" + WORD, "$1" + DIR)
        .replaceAll("(--config[= ]'?)[^' ]*/", "$1");
  }

  private static ObjectNode machine(JsonNode provenance, Here here) {
    boolean same =
        provenance.path("java").asText().equals(here.java)
            && provenance.path("system").asText().equals(here.system);
    ObjectNode machine = Json.MAPPER.createObjectNode();
    machine.put("cpu", text(provenance.path("cpu"), same ? here.cpu : null));
    JsonNode processors = provenance.path("processors");
    machine.put(
        "processors",
        processors.isInt() ? (Integer) processors.intValue() : same ? here.processors : null);
    machine.put("jdk", text(provenance.path("java"), null));
    machine.put("commit", text(provenance.path("commit"), here.commit));
    return machine;
  }

  private static @Nullable String text(JsonNode node, @Nullable String otherwise) {
    return node.isTextual() ? node.textValue() : otherwise;
  }

  /// `DATE-METHOD-DATA-MODEL-seedN.json`; with a number where another run has that name.
  private static Path place(Path to, ObjectNode config) throws IOException {
    String started = config.path("provenance").path("started").asText("");
    String name =
        Stream.of(
                started.length() >= 10 ? started.substring(0, 10) : "undated",
                config.path("method").asText(),
                config.path("data").path("name").asText(),
                config.path("model").path("name").asText(),
                "seed" + config.path("seed").asText())
            .collect(Collectors.joining("-"));
    for (int i = 1; ; i++) {
      Path file = to.resolve(name + (i == 1 ? "" : "-" + i) + ".json");
      if (!Files.exists(file)
          || Json.MAPPER.readTree(Files.readAllBytes(file)).path("config").equals(config)) {
        return file;
      }
    }
  }

  private static List<JsonNode> lines(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    Path log = run.resolve("metrics.jsonl");
    if (Files.exists(log)) {
      for (String line : Files.readAllLines(log)) {
        if (!line.isBlank()) {
          lines.add(Json.MAPPER.readTree(line));
        }
      }
    }
    return lines;
  }

  /// Two blanks per level, but one line per epoch.
  private static String text(ObjectNode tree, List<JsonNode> metrics)
      throws JsonProcessingException {
    String start = Json.MAPPER.writeValueAsString(tree).strip();
    StringBuilder text = new StringBuilder(start.substring(0, start.length() - 1).stripTrailing());
    text.append(",\n  \"metrics\" : [");
    for (int i = 0; i < metrics.size(); i++) {
      text.append(i == 0 ? "\n    " : ",\n    ")
          .append(
              Json.MAPPER
                  .writer()
                  .without(SerializationFeature.INDENT_OUTPUT)
                  .writeValueAsString(metrics.get(i)));
    }
    return text.append("\n  ]\n}\n").toString();
  }

  /// The table of all that was recorded in `folder` (not in folders within): runs that differ in
  /// the seed alone are one row. The same files give the same text.
  ///
  /// @throws IllegalArgumentException if there is nothing
  /// @throws IOException if a file cannot be read
  public static String markdown(Path folder) throws IOException {
    Map<String, List<RunContents>> arenas = new TreeMap<>();
    IdentityHashMap<RunContents, String> notes = new IdentityHashMap<>();
    for (Path file : files(folder)) {
      RunContents run = RunContents.ofRecord(file);
      arenas
          .computeIfAbsent(run.data() + Settings.arena(run.config()), _ -> new ArrayList<>())
          .add(run);
      notes.put(run, Json.MAPPER.readTree(Files.readAllBytes(file)).path("note").asText(""));
    }
    List<Panel> panels = arenas.values().stream().map(Panel::of).toList();
    if (panels.isEmpty()) {
      throw new IllegalArgumentException(
          "[record] nothing is recorded in " + folder + "; ibrik record RUN --to " + folder);
    }
    List<String> votes = panels.stream().map(Panel::knnName).distinct().toList();
    TextTable table =
        new TextTable(
            List.of(
                "run",
                votes.size() == 1 ? votes.getFirst() : "k-NN",
                "linear probe",
                "random weights, k-NN",
                "raw pixels, k-NN",
                "raw pixels, 5 votes",
                "supervised, k-NN",
                "training"));
    for (Panel panel : panels) {
      for (Trial trial : panel.trials()) {
        table.add(row(panel, trial, notes));
      }
    }
    return table.markdown();
  }

  private static List<String> row(
      Panel panel, Trial trial, IdentityHashMap<RunContents, String> notes) {
    Map<String, Integer> said = new LinkedHashMap<>();
    trial.runs().stream()
        .map(run -> Objects.requireNonNull(notes.get(run)))
        .filter(note -> !note.isBlank())
        .forEach(note -> said.merge(note, 1, Integer::sum));
    int seeds = trial.runs().size();
    String name =
        "%s on %s (%s), %s, %d epochs%s%s"
            .formatted(
                trial.name(),
                panel.data(),
                panel.split(),
                trial.config().path("model").path("name").asText(),
                trial.epochs(),
                seeds > 1 ? ", " + seeds + " seeds" : "",
                said.isEmpty() ? "" : "; " + String.join("; ", said.keySet()));
    return List.of(
        name,
        trial.number("knn").percent(),
        trial.number("linear").percent(),
        reference(trial, "random_init_knn"),
        reference(trial, "pixel_knn"),
        reference(trial, "pixel_majority_knn"),
        reference(trial, "supervised_knn"),
        String.format(
            Locale.ROOT,
            "%.0f s, %.0f images/s",
            trial.number("seconds").mean(),
            trial.number("images_per_second").mean()));
  }

  /// What does not depend on the seed is one number, however many runs tell it.
  private static String reference(Trial trial, String key) {
    Spread spread = trial.number(key);
    return (spread.std() == 0 ? new Spread(new double[] {spread.mean()}) : spread).percent();
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }
}
