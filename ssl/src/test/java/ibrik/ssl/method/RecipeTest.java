package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.json.JsonMapper;
import ibrik.ssl.augment.View;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeTest {
  /// As the command line reads and writes them.
  private static ObjectMapper json() {
    return JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
  }

  static Stream<Class<?>> configTypes() {
    return Stream.concat(
        Stream.of(Recipe.class, View.class), Methods.all().stream().map(MethodFactory::configType));
  }

  @ParameterizedTest
  @MethodSource("configTypes")
  void everyComponentIsDescribed(Class<?> type) {
    ObjectMapper json = json();
    JavaType java = json.constructType(type);
    List<BeanPropertyDefinition> properties =
        json.getSerializationConfig().introspect(java).findProperties();
    assertEquals(type.getRecordComponents().length, properties.size());
    for (BeanPropertyDefinition property : properties) {
      String description = property.getMetadata().getDescription();
      assertFalse(
          description == null || description.isBlank(), () -> type + " " + property.getName());
      assertTrue(property.getName().matches("[a-z_]+"), property::getName);
    }
  }

  static Stream<Record> records() {
    return Stream.of(Preset.values())
        .flatMap(
            preset ->
                Methods.all().stream()
                    .flatMap(
                        m ->
                            Stream.concat(
                                Stream.of(m.defaults(preset), m.recipe(preset)),
                                m.views(preset).stream())));
  }

  @ParameterizedTest
  @MethodSource("records")
  void defaultsSurviveJson(Record config) throws JsonProcessingException {
    ObjectMapper json = json();
    assertEquals(config, json.readValue(json.writeValueAsString(config), config.getClass()));
  }

  private static void refuses(String rule, String got, Supplier<?> maker) {
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, maker::get);
    assertEquals("[config] " + rule + "; got " + got, thrown.getMessage());
  }

  @Test
  void rangesAreChecked() {
    refuses("base_lr must be a number above 0", "0.0", () -> Recipe.sgd(0, 0, 1, 1, 0));
    refuses("base_lr must be a number above 0", "NaN", () -> Recipe.sgd(Double.NaN, 0, 1, 1, 0));
    refuses(
        "weight_decay must be a number of at least 0", "-1.0", () -> Recipe.lars(1, -1, 1, 1, 0));
    refuses("batch_size must be at least 1", "0", () -> Recipe.sgd(1, 0, 0, 1, 0));
    refuses("epochs must be at least 0", "-1", () -> Recipe.sgd(1, 0, 1, -1, 0));
    refuses("warm_up_epochs must be at least 0", "-1", () -> Recipe.sgd(1, 0, 1, 1, -1));
    refuses("optimizer must be one of sgd, lars, adamw", "adam", () -> other("adam", 0.0));
    refuses("momentum must be in [0, 1)", "1.0", () -> other("sgd", 1.0));
    refuses("momentum must be in [0, 1)", "NaN", () -> other("sgd", Double.NaN));
    refuses(
        "lars_eta must be a number above 0",
        "0.0",
        () -> new Recipe("lars", 1, 0, 0.9, false, 0, 1, false, 0, false, 0, 1, 0, 0));
    assertEquals("adamw", other("adamw", 0.0).optimizer());
    Recipe plain = Recipe.sgd(1, 0, 1, 1, 0);
    refuses("lr_end must be in [0, 1]", "1.5", () -> plain.endingAt(1.5));
    refuses("lr_end must be in [0, 1]", "NaN", () -> plain.endingAt(Double.NaN));
    refuses("decay_end must be 1 but with adamw", "10.0", () -> decaying("sgd", 10));
    refuses("decay_end must be a number of at least 0", "-1.0", () -> decaying("adamw", -1));
    assertEquals(10, decaying("adamw", 10).decayEnd());
  }

  private static Recipe other(String optimizer, double momentum) {
    return new Recipe(optimizer, 1, 0, momentum, false, 0, 1, false, 1e-3, false, 0, 1, 0, 0);
  }

  private static Recipe decaying(String optimizer, double end) {
    return new Recipe(optimizer, 1, 0, 0, false, 0.04, end, false, 1e-3, false, 0, 1, 0, 0);
  }

  @Test
  void presetsFillInTheRest() {
    Recipe sgd = Recipe.sgd(0.5, 1e-4, 64, 7, 2);
    assertEquals(
        new Recipe("sgd", 0.5, 0, 0.9, false, 1e-4, 1, false, 1e-3, false, 0, 64, 7, 2), sgd);
    assertEquals(
        new Recipe("sgd", 0.5, 0, 0.9, false, 1e-4, 1, true, 1e-3, false, 0, 64, 7, 2),
        sgd.decayingEverything());
    assertEquals(
        new Recipe("sgd", 0.5, 1e-3, 0.9, false, 1e-4, 1, false, 1e-3, false, 0, 64, 7, 2),
        sgd.endingAt(1e-3));
    assertEquals("lars", Recipe.lars(0.5, 1e-4, 64, 7, 2).optimizer());
  }
}
