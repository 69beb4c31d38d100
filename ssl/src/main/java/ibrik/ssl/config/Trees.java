package ibrik.ssl.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Configuration as trees: laying one over another, comparing, reading records.
final class Trees {
  private Trees() {}

  /// A record from its tree.
  ///
  /// @throws IllegalArgumentException with the record's own message if its check refuses
  static <T> T read(JsonNode tree, Class<T> type) {
    try {
      return Json.MAPPER.treeToValue(tree, type);
    } catch (JsonMappingException refused) {
      for (Throwable at = refused; at != null; at = at.getCause()) {
        if (at instanceof IllegalArgumentException own) {
          throw own;
        }
      }
      throw new IllegalArgumentException(
          "[config] " + refused.getOriginalMessage() + " (" + refused.getPathReference() + ")",
          refused);
    } catch (JsonProcessingException impossible) {
      throw new IllegalArgumentException("[config] " + impossible.getOriginalMessage(), impossible);
    }
  }

  /// Lays `over` on `base`: objects key by key, lists place by place; an object laid on a list is
  /// laid on every place.
  ///
  /// @throws IllegalArgumentException if a list has another length
  static void merge(ObjectNode base, ObjectNode over) {
    over.properties()
        .forEach(
            entry -> {
              JsonNode old = base.get(entry.getKey());
              JsonNode value = entry.getValue();
              if (old instanceof ObjectNode object && value instanceof ObjectNode more) {
                merge(object, more);
              } else if (old instanceof ArrayNode list && value instanceof ObjectNode more) {
                list.forEach(place -> merge((ObjectNode) place, more));
              } else if (old instanceof ArrayNode list && value instanceof ArrayNode more) {
                merge(entry.getKey(), list, more);
              } else {
                base.set(entry.getKey(), value);
              }
            });
  }

  private static void merge(String key, ArrayNode base, ArrayNode over) {
    if (base.size() != over.size()) {
      throw new IllegalArgumentException(
          "[config] "
              + key
              + " must have "
              + base.size()
              + " entries for this method, or be one object for all of them; got "
              + over.size());
    }
    for (int i = 0; i < base.size(); i++) {
      merge((ObjectNode) base.get(i), (ObjectNode) over.get(i));
    }
  }

  /// Where two trees differ: `train.epochs is 30, not 40`.
  static List<String> differences(JsonNode stored, JsonNode asked) {
    List<String> found = new ArrayList<>();
    differences("", stored, asked, found);
    return found;
  }

  private static void differences(
      String path, JsonNode stored, JsonNode asked, List<String> found) {
    if (stored.isContainerNode() && stored.getNodeType() == asked.getNodeType()) {
      if (stored.isArray()) {
        for (int i = 0; i < Math.max(stored.size(), asked.size()); i++) {
          differences(path + "[" + i + "]", stored.path(i), asked.path(i), found);
        }
        return;
      }
      Set<String> names = new TreeSet<>();
      stored.fieldNames().forEachRemaining(names::add);
      asked.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        differences(
            path.isEmpty() ? name : path + "." + name, stored.path(name), asked.path(name), found);
      }
    } else if (!equal(stored, asked)) {
      found.add(path + " is " + stored + ", not " + asked);
    }
  }

  private static boolean equal(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber() ? a.asDouble() == b.asDouble() : a.equals(b);
  }
}
