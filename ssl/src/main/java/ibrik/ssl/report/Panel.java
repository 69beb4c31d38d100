package ibrik.ssl.report;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.ssl.report.Findings.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Trials on the same images, measured in the same way, and what they are compared with.
///
/// @param trials at least one, best k-NN first
/// @param references floors and ceilings, best first
/// @param settings those that differ between trials, by path
record Panel(List<Trial> trials, List<Reference> references, List<String> settings) {
  /// Settings that a name may hold; the table of differences holds all.
  private static final int MOST_IN_NAME = 3;

  /// What was measured without the method, beside it.
  ///
  /// @param name such as `random weights`
  /// @param role floor or ceiling
  /// @param knn over the seeds it was measured with
  /// @param linear likewise
  record Reference(String name, Role role, Spread knn, Spread linear) {}

  /// A reference as `result.json` names it.
  private record Kind(String key, String name, Role role, boolean ofModel) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("supervised", "supervised", Role.CEILING, true),
          new Kind("random_init", "random weights", Role.FLOOR, true),
          new Kind("pixel", "raw pixels", Role.FLOOR, false),
          new Kind("pixel_majority", "raw pixels, 5 votes", Role.FLOOR, false));

  /// From finished runs on the same images.
  static Panel of(List<RunContents> runs) {
    Map<String, List<RunContents>> bySettings = new LinkedHashMap<>();
    for (RunContents run : runs) {
      bySettings
          .computeIfAbsent(Settings.withoutSeed(run.config()), _ -> new ArrayList<>())
          .add(run);
    }
    List<Trial> trials = new ArrayList<>();
    for (List<RunContents> same : bySettings.values()) {
      same.sort(Comparator.comparingLong(run -> run.config().path("seed").asLong()));
      trials.add(new Trial(Trial.title(same.getFirst()), same));
    }
    return new Panel(
        named(trials).stream()
            .sorted(Comparator.comparingDouble(trial -> -rank(trial.number("knn"))))
            .toList(),
        references(runs),
        Settings.differing(trials.stream().map(Trial::settings).toList()));
  }

  private static double rank(Spread accuracy) {
    return accuracy.n() == 0 ? -1 : accuracy.mean();
  }

  /// Trials of the same method are told apart by the settings in which they differ.
  private static List<Trial> named(List<Trial> trials) {
    Map<String, List<Trial>> byTitle =
        trials.stream()
            .collect(Collectors.groupingBy(Trial::name, LinkedHashMap::new, Collectors.toList()));
    List<Trial> named = new ArrayList<>();
    byTitle.forEach(
        (title, same) -> {
          List<String> paths = Settings.differing(same.stream().map(Trial::settings).toList());
          for (Trial trial : same) {
            named.add(new Trial(title + suffix(trial.settings(), paths), trial.runs()));
          }
        });
    return named;
  }

  private static String suffix(Map<String, String> settings, List<String> paths) {
    StringBuilder text = new StringBuilder();
    for (String path : paths.subList(0, Math.min(MOST_IN_NAME, paths.size()))) {
      String value = settings.getOrDefault(path, Numbers.NONE);
      text.append(", ");
      text.append(said(path, value));
    }
    return text.append(paths.size() > MOST_IN_NAME ? ", …" : "").toString();
  }

  /// `base lr 0.5`, `no predictor`; the name of a model says what it is.
  private static String said(String path, String value) {
    return switch (value) {
      case "true" -> key(path);
      case "false" -> "no " + key(path);
      default -> path.equals("model.name") ? value : key(path) + " " + value;
    };
  }

  /// `base lr` of `train.base_lr`.
  private static String key(String path) {
    return path.substring(path.lastIndexOf('.') + 1).replace('_', ' ');
  }

  /// Each measured once per encoder and seed, however many runs tell it.
  private static List<Reference> references(List<RunContents> runs) {
    List<Map<String, String>> models =
        runs.stream().map(run -> model(run.config())).distinct().toList();
    List<String> paths = Settings.differing(models);
    List<Reference> found = new ArrayList<>();
    for (Kind kind : KINDS) {
      Map<String, Map<String, JsonNode>> byName = new LinkedHashMap<>();
      for (RunContents run : runs) {
        if (run.result().path(kind.key + "_knn").isNumber()) {
          String name = kind.name + (kind.ofModel ? suffix(model(run.config()), paths) : "");
          String seed = kind.ofModel ? run.config().path("seed").asText() : "";
          byName.computeIfAbsent(name, _ -> new LinkedHashMap<>()).put(seed, run.result());
        }
      }
      byName.forEach(
          (name, results) ->
              found.add(
                  new Reference(
                      name,
                      kind.role,
                      spread(results, kind.key + "_knn"),
                      spread(results, kind.key + "_linear"))));
    }
    found.sort(Comparator.comparingDouble(reference -> -rank(reference.knn)));
    return List.copyOf(found);
  }

  private static Spread spread(Map<String, JsonNode> results, String key) {
    return Spread.of(
        results.values().stream().map(result -> result.path(key).asDouble(Double.NaN)).toList());
  }

  private static Map<String, String> model(JsonNode config) {
    Map<String, String> settings = new LinkedHashMap<>(Settings.of(config));
    settings.keySet().removeIf(path -> !path.startsWith("model."));
    return settings;
  }

  /// `cifar10`.
  String data() {
    return trials.getFirst().first().data();
  }

  /// Images that were trained on, 0 if unknown.
  long trainImages() {
    return images("train_images");
  }

  /// Images behind each accuracy, 0 if unknown.
  long testImages() {
    return images("test_images");
  }

  private long images(String key) {
    return trials.getFirst().config().path("provenance").path(key).asLong(0);
  }

  /// `25,000 training and 1,000 test images`; empty if unknown.
  String split() {
    return trainImages() == 0
        ? ""
        : Numbers.count(trainImages())
            + " training and "
            + Numbers.count(testImages())
            + " test images";
  }

  /// How the nearest neighbours voted.
  String knnName() {
    JsonNode k = trials.getFirst().config().path("eval").path("knn_neighbors");
    return k.isNumber() ? "k-NN, k = " + k.asInt() : "k-NN";
  }

  /// Whether all trials are of one method.
  boolean oneMethod() {
    Set<String> methods = new LinkedHashSet<>();
    trials.forEach(trial -> methods.add(trial.config().path("method").asText()));
    return methods.size() == 1;
  }

  /// Who is first, and whether that may be chance.
  ///
  /// **Source** Student 1908, Welch 1947 for the seeds; the binomial distribution for the images.
  /// Both margins are added as squares.
  String verdict() {
    Trial best = trials.getFirst();
    Spread first = best.number("knn");
    if (first.n() == 0) {
      return "There are no accuracies: the data has no labels.";
    }
    List<String> below =
        trials.stream()
            .filter(
                trial ->
                    references.stream()
                        .anyMatch(
                            r ->
                                r.role == Role.FLOOR && r.knn.mean() >= trial.number("knn").mean()))
            .map(Trial::name)
            .toList();
    String floors =
        below.isEmpty() ? "" : " Not above every floor: " + String.join("; ", below) + ".";
    if (trials.size() == 1 || trials.get(1).number("knn").n() == 0) {
      return best.name() + " reaches " + first.percent() + " (" + knnName() + ")." + floors;
    }
    Trial next = trials.get(1);
    Spread second = next.number("knn");
    double ahead = first.mean() - second.mean();
    double images = Verdict.chance(first.mean(), second.mean(), testImages());
    double margin = Math.hypot(images, Spread.margin(first, second));
    String chance =
        margin == 0
            ? ""
            : ahead > margin
                ? ", more than chance explains (" + Numbers.points(margin) + ")"
                : ", which may be chance (up to " + Numbers.points(margin) + ")";
    return best.name()
        + " is first with "
        + first.percent()
        + " ("
        + knnName()
        + "), "
        + Numbers.points(ahead)
        + " above "
        + next.name()
        + chance
        + "."
        + (Math.min(first.n(), second.n()) < 2 ? " One seed says nothing of other seeds." : "")
        + floors;
  }
}
