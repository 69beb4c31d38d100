package ibrik.ssl.report;

import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import com.fasterxml.jackson.databind.JsonNode;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Any JSON object as tables: single values first, then one folded part per object or list.
final class ConfigTable {
  /// Tables in tables; what lies deeper is shown as JSON.
  private static final int MOST_TABLES = 5;

  private ConfigTable() {}

  static DomContent of(JsonNode config) {
    List<DomContent> plain = new ArrayList<>();
    List<DomContent> parts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : config.properties()) {
      if (flat(entry.getValue())) {
        plain.add(row(entry.getKey(), entry.getValue(), 0));
      } else {
        parts.add(
            details(summary(entry.getKey()), div(value(entry.getValue(), 1)).withClass("scroll")));
      }
    }
    return div(table(tbody(each(plain.stream()))).withClass("config"), each(parts.stream()))
        .withClass("configuration");
  }

  private static DomContent row(String key, JsonNode value, int depth) {
    return tr(th(key).attr("scope", "row"), td(value(value, depth)));
  }

  /// Whether it fits in one cell.
  private static boolean flat(JsonNode node) {
    if (node.isArray()) {
      for (JsonNode item : node) {
        if (item.isContainerNode()) {
          return false;
        }
      }
      return true;
    }
    return !node.isObject();
  }

  private static DomContent value(JsonNode node, int depth) {
    if (depth > MOST_TABLES && !flat(node)) {
      return text(node.toString());
    }
    if (node.isObject()) {
      List<DomContent> rows = new ArrayList<>();
      node.properties()
          .forEach(entry -> rows.add(row(entry.getKey(), entry.getValue(), depth + 1)));
      return table(tbody(each(rows.stream()))).withClass("config");
    }
    if (node.isArray()) {
      return flat(node)
          ? text(joined(node))
          : objects(node) ? columns(node, depth) : items(node, depth);
    }
    return text(node.isNull() ? Numbers.NONE : node.asText());
  }

  private static String joined(JsonNode list) {
    List<String> items = new ArrayList<>();
    list.forEach(item -> items.add(item.asText()));
    return String.join(", ", items);
  }

  private static boolean objects(JsonNode list) {
    for (JsonNode item : list) {
      if (!item.isObject()) {
        return false;
      }
    }
    return true;
  }

  /// Any other list: one numbered row per item.
  private static DomContent items(JsonNode list, int depth) {
    List<DomContent> rows = new ArrayList<>();
    list.forEach(item -> rows.add(row(String.valueOf(rows.size() + 1), item, depth + 1)));
    return table(tbody(each(rows.stream()))).withClass("config");
  }

  /// A list of objects side by side: one row per key, one column per object, so that what differs
  /// is seen.
  private static DomContent columns(JsonNode list, int depth) {
    Set<String> keys = new LinkedHashSet<>();
    List<DomContent> head = new ArrayList<>();
    head.add(td());
    for (JsonNode item : list) {
      item.fieldNames().forEachRemaining(keys::add);
      head.add(th(String.valueOf(head.size())).attr("scope", "col"));
    }
    List<DomContent> rows = new ArrayList<>();
    for (String key : keys) {
      List<DomContent> cells = new ArrayList<>();
      cells.add(th(key).attr("scope", "row"));
      for (JsonNode item : list) {
        cells.add(item.has(key) ? td(value(item.get(key), depth + 1)) : td(Numbers.NONE));
      }
      rows.add(tr(each(cells.stream())));
    }
    return table(thead(tr(each(head.stream()))), tbody(each(rows.stream()))).withClass("config");
  }
}
