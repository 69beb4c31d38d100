package ibrik.nn.schedule;

import java.util.List;

/// A number as a function of the optimiser step, counted from 0. Lengths are in steps, never in
/// epochs. Pure: the same step always gives the same value.
@FunctionalInterface
public interface Schedule {
  /// The value during step `step`, which is at least 0.
  double at(long step);

  /// Always `value`.
  static Schedule constant(double value) {
    finite("value", value);
    return _ -> value;
  }

  /// `end + (start - end) (1 + cos(pi step / total)) / 2`, `end` from `total` on (Loshchilov and
  /// Hutter 2017, arXiv:1608.03983, eq. 5, without restarts).
  ///
  /// @param total length in steps
  static Schedule cosine(double start, double end, long total) {
    finite("start", start);
    finite("end", end);
    length("total", total);
    return step ->
        step >= total
            ? end
            : end + (start - end) * (1 + StrictMath.cos(Math.PI * step / total)) / 2;
  }

  /// From `start` to `end` along a straight line, `end` from `total` on.
  ///
  /// @param total length in steps
  static Schedule linear(double start, double end, long total) {
    finite("start", start);
    finite("end", end);
    length("total", total);
    return step -> step >= total ? end : start + (end - start) * step / total;
  }

  /// `start`, times `factor` from each milestone on.
  ///
  /// @param milestones steps, in any order
  static Schedule steps(double start, double factor, List<Long> milestones) {
    finite("start", start);
    finite("factor", factor);
    List<Long> marks = List.copyOf(milestones);
    return step -> {
      long passed = marks.stream().filter(mark -> step >= mark).count();
      return start * StrictMath.pow(factor, passed);
    };
  }

  /// Linear from 0 to `peak` over `warmUp` steps, then cosine to 0 at step `total`: the learning
  /// rate of BYOL, SimCLR and most others.
  ///
  /// @param warmUp steps of the climb, at most `total`
  /// @param total steps of the whole run
  static Schedule warmUpCosine(double peak, long warmUp, long total) {
    return warmUpCosine(peak, 0, warmUp, total);
  }

  /// [#warmUpCosine(double, long, long)] that ends at `end`, not at 0.
  static Schedule warmUpCosine(double peak, double end, long warmUp, long total) {
    if (warmUp > total) {
      throw new IllegalArgumentException(
          "[schedule] warm-up must fit in the run; got " + warmUp + " of " + total + " steps");
    }
    return linear(0, peak, warmUp).then(warmUp, cosine(peak, end, total - warmUp));
  }

  /// BYOL's target rate: `1 - (1 - base) (cos(pi k / total) + 1) / 2`, from `base` to 1 (Grill et
  /// al. 2020).
  ///
  /// @param total steps of the whole run
  static Schedule byolTau(double base, long total) {
    return cosine(base, 1, total);
  }

  /// This schedule, delayed by a straight climb from `from` to its first value.
  ///
  /// @param warmUp length of the climb in steps
  default Schedule warmUp(double from, long warmUp) {
    double first = at(0);
    return linear(from, first, warmUp).then(warmUp, this);
  }

  /// This schedule for `length` steps, then `next` from its own step 0.
  default Schedule then(long length, Schedule next) {
    length("length", length);
    return step -> step < length ? at(step) : next.at(step - length);
  }

  /// This schedule times `factor`: the rate of a group of parameters.
  default Schedule times(double factor) {
    finite("factor", factor);
    return step -> factor * at(step);
  }

  private static void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("[schedule] " + name + " must be finite; got " + value);
    }
  }

  private static void length(String name, long steps) {
    if (steps < 0) {
      throw new IllegalArgumentException(
          "[schedule] " + name + " must be at least 0 steps; got " + steps);
    }
  }
}
