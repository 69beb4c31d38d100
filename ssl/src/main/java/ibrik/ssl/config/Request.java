package ibrik.ssl.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.augment.View;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.MethodFactory.Images;
import ibrik.ssl.method.Preset;
import ibrik.tensor.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What somebody asked for, on top of the defaults: a configuration file, then flags. Names and
/// types are checked at once, ranges when it is resolved: defaults depend on the images.
public final class Request {
  private final MethodFactory<?> method;
  private final Schema schema;
  private final ObjectNode file;
  private final List<Assignment> flags = new ArrayList<>();
  private @Nullable Preset preset;

  /// A flag: one setting, and for views which one.
  private record Assignment(Setting setting, int view, JsonNode value) {}

  private static final String DEVICE = "device";

  /// View number of a flag that goes for all views.
  public static final int ALL_VIEWS = -1;

  private Request(MethodFactory<?> method, ObjectNode file) {
    this.method = method;
    this.schema = Schema.of(method);
    this.file = file;
  }

  /// Nothing but defaults.
  public static Request of(MethodFactory<?> method) {
    return new Request(method, Json.object());
  }

  /// What a JSON file says; a run's own `config.json` will do.
  ///
  /// @throws IllegalArgumentException if it cannot be read, is no JSON, or names unknown keys
  public static Request of(MethodFactory<?> method, Path path) {
    Request request = new Request(method, read(path));
    JsonNode name = request.file.path("method");
    if (!name.isMissingNode() && !name.asText().equals(method.name())) {
      throw new IllegalArgumentException(
          "[config] "
              + path
              + " is for method "
              + name
              + ", not "
              + method.name()
              + "; run that one, or take the line out");
    }
    request.schema.check(request.file, path.toString());
    return request;
  }

  /// Reads a JSON object.
  ///
  /// @throws IllegalArgumentException naming file, line and column of what is wrong
  public static ObjectNode read(Path path) {
    try {
      JsonNode tree = Json.MAPPER.readTree(Files.readString(path));
      if (tree instanceof ObjectNode object) {
        return object;
      }
      throw new IllegalArgumentException("[config] " + path + " must hold one object { ... }");
    } catch (JsonProcessingException wrong) {
      throw new IllegalArgumentException(
          "[config] "
              + path
              + " is no valid JSON: "
              + wrong.getOriginalMessage()
              + " (line "
              + wrong.getLocation().getLineNr()
              + ", column "
              + wrong.getLocation().getColumnNr()
              + ")",
          wrong);
    } catch (NoSuchFileException missing) {
      throw new IllegalArgumentException("[config] there is no file " + path, missing);
    } catch (IOException failed) {
      throw new IllegalArgumentException("[config] cannot read " + path + ": " + failed, failed);
    }
  }

  /// Sets one value.
  ///
  /// @param view from 0, or [#ALL_VIEWS]
  public Request set(Setting setting, int view, Object value) {
    Object plain = value instanceof Enum<?> constant ? constant.name() : value;
    flags.add(new Assignment(setting, view, Json.MAPPER.valueToTree(plain)));
    return this;
  }

