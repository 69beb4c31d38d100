package ibrik.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// Ratios below which something has become slower, by name of the check, for one width of vectors:
/// a ratio says little about a processor of another kind.
record Floors(int vectorBits, Map<String, Double> byName) {
  /// Copies.
  Floors {
    byName = new TreeMap<>(byName);
  }

  /// Those of `file` for vectors of this width; none where it has no such section.
  static Floors read(Path file, int vectorBits) throws IOException {
    JsonNode section =
        new ObjectMapper()
            .readTree(file.toFile())
            .path("floors_by_vector_bits")
            .path(String.valueOf(vectorBits));
    Map<String, Double> byName = new TreeMap<>();
    section.properties().forEach(entry -> byName.put(entry.getKey(), entry.getValue().asDouble()));
    return new Floors(vectorBits, byName);
  }

  /// The floor of a check.
  OptionalDouble of(String name) {
    Double floor = byName.get(name);
    return floor == null ? OptionalDouble.empty() : OptionalDouble.of(floor);
  }

  /// What an interval says about a floor.
  enum Verdict {
    /// The whole interval lies below the floor.
    SLOWER,
    /// The floor lies inside the interval, or there is none.
    UNCLEAR,
    /// The whole interval lies above the floor.
    SAME,
    /// The whole interval lies above twice the floor: it is time for a higher one.
    FASTER;

    static Verdict of(Turns.Ratio ratio, double floor) {
      if (ratio.high() < floor) {
        return SLOWER;
      }
      if (ratio.low() < floor) {
        return UNCLEAR;
      }
      return ratio.low() > 2 * floor ? FASTER : SAME;
    }
  }
}
