package ibrik.ssl.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.tensor.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Results that are kept: one JSON file per run with `command`, `note`, `claims` where it was made
/// to show something, `machine`, `result`, `config` and `metrics`, and the tables that are made of
/// them. No folder of the machine stands in them.
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

  /// What a run was made to show, beside others.
  ///
  /// @param text what is claimed, the same for all that are compared
  /// @param variant what tells this run from the others
  /// @param place that the claim gives it: 1 for what should be best; equal where it says nothing
  public record Claim(String text, String variant, int place) {
    /// Checks that all of it is said.
    public Claim {
      if (text.isBlank() || variant.isBlank() || place < 1) {
        throw new IllegalArgumentException(
            "[record] a claim needs a text, a variant and a place from 1 on; got '%s', '%s', %d"
                .formatted(text, variant, place));
      }
    }
  }

  /// A recorded run.
  ///
  /// @param run what it is
  /// @param note what was said about it; may be empty
  /// @param claims that it was made for; where there are none it is a result in itself
  record Kept(RunContents run, String note, List<Claim> claims) {}

  /// Records a finished run in `to`, made if needed, and returns the file. A run that was recorded
  /// before keeps its file and its claims.
  ///
  /// @param claim that it was made for, if any
  /// @throws IllegalArgumentException if the run is not finished
  /// @throws IOException if something cannot be read or written
  public static Path write(Path run, Path to, String note, @Nullable Claim claim, Here here)
      throws IOException {
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
    Files.createDirectories(to);
    Path file = place(to, config);
    ArrayNode claims = claims(file, claim);
    if (!claims.isEmpty()) {
      tree.set("claims", claims);
    }
    tree.set("machine", machine(stored.path("provenance"), here));
    tree.set("result", contents.result());
    tree.set("config", config);
    byte[] bytes = text(tree, lines(run)).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, bytes);
    return file;
  }

  /// Those of the file that is there, and this one; of one text the latest.
  private static ArrayNode claims(Path file, @Nullable Claim claim) throws IOException {
    Map<String, Claim> all = new LinkedHashMap<>();
    if (Files.exists(file)) {
      claims(Json.MAPPER.readTree(Files.readAllBytes(file))).forEach(c -> all.put(c.text, c));
    }
    if (claim != null) {
      all.put(claim.text, claim);
    }
    return Json.MAPPER.valueToTree(List.copyOf(all.values()));
  }

  private static List<Claim> claims(JsonNode tree) {
    return tree.path("claims")
        .valueStream()
        .map(
            c ->
                new Claim(
                    c.path("text").asText(), c.path("variant").asText(), c.path("place").asInt()))
        .toList();
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

  /// The folder within that of the results where ablations are kept.
  public static final String CLAIMS = "claims";

  /// The tables of all that was recorded in `folder` and in [#CLAIMS] within: results, then
  /// ablations claim by claim. Runs that differ in the seed alone are one row. The same files give
  /// the same text.
  ///
  /// @throws IllegalArgumentException if there is nothing, or a claim compares what cannot be
  /// @throws IOException if a file cannot be read
  public static String markdown(Path folder) throws IOException {
    List<Kept> kept = new ArrayList<>();
    for (Path file : Stream.of(folder, folder.resolve(CLAIMS)).flatMap(Records::files).toList()) {
      RunContents run = RunContents.ofRecord(file);
      JsonNode tree = Json.MAPPER.readTree(Files.readAllBytes(file));
      kept.add(new Kept(run, tree.path("note").asText(""), claims(tree)));
    }
    if (kept.isEmpty()) {
      throw new IllegalArgumentException(
          "[record] nothing is recorded in " + folder + "; ibrik record RUN --to " + folder);
    }
    return RecordTables.of(kept);
  }

  private static Stream<Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Stream.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
