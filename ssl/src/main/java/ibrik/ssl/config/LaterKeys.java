package ibrik.ssl.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.method.Methods;
import java.util.Map;

/// Keys that runs of older versions do not have in their `config.json`, each with what those runs
/// did; the section "" is the whole file. A new setting of a record that is stored gets a line
/// here, one of a method's own in [MethodFactory#laterSettings()], or older runs cannot be opened.
final class LaterKeys {
  private static final Map<String, Map<String, String>> ADDED =
      Map.of(
          "",
          Map.of("precision", "F32"),
          "data",
          Map.of("split", "OFFICIAL", "saliency", DataConfig.BORDER));

  private LaterKeys() {}

  /// A stored configuration with the keys that it lacks.
  static ObjectNode filled(ObjectNode stored) {
    ObjectNode tree = stored.deepCopy();
    ADDED.forEach((section, keys) -> fill(tree, section, keys));
    Methods.all()
        .forEach(method -> fill(tree, Schema.section(method.name()), method.laterSettings()));
    return tree;
  }

  private static void fill(ObjectNode tree, String section, Map<String, String> keys) {
    if ((section.isEmpty() ? tree : tree.get(section)) instanceof ObjectNode object) {
      keys.forEach(
          (key, value) -> {
            if (!object.has(key)) {
              object.put(key, value);
            }
          });
    }
  }
}
