package ibrik.ssl.report;

import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Findings.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the numbers of a run say, in one sentence.
///
/// @param tone how good that is
/// @param sentence for the reader
record Verdict(Tone tone, String sentence) {
  /// How good the news is.
  enum Tone {
    GOOD,
    OPEN,
    BAD
  }

  /// Below this share of the deviation of evenly spread embeddings they count as collapsed, as in
  /// `RepresentationHealth`.
  private static final double COLLAPSED = 0.01;

  private static final double Z = 1.96;

  static Verdict of(RunContents run, Comparison comparison) {
    String name = run.method();
    Verdict broken = broken(run, name);
    if (broken != null) {
      return broken;
    }
    List<Row> method = comparison.of(Role.METHOD);
    if (!method.isEmpty()) {
      Verdict compared =
          compared(method.getFirst(), comparison, Row::knn, Row::knnMargin, comparison.knnName());
      if (compared == null) {
        compared =
            compared(method.getFirst(), comparison, Row::linear, Row::linearMargin, "linear probe");
      }
      if (compared != null) {
        return compared;
      }
    }
    return unfinished(run, name);
  }

  /// Loss of every number, or of every difference between images.
  private static @Nullable Verdict broken(RunContents run, String name) {
    Metrics metrics = run.metrics();
    double[] loss = metrics.column("loss");
    if (metrics.has("loss") && !Double.isFinite(loss[loss.length - 1])) {
      int first = loss.length;
      while (!Double.isFinite(loss[first - 1])) {
        first--;
      }
      return new Verdict(
          Tone.BAD,
          "%s diverged: its loss is no number from epoch %s on."
              .formatted(name, Numbers.count((long) metrics.epochs()[first])));
    }
    double std = metrics.latest("embedding_std");
    if (!Double.isFinite(std)) {
      std = run.result().path("embedding_std").asDouble(Double.NaN);
    }
    double even = isotropicStd(run);
    if (std < COLLAPSED * even) {
      return new Verdict(
          Tone.BAD,
          ("%s collapsed: the standard deviation of its embeddings is %s, below a hundredth of the"
                  + " %s of evenly spread ones.")
              .formatted(name, Numbers.brief(std), Numbers.brief(even)));
    }
    return null;
  }

  /// Standard deviation of embeddings that point everywhere alike, NaN if unknown.
  static double isotropicStd(RunContents run) {
    Double found = run.findings().isotropicStd();
    return found != null ? found : run.metrics().latest("embedding_std_isotropic");
  }

  private static @Nullable Verdict compared(
      Row method,
      Comparison comparison,
      Function<Row, @Nullable Double> accuracy,
      Function<Row, @Nullable Double> margin,
      String measure) {
    Double own = accuracy.apply(method);
    List<Row> floors =
        comparison.of(Role.FLOOR).stream().filter(row -> accuracy.apply(row) != null).toList();
    if (own == null || floors.isEmpty()) {
      return null;
    }
    List<String> beaten = new ArrayList<>();
    List<String> others = new ArrayList<>();
    boolean behind = false;
    for (Row floor : floors) {
      Double other = accuracy.apply(floor);
      if (other == null) {
        continue;
      }
      double ahead = own - other;
      Double paired = margin.apply(floor);
      double chance = paired != null ? paired : chance(own, other, comparison.testImages());
      if (ahead > chance) {
        beaten.add(floor.name() + " by " + Numbers.points(ahead));
      } else {
        behind |= ahead < -chance;
        others.add(
            "%s (%s %s%s)"
                .formatted(
                    floor.name(),
                    Numbers.points(ahead),
                    ahead >= 0 ? "above" : "below",
                    Math.abs(ahead) <= chance && chance > 0 ? ", within chance" : ""));
      }
    }
    String start = method.name() + "’s features ";
    String end = " (" + measure + ").";
    if (others.isEmpty()) {
      return new Verdict(Tone.GOOD, start + "beat " + String.join(" and ", beaten) + end);
    }
    if (beaten.isEmpty()) {
      return new Verdict(
          behind ? Tone.BAD : Tone.OPEN,
          start + "do not beat " + String.join(" or ", others) + end);
    }
    return new Verdict(
        Tone.OPEN,
        start
            + "beat "
            + String.join(" and ", beaten)
            + ", but not "
            + String.join(" or ", others)
            + end);
  }

  /// The difference that two accuracies on `n` images each may show by chance (95 %, taken as
  /// independent), 0 where n is unknown: where they are not known image by image.
  static double chance(double p, double q, long n) {
    return n == 0 ? 0 : Z * Math.sqrt((p * (1 - p) + q * (1 - q)) / n);
  }

  private static Verdict unfinished(RunContents run, String name) {
    Metrics metrics = run.metrics();
    if (metrics.isEmpty()) {
      return new Verdict(Tone.OPEN, "There are no numbers yet.");
    }
    StringBuilder text = new StringBuilder(name);
    text.append(" has done ").append(Numbers.count(metrics.lastEpoch()));
    if (run.epochsPlanned() > 0) {
      text.append(" of ").append(Numbers.count(run.epochsPlanned()));
    }
    int counted = run.epochsPlanned() > 0 ? run.epochsPlanned() : metrics.lastEpoch();
    text.append(counted == 1 ? " epoch" : " epochs");
    double knn = metrics.latest("knn");
    if (Double.isFinite(knn)) {
      text.append("; nearest neighbours classify ").append(Numbers.percent(knn)).append(" rightly");
    }
    return new Verdict(
        Tone.OPEN, text.append(", and there is nothing to compare with.").toString());
  }
}
