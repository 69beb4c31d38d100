package ibrik.ssl.cli;

import ibrik.ssl.config.DataConfig;
import ibrik.ssl.config.Nearest;
import ibrik.ssl.config.Request;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.config.Schema;
import ibrik.ssl.config.Setting;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.method.MethodFactory;
import ibrik.ssl.method.Methods;
import ibrik.ssl.train.RunSession;
import ibrik.ssl.train.Sweep.Cell;
import ibrik.tensor.Device;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The cells of a sweep, from what was typed.
///
/// @param methods names of methods, or `all`
/// @param data name of the data set
/// @param dir its folder as typed; null where none was
/// @param preset null where none was typed
/// @param device where to compute; null where nothing was typed
/// @param seeds 0 to this, exclusive
/// @param settings `key=value`, by the name of the flag; `METHOD.key=value` is for that method
///   alone
record SweepGrid(
    List<String> methods,
    String data,
    @Nullable String dir,
    @Nullable String preset,
    @Nullable Device device,
    int seeds,
    List<String> settings) {
  /// Every method that learns without labels.
  static final String ALL = "all";

  private static final List<String> NOT_IN_ALL = List.of("supervised", "random-init");
  private static final Pattern ASSIGNMENT = Pattern.compile("(?:([^.=]+)\\.)?([^.=]+)=(.*)");
  private static final Pattern ONE_VIEW = Pattern.compile("view([1-9]\\d?)-(.+)");

  /// Options of the command that are settings too.
  private static final Map<String, String> OWN_OPTIONS =
      Map.of("seed", "--seeds", "data", "--data", "data-dir", "--data-dir", "device", "--device");

  /// A setting to assign.
  ///
  /// @param typed as it was typed
  /// @param method the only one that it is for; null for all
  private record Assignment(String typed, @Nullable String method, String key, String value) {
    static Assignment of(String typed) {
      Matcher parts = ASSIGNMENT.matcher(typed);
      if (!parts.matches()) {
        throw new IllegalArgumentException(
            "[sweep] --set must look like key=value or METHOD.key=value; got "
                + typed
                + "; for example --set epochs=2");
      }
      String key = Objects.requireNonNull(parts.group(2)).replace('_', '-');
      String option = OWN_OPTIONS.get(key);
      if (option != null) {
        throw new IllegalArgumentException(
            "[sweep] " + key + " is an option of its own; got --set " + typed + "; use " + option);
      }
      String method = parts.group(1);
      return new Assignment(
          typed,
          method == null ? null : known(method).name(),
          key,
          Objects.requireNonNull(parts.group(3)));
    }

    /// As a flag of `ibrik pretrain`.
    List<String> flag(Setting setting) {
      if (setting.type() == boolean.class) {
        return List.of((value.equalsIgnoreCase("true") ? "--" : "--no-") + key);
      }
      return List.of("--" + key, value);
    }
  }

  /// All cells, method by method, each resolved against its images.
  ///
  /// @throws IllegalArgumentException at the first thing that is wrong with what was typed
  List<Cell> cells() {
    List<Assignment> assignments = settings.stream().map(Assignment::of).toList();
    Map<DataConfig, DataSet> loaded = new HashMap<>();
    List<MethodFactory<?>> factories = factories();
    for (Assignment assignment : assignments) {
      if (assignment.method != null
          && factories.stream().noneMatch(f -> f.name().equals(assignment.method))) {
        throw new IllegalArgumentException(
            "[sweep] --set names a method that is not in the sweep; got "
                + assignment.typed
                + "; add it to --methods, or leave it out");
      }
    }
    List<Cell> cells = new ArrayList<>();
    for (MethodFactory<?> method : factories) {
      for (int seed = 0; seed < seeds; seed++) {
        cells.add(cell(method, seed, assignments, loaded));
      }
    }
    return cells;
  }

  private Cell cell(
      MethodFactory<?> method,
      int seed,
      List<Assignment> assignments,
      Map<DataConfig, DataSet> loaded) {
    Request request = Request.of(method);
    List<String> command = new ArrayList<>(List.of("pretrain", method.name(), "--data", data));
    request.set("data.name", data);
    if (dir != null) {
      request.set("data.dir", dir);
      command.addAll(List.of("--data-dir", dir));
    }
    if (preset != null) {
      request.preset(preset);
      command.addAll(List.of("--preset", preset));
    }
    if (device != null) {
      request.set("device", device.toString());
      command.addAll(List.of("--device", device.toString()));
    }
    request.set("seed", (long) seed);
    command.addAll(List.of("--seed", Integer.toString(seed)));
    Schema schema = Schema.of(method);
    for (Assignment assignment : assignments) {
      if (assignment.method == null || assignment.method.equals(method.name())) {
        assign(request, schema, method, assignment, command);
      }
    }
    DataPaths.fill(request);
    String name = method.name() + "-seed" + seed;
    try {
      DataSet images = loaded.computeIfAbsent(request.data(), RunSession::images);
      RunConfig config = request.resolve(images);
      return new Cell(name, config, images, Main.typed(command));
    } catch (IllegalArgumentException refused) {
      throw new IllegalArgumentException(
          "[sweep] " + name + " cannot run: " + refused.getMessage(), refused);
    }
  }

  private static void assign(
      Request request,
      Schema schema,
      MethodFactory<?> method,
      Assignment assignment,
      List<String> command) {
    Matcher oneView = ONE_VIEW.matcher(assignment.key);
    boolean one = oneView.matches();
    String flag = one ? Objects.requireNonNull(oneView.group(2)) : assignment.key;
    Setting setting =
        schema.settings().stream()
            .filter(known -> known.flag().equals(flag) && (!one || known.perView()))
            .findFirst()
            .orElseThrow(() -> unknown(schema, method, assignment));
    int view =
        one ? Integer.parseInt(Objects.requireNonNull(oneView.group(1))) - 1 : Request.ALL_VIEWS;
    request.set(setting, view, value(setting, assignment));
    command.addAll(assignment.flag(setting));
  }

  private static IllegalArgumentException unknown(
      Schema schema, MethodFactory<?> method, Assignment assignment) {
    List<String> known = schema.settings().stream().map(Setting::flag).toList();
    return new IllegalArgumentException(
        "[sweep] "
            + method.name()
            + " has no setting '"
            + assignment.key
            + "'; got --set "
            + assignment.typed
            + Nearest.to(assignment.key, known)
                .map(near -> "; did you mean " + near + "?")
                .orElse("")
            + "; ibrik pretrain "
            + method.name()
            + " --help shows all; METHOD.key=value is for one method alone");
  }

  private static Object value(Setting setting, Assignment assignment) {
    Object value = parsed(setting.type(), assignment.value.strip());
    if (value == null) {
      throw new IllegalArgumentException(
          "[sweep] "
              + assignment.key
              + " must be "
              + rule(setting.type())
              + "; got --set "
              + assignment.typed
              + "; ibrik pretrain METHOD --help explains it");
    }
    return value;
  }

  /// Null where the text is no value of this type.
  private static @Nullable Object parsed(Class<?> type, String text) {
    try {
      if (type == int.class) {
        return Integer.valueOf(text);
      } else if (type == long.class) {
        return Long.valueOf(text);
      } else if (type == double.class) {
        return Double.valueOf(text);
      }
    } catch (NumberFormatException _) {
      return null;
    }
    if (type == boolean.class) {
      return text.matches("(?i)true|false") ? Boolean.valueOf(text) : null;
    }
    if (type.isEnum()) {
      String name = text.toLowerCase(Locale.ROOT);
      return Schema.names(type).contains(name) ? name.toUpperCase(Locale.ROOT) : null;
    }
    return text;
  }

  private static String rule(Class<?> type) {
    if (type.isEnum()) {
      return "one of " + String.join(", ", Schema.names(type));
    }
    return type == boolean.class
        ? "true or false"
        : type == double.class
            ? "a number"
            : "a whole number below 2^" + (type == int.class ? 31 : 63);
  }

  private List<MethodFactory<?>> factories() {
    Set<String> names = new LinkedHashSet<>();
    for (String method : methods) {
      if (method.strip().equals(ALL)) {
        Methods.names().stream().filter(name -> !NOT_IN_ALL.contains(name)).forEach(names::add);
      } else {
        names.add(method.strip());
      }
    }
    return names.stream().<MethodFactory<?>>map(SweepGrid::known).collect(Collectors.toList());
  }

  private static MethodFactory<?> known(String name) {
    return Methods.find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "[sweep] unknown method '"
                        + name
                        + "'"
                        + Nearest.to(name, Methods.names())
                            .map(near -> "; did you mean " + near + "?")
                            .orElse("")
                        + "; known: "
                        + ALL
                        + ", "
                        + String.join(", ", Methods.names())));
  }
}
