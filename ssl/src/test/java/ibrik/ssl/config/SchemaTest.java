package ibrik.ssl.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Methods;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every component of every record is a setting with a flag of its own and a line of help.
class SchemaTest {
  @Test
  void everySettingIsDescribedAndHasAFlagOfItsOwn() {
    for (MethodFactory<?> method : Methods.all()) {
      Set<String> flags = new HashSet<>();
      for (Setting setting : Schema.of(method).settings()) {
        assertFalse(setting.description().isBlank(), method.name() + " " + setting.path());
        assertEquals(true, flags.add(setting.flag()), method.name() + " twice: " + setting.flag());
      }
    }
  }

  @Test
  void nothingIsLeftOut() {
    for (MethodFactory<?> method : Methods.all()) {
      Schema schema = Schema.of(method);
      List<String> stored = new java.util.ArrayList<>();
      Defaults.of(method, new MethodFactory.Images(32, 3))
          .toJson()
          .properties()
          .forEach(
              section -> {
                if (section.getKey().equals("method")) {
                  return;
                }
                var object =
                    section.getValue().isArray() ? section.getValue().get(0) : section.getValue();
                if (object.isObject()) {
                  object
                      .fieldNames()
                      .forEachRemaining(key -> stored.add(section.getKey() + "." + key));
                } else {
                  stored.add(section.getKey());
                }
              });
      assertEquals(
          Set.copyOf(stored),
          Set.copyOf(schema.settings().stream().map(Setting::path).toList()),
          method.name());
    }
  }
}
