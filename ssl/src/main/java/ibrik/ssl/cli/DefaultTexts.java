package ibrik.ssl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.ssl.config.Defaults;
import ibrik.ssl.config.Schema;
import ibrik.ssl.config.Setting;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.MethodFactory.Images;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Default values as the help shows them: one, or one for each kind of images.
final class DefaultTexts {
  /// The embedded grey images, small colour images, large ones.
  private static final List<Images> KINDS =
      List.of(new Images(28, 1), new Images(32, 3), new Images(224, 3));

  private static final List<String> WHICH = List.of("small grey", "small colour", "large images");

  /// As many as people read: some defaults are quotients.
  private static final MathContext DIGITS = new MathContext(6);

  private final List<JsonNode> trees;

  DefaultTexts(MethodFactory<?> method) {
    trees = KINDS.stream().map(kind -> (JsonNode) Defaults.of(method, kind).toJson()).toList();
  }

  /// `default 128`, or `default 30 small grey, 200 small colour, 300 large images`; empty if there
  /// is none.
  String of(Setting setting) {
    List<String> values = trees.stream().map(tree -> value(tree, setting)).toList();
    if (values.stream().allMatch(String::isEmpty)) {
      return "";
    }
    if (Set.copyOf(values).size() == 1) {
      return "default " + values.getFirst();
    }
    StringBuilder text = new StringBuilder("default ");
    for (int i = 0; i < values.size(); i++) {
      text.append(i == 0 ? "" : ", ").append(values.get(i)).append(' ').append(WHICH.get(i));
    }
    return text.toString();
  }

  private static String value(JsonNode tree, Setting setting) {
    JsonNode section = setting.section().isEmpty() ? tree : tree.path(setting.section());
    if (!setting.section().equals(Schema.VIEWS)) {
      return text(section.path(setting.key()));
    }
    Set<String> each = new LinkedHashSet<>();
    section.forEach(view -> each.add(text(view.path(setting.key()))));
    return each.stream().collect(Collectors.joining("/"));
  }

  private static String text(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return "";
    }
    if (value.isDouble()) {
      double number = value.asDouble();
      return number == Math.rint(number) && Math.abs(number) < 1e6
          ? Long.toString((long) number)
          : Double.toString(new BigDecimal(number).round(DIGITS).doubleValue());
    }
    return value.isTextual() ? value.asText().toLowerCase(java.util.Locale.ROOT) : value.asText();
  }
}
