package ibrik.ssl.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Configurations side by side: which settings differ.
final class Settings {
  /// What a stored configuration holds besides settings that could differ between trials.
  private static final List<String> NOT_COMPARED =
      List.of("method", "seed", "provenance", "command");

  private Settings() {}

  /// Every setting by its path, `train.base_lr`; what the views of an image have in common stands
  /// once, else one value per view: `0/0.2`.
  static Map<String, String> of(JsonNode config) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> section : config.properties()) {
      String name = section.getKey();
      if (NOT_COMPARED.contains(name)) {
        continue;
      }
      JsonNode value = section.getValue();
      if (name.equals("views") && value.isArray()) {
        views(value, settings);
      } else if (value.isObject()) {
        value
            .properties()
            .forEach(entry -> settings.put(name + "." + entry.getKey(), text(entry.getValue())));
      } else {
        settings.put(name, text(value));
      }
    }
    settings.remove("data.dir"); // the fingerprint says which images they are
    return settings;
  }

  private static void views(JsonNode views, Map<String, String> settings) {
    Set<String> keys = new LinkedHashSet<>();
    views.forEach(view -> view.fieldNames().forEachRemaining(keys::add));
    for (String key : keys) {
      List<String> each = views.valueStream().map(view -> text(view.path(key))).toList();
      settings.put(
          "views." + key, each.stream().distinct().count() == 1 ? each.getFirst() : joined(each));
    }
  }

  /// Two large views and six small ones: `32 x2/16 x6`.
  private static String joined(List<String> each) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < each.size(); ) {
      int same = i;
      while (same < each.size() && each.get(same).equals(each.get(i))) {
        same++;
      }
      parts.add(same - i > 1 ? each.get(i) + " x" + (same - i) : each.get(i));
      i = same;
    }
    return String.join("/", parts);
  }

  private static String text(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return Numbers.NONE;
    }
    if (value.isFloatingPointNumber()) {
      double number = value.doubleValue();
      return number == Math.rint(number) && Math.abs(number) < 1e15
          ? Long.toString((long) number)
          : Double.toString(number);
    }
    return value.isTextual()
        ? value.textValue().toLowerCase(java.util.Locale.ROOT)
        : value.toString();
  }

  /// All that decides a run's numbers except the seed, as one text: equal for runs that may be
  /// averaged.
  static String withoutSeed(JsonNode config) {
    Map<String, String> settings = of(config);
    JsonNode images = config.path("provenance").path("data_fingerprint");
    // In the order of names: a newer version may write the same settings in another one.
    return config.path("method").asText()
        + new TreeSet<>(settings.entrySet().stream().map(Map.Entry::toString).toList())
        + images.asText();
  }

  /// Which images were trained on and tested, and how votes were counted, as one text: numbers of
  /// runs that agree in it may stand in one table.
  static String arena(JsonNode config) {
    ObjectNode arena = Json.MAPPER.createObjectNode();
    JsonNode data = config.path("data");
    arena.set("data", data);
    if (data instanceof ObjectNode object) {
      ObjectNode images = object.deepCopy();
      images.remove("dir");
      images.remove("saliency"); // of views, not of images
      if (!images.has("split")) { // runs made before there was another
        images.put("split", "OFFICIAL");
      }
      arena.set("data", images);
    }
    for (String key : List.of("data_fingerprint", "train_images", "test_images")) {
      arena.set(key, config.path("provenance").path(key));
    }
    for (String key : List.of("knn_neighbors", "knn_temperature")) {
      arena.set(key, config.path("eval").path(key));
    }
    return arena.toString();
  }

  /// Paths of the settings that differ among those of `each` that have them, in the order of the
  /// files.
  static List<String> differing(List<Map<String, String>> each) {
    Set<String> paths = new LinkedHashSet<>();
    each.forEach(settings -> paths.addAll(settings.keySet()));
    return paths.stream()
        .filter(
            path ->
                each.stream()
                        .filter(settings -> settings.containsKey(path))
                        .map(settings -> settings.get(path))
                        .distinct()
                        .count()
                    > 1)
        .collect(Collectors.toList());
  }
}