  /// Sets one value, for all views if it is theirs.
  public Request set(String path, Object value) {
    Setting setting =
        schema.settings().stream()
            .filter(s -> s.path().equals(path))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("[config] unknown setting " + path));
    return set(setting, ALL_VIEWS, value);
  }

  /// Starts from the recipe called `name` instead of the one for the images; files and flags still
  /// win over it.
  ///
  /// @throws IllegalArgumentException if there is none, with the one probably meant
  public Request preset(String name) {
    preset =
        Arrays.stream(Preset.values())
            .filter(known -> known.typed().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "[config] unknown preset '"
                            + name
                            + "'"
                            + Nearest.to(name, Preset.names())
                                .map(near -> "; did you mean " + near + "?")
                                .orElse("")
                            + "; known: "
                            + String.join(", ", Preset.names())));
    return this;
  }

  /// The method asked for.
  public MethodFactory<?> method() {
    return method;
  }

  /// Which data is asked for: all that can be said before it is loaded.
  public DataConfig data() {
    ObjectNode tree = Json.object();
    tree.set("data", Json.MAPPER.valueToTree(Defaults.DATA_CONFIG));
    layOver(tree);
    return Trees.read(tree.get("data"), DataConfig.class);
  }

  /// The whole configuration, for data that was loaded as [#data()] says.
  ///
  /// @throws IllegalArgumentException if a value breaks a rule
  public RunConfig resolve(DataSet images) {
    Images kind = new Images(images.height(), images.channels());
    Preset recipe = preset == null ? Preset.of(kind) : preset;
    ObjectNode tree = Defaults.of(method, preset, kind, data()).toJson();
    tree.set(Schema.VIEWS, Json.MAPPER.valueToTree(views(method, tree, recipe)));
    layOver(tree);
    if (tree.get(DEVICE).asText().equals(Backends.AUTO)) {
      tree.put(DEVICE, Backends.device(Backends.AUTO).toString()); // a run stays where it began
    }
    return RunConfig.of(method, tree);
  }

  /// How many views there are may depend on the method's own settings, as asked for.
  private <C extends Record> List<View> views(
      MethodFactory<C> factory, ObjectNode defaults, Preset recipe) {
    ObjectNode own = Json.object();
    own.set(schema.own(), defaults.get(schema.own()));
    layOver(own);
    return factory.views(Trees.read(own.get(schema.own()), factory.configType()), recipe);
  }

  /// The configuration of a run that is to go on.
  ///
  /// @param older its `config.json`; keys that came later count as what was done before them
  /// @throws IllegalArgumentException listing every setting asked for that differs
  public RunConfig resume(ObjectNode older) {
    ObjectNode stored = LaterKeys.filled(older);
    if (preset != null) {
      throw new IllegalArgumentException(
          "[resume] a run goes on with the configuration it started with; leave --preset "
              + preset.typed()
              + " out, or start a new run with another --out");
    }
    ObjectNode asked = stored.deepCopy();
    asked.put("method", method.name());
    if (asked.equals(stored)) {
      layOver(asked); // the settings of another method are others
    }
    if (asked.get(DEVICE).asText().equals(Backends.AUTO)) {
      asked.set(DEVICE, stored.get(DEVICE)); // what was chosen at the start
    }
    List<String> differences = Trees.differences(stored, asked);
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "[resume] a run goes on with the configuration it started with; in this run "
              + String.join("; ", differences)
              + "; leave these out, or start a new run with another --out");
    }
    return RunConfig.of(method, stored);
  }

  private void layOver(ObjectNode tree) {
    ObjectNode known = file.deepCopy();
    known.remove(Schema.PROVENANCE);
    known.retain(tree.properties().stream().map(java.util.Map.Entry::getKey).toList());
    Trees.merge(tree, known);
    // What is said of one view wins over what is said of all, whichever was typed first.
    flags.stream().filter(flag -> flag.view == ALL_VIEWS).forEach(flag -> assign(tree, flag));
    flags.stream().filter(flag -> flag.view != ALL_VIEWS).forEach(flag -> assign(tree, flag));
  }

  private static void assign(ObjectNode tree, Assignment flag) {
    boolean all = flag.view == ALL_VIEWS;
    Setting setting = flag.setting;
    @Nullable JsonNode at = setting.section().isEmpty() ? tree : tree.get(setting.section());
    if (at instanceof ObjectNode object) {
      object.set(setting.key(), flag.value);
    } else if (at instanceof ArrayNode views) {
      if (!all && flag.view >= views.size()) {
        throw new IllegalArgumentException(
            "[config] --view"
                + (flag.view + 1)
                + "-"
                + setting.flag()
                + ": this method has "
                + views.size()
                + (views.size() == 1 ? " view" : " views"));
      }
      for (int i = 0; i < views.size(); i++) {
        if (all || i == flag.view) {
          ((ObjectNode) views.get(i)).set(setting.key(), flag.value);
        }
      }
    }
  }
}
