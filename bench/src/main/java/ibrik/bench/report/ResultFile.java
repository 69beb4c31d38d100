package ibrik.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ibrik.bench.Roofline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A file that a run of benchmarks, of the guard or of peers has written.
///
/// @param name of the file
/// @param json its contents
record ResultFile(String name, JsonNode json) {
  /// All files of a folder, oldest first; those of one day by name.
  ///
  /// @throws IOException if the folder or a file cannot be read
  static List<ResultFile> all(Path folder) throws IOException {
    List<Path> paths;
    try (Stream<Path> files = Files.list(folder)) {
      paths = files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    ObjectMapper mapper = new ObjectMapper();
    List<ResultFile> all = new ArrayList<>();
    for (Path path : paths) {
      all.add(new ResultFile(path.getFileName().toString(), mapper.readTree(path.toFile())));
    }
    all.sort(Comparator.comparing(ResultFile::date).thenComparing(ResultFile::name));
    return all;
  }

  String date() {
    return json.path("date").asText("");
  }

  /// Processor, processors and virtual machine: what numbers must share to be compared.
  String machine() {
    JsonNode machine = json.path("machine");
    return machine.path("cpu").asText("unknown")
        + ", "
        + machine.path("processors").asInt()
        + " processors, "
        + machine.path("jdk").asText("");
  }

  String note() {
    return json.path("note").asText("");
  }

  /// The rows of JMH's benchmarks.
  List<Rate> rates() {
    List<Rate> rates = new ArrayList<>();
    for (JsonNode row : json.path("results")) {
      if (row.has("benchmark")) {
        rates.add(Rate.of(row));
      }
    }
    return rates;
  }

  /// The roof that the rows were compared with.
  Optional<Roofline> roof() {
    for (JsonNode roof : json.path("roofs")) {
      if (roof.path("threads").asInt() == json.path("threads").asInt()) {
        return Optional.of(Roofline.read(roof));
      }
    }
    return Optional.empty();
  }
}
