package ibrik.ssl.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// Keys that runs of older versions do not have in their `config.json`, each with what those runs
/// did. A new setting of a record that is stored gets a line here, or older runs cannot be opened.
final class LaterKeys {
  private static final Map<String, Map<String, String>> ADDED =
      Map.of(
          "",
          Map.of("precision", "F32"),
          "data",
          Map.of("split", "OFFICIAL", "saliency", DataConfig.BORDER),
          "msbreg",
          Map.of("dispersion", "GRAM"));

  private LaterKeys() {}

  /// A stored configuration with the keys that it lacks.
  static ObjectNode filled(ObjectNode stored) {
    ObjectNode tree = stored.deepCopy();
    ADDED.forEach(
        (section, keys) -> {
          if ((section.isEmpty() ? tree : tree.get(section)) instanceof ObjectNode object) {
            keys.forEach(
                (key, value) -> {
                  if (!object.has(key)) {
                    object.put(key, value);
                  }
                });
          }
        });
    return tree;
  }
}
