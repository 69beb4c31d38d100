package ibrik.ssl.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All that a run folder holds and a report shows.
///
/// @param name of the folder
/// @param config what was asked for; a missing node if unknown
/// @param metrics per epoch
/// @param result final numbers; a missing node if there are none
/// @param findings of the final evaluation
/// @param pictures PNG files by name without ending
/// @param evaluations that were asked for later, in order
/// @param missing files that are not there, by name
/// @param problems what is there and cannot be read
record RunContents(
    String name,
    JsonNode config,
    Metrics metrics,
    JsonNode result,
    Findings findings,
    SortedMap<String, byte[]> pictures,
    List<JsonNode> evaluations,
    List<String> missing,
    List<String> problems) {

  /// Reads what is there.
  ///
  /// @throws IOException if `folder` is no folder
  static RunContents read(Path folder) throws IOException {
    return read(folder, true);
  }

  /// [#read(Path)] for pages that show numbers alone.
  ///
  /// @throws IOException if `folder` is no folder
  static RunContents withoutPictures(Path folder) throws IOException {
    return read(folder, false);
  }

  /// A recorded result: one file with `config`, `metrics` and `result`.
  ///
  /// @throws IOException if it cannot be read or holds no such thing
  static RunContents ofRecord(Path file) throws IOException {
    JsonNode tree;
    try {
      tree = Json.MAPPER.readTree(Files.readAllBytes(file));
    } catch (JacksonException wrong) {
      throw new IOException("is no JSON (" + Reader.reason(wrong) + ")", wrong);
    }
    JsonNode result = tree.path("result");
    if (!result.isObject() || !tree.path("config").isObject()) {
      throw new IOException("is no recorded result: it needs config, metrics and result");
    }
    Metrics metrics =
        Metrics.parse(
            tree.path("metrics")
                .valueStream()
                .map(JsonNode::toString)
                .collect(Collectors.joining("\n")));
    return new RunContents(
        String.valueOf(file.getFileName()),
        tree.path("config"),
        metrics,
        result,
        Findings.none(),
        new TreeMap<>(),
        List.of(),
        List.of(),
        List.of());
  }

  private static RunContents read(Path folder, boolean withPictures) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(
          "[report] needs the folder of a run; got " + folder + "; name the one with config.json");
    }
    Reader reader = new Reader(folder);
    JsonNode config = reader.json("config.json");
    byte[] lines = reader.bytes("metrics.jsonl");
    Metrics metrics =
        lines == null ? Metrics.NONE : Metrics.parse(new String(lines, StandardCharsets.UTF_8));
    reader.problems.addAll(metrics.problems());
    JsonNode result = reader.json("result.json");
    Findings findings = reader.findings();
    SortedMap<String, byte[]> pictures = withPictures ? reader.pictures() : new TreeMap<>();
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return new RunContents(
        name == null ? "/" : name.toString(),
        config,
        metrics,
        result,
        findings,
        pictures,
        reader.evaluations(),
        List.copyOf(reader.missing),
        List.copyOf(reader.problems));
  }

  /// Reads files and keeps account of those that it could not.
  private static final class Reader {
    final Path folder;
    final List<String> missing = new ArrayList<>();
    final List<String> problems = new ArrayList<>();

    Reader(Path folder) {
      this.folder = folder;
    }

    byte @Nullable [] bytes(String name) {
      try {
        return Files.readAllBytes(folder.resolve(name));
      } catch (NoSuchFileException _) {
        missing.add(name);
      } catch (IOException failed) {
        problems.add(name + " cannot be read (" + reason(failed) + ")");
      }
      return null;
    }

    JsonNode json(String name) {
      byte[] bytes = bytes(name);
      if (bytes != null) {
        try {
          JsonNode node = Json.MAPPER.readTree(bytes);
          if (node.isObject()) {
            return node;
          }
          problems.add(name + " holds no JSON object");
        } catch (IOException failed) {
          problems.add(name + " is no JSON (" + reason(failed) + ")");
        }
      }
      return Json.MAPPER.missingNode();
    }

    /// Lines of `evaluations.jsonl`; a run without it lacks nothing.
    List<JsonNode> evaluations() {
      List<JsonNode> found = new ArrayList<>();
      if (!Files.exists(folder.resolve("evaluations.jsonl"))) {
        return found;
      }
      byte[] lines = bytes("evaluations.jsonl");
      if (lines != null) {
        for (String line : new String(lines, StandardCharsets.UTF_8).lines().toList()) {
          try {
            found.add(Json.MAPPER.readTree(line));
          } catch (IOException broken) {
            problems.add("a line of evaluations.jsonl is no JSON (" + reason(broken) + ")");
          }
        }
      }
      return found;
    }

    Findings findings() {
      byte[] bytes = bytes("findings.json");
      if (bytes != null) {
        try {
          Findings findings = Json.MAPPER.readValue(bytes, Findings.class);
          if (findings != null) {
            return findings;
          }
          problems.add("findings.json holds no JSON object");
        } catch (IOException failed) {
          problems.add("findings.json holds no findings (" + reason(failed) + ")");
        }
      }
      return Findings.none();
    }

    SortedMap<String, byte[]> pictures() throws IOException {
      SortedMap<String, byte[]> pictures = new TreeMap<>();
      Path inside = folder.resolve("pictures");
      if (Files.isDirectory(inside)) {
        try (Stream<Path> files = Files.list(inside)) {
          for (Path file : files.sorted().toList()) {
            String name = String.valueOf(file.getFileName());
            if (name.toLowerCase(Locale.ROOT).endsWith(".png") && !name.startsWith(".")) {
              byte[] png = bytes("pictures/" + name);
              if (png != null) {
                pictures.put(name.substring(0, name.length() - 4), png);
              }
            }
          }
        }
      }
      return pictures;
    }

    /// The first line: parsers add where in the file they were.
    private static String reason(IOException failed) {
      String message = failed.getMessage();
      return message == null
          ? failed.getClass().getSimpleName()
          : message.lines().findFirst().orElse("");
    }
  }

  /// The method's name: as the findings have it, else as asked for, else of the result.
  String method() {
    return findings.rows().stream()
        .filter(row -> row.role() == Findings.Role.METHOD)
        .map(Findings.Row::name)
        .findFirst()
        .orElse(text(config.path("method"), text(result.path("method"), "a method")));
  }

  /// The data's name.
  String data() {
    JsonNode data = config.path("data");
    return text(data.path("name"), text(data, text(result.path("data"), "unknown data")));
  }

  /// Epochs asked for, 0 if unknown.
  int epochsPlanned() {
    return config.path("train").path("epochs").asInt(result.path("epochs").asInt(0));
  }

  /// Whether the run came to its end.
  boolean finished() {
    return result.isObject();
  }

  private static String text(JsonNode node, String otherwise) {
    return node.isTextual() && !node.textValue().isBlank() ? node.textValue() : otherwise;
  }
}
