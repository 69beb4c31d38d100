package ibrik.ssl.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.nn.Precision;
import ibrik.ssl.augment.View;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Recipe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Everything that can be set for one method, taken from the records themselves: a new component of
/// a record is at once a key of the file and a flag of the command line.
public final class Schema {
  /// Section of the augmentation recipes.
  public static final String VIEWS = "views";

  /// What a stored configuration holds besides settings; ignored on input.
  public static final List<String> PROVENANCE = List.of("method", "provenance", "command");

  private final String own;
  private final Map<String, Setting> settings = new LinkedHashMap<>();

  private Schema(MethodFactory<?> factory) {
    own = section(factory.name());
    add(new Setting("", "seed", long.class, "names all random numbers of the run"));
    add(
        new Setting(
            "",
            "device",
            String.class,
            "where to compute: cpu, cuda, cuda:1, reference; auto: a GPU if there is one"));
    add(
        new Setting(
            "",
            "precision",
            Precision.class,
            "what layers multiply in; parameters, statistics and losses are f32 either way"));
    addAll("data", DataConfig.class);
    addAll("model", ModelConfig.class);
    addAll("train", Recipe.class);
    addAll(own, factory.configType());
    addAll(VIEWS, View.class);
    addAll("eval", EvalConfig.class);
  }

  /// The settings of a method.
  public static Schema of(MethodFactory<?> factory) {
    return new Schema(factory);
  }

  /// The section that holds a method's own hyper-parameters.
  public static String section(String method) {
    return method.replace('-', '_');
  }

  private void addAll(String section, Class<?> record) {
    var properties =
        Json.MAPPER
            .getSerializationConfig()
            .introspect(Json.MAPPER.constructType(record))
            .findProperties();
    for (BeanPropertyDefinition property : properties) {
      String text = property.getMetadata().getDescription();
      add(
          new Setting(
              section,
              property.getName(),
              property.getRawPrimaryType(),
              Objects.requireNonNullElse(text, "")));
    }
  }

  private void add(Setting setting) {
    settings.put(setting.path(), setting);
  }

  /// In the order of the help.
  public List<Setting> settings() {
    return List.copyOf(settings.values());
  }

  /// Section of the method's own hyper-parameters.
  public String own() {
    return own;
  }

  /// Checks the names and types of a configuration file.
  ///
  /// @param source what to call it in messages
  /// @throws IllegalArgumentException listing every key that is unknown, with the one probably
  ///   meant, and every value of a wrong type
  public void check(ObjectNode given, String source) {
    List<String> wrong = new ArrayList<>();
    given
        .properties()
        .forEach(
            entry -> {
              String key = entry.getKey();
              JsonNode value = entry.getValue();
              if (PROVENANCE.contains(key)) {
                return;
              }
              if (key.equals(VIEWS) && value.isArray()) {
                value.forEach(view -> section(key, view, wrong));
              } else if (settings.containsKey(key)) {
                type(settings.get(key), value).ifPresent(wrong::add);
              } else if (sections().contains(key)) {
                section(key, value, wrong);
              } else {
                List<String> known = new ArrayList<>(sections());
                known.add("seed");
                known.add("device");
                known.add("precision");
                wrong.add(unknown(key, known));
              }
            });
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException("[config] " + source + ": " + String.join("; ", wrong));
    }
  }

  private List<String> sections() {
    return settings.values().stream()
        .map(Setting::section)
        .filter(s -> !s.isEmpty())
        .distinct()
        .toList();
  }

  private void section(String section, JsonNode object, List<String> wrong) {
    if (!object.isObject()) {
      wrong.add(section + " must be an object { ... }; got " + object);
      return;
    }
    List<String> keys =
        settings.values().stream()
            .filter(s -> s.section().equals(section))
            .map(Setting::key)
            .toList();
    object
        .properties()
        .forEach(
            entry -> {
              Setting setting = settings.get(section + "." + entry.getKey());
              if (setting == null) {
                wrong.add(section + ": " + unknown(entry.getKey(), keys));
              } else {
                type(setting, entry.getValue()).ifPresent(wrong::add);
              }
            });
  }

  private static String unknown(String key, List<String> known) {
    return "unknown key '"
        + key
        + "'"
        + Nearest.to(key, known)
            .map(near -> "; did you mean '" + near + "'?")
            .orElse("; known: " + String.join(", ", known));
  }

  private static Optional<String> type(Setting setting, JsonNode value) {
    Class<?> type = setting.type();
    String rule;
    boolean fits;
    if (type == int.class) {
      fits = value.isInt();
      rule = "a whole number below 2^31";
    } else if (type == long.class) {
      fits = value.isInt() || value.isLong();
      rule = "a whole number";
    } else if (type == double.class) {
      fits = value.isNumber();
      rule = "a number";
    } else if (type == boolean.class) {
      fits = value.isBoolean();
      rule = "true or false";
    } else if (type.isEnum()) {
      List<String> names = names(type);
      fits = value.isTextual() && names.contains(value.asText().toLowerCase(java.util.Locale.ROOT));
      rule = "one of " + String.join(", ", names);
    } else {
      fits = value.isTextual() || value.isNull();
      rule = "a text";
    }
    return fits
        ? Optional.empty()
        : Optional.of(setting.path() + " must be " + rule + "; got " + value);
  }

  /// Names of an enum's constants as they are typed.
  public static List<String> names(Class<?> type) {
    return java.util.Arrays.stream(type.getEnumConstants())
        .map(constant -> constant.toString().toLowerCase(java.util.Locale.ROOT))
        .toList();
  }
}
