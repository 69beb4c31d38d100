package ibrik.nn.schedule;

import java.util.List;

/// A number as a function of the optimiser step, counted from 0. Lengths are in steps, never in epochs.
@FunctionalInterface
public interface Schedule {
  /// The value during step `step`.
  double at(long step);

  /// Always `value`.
  static Schedule constant(double value) {
    return _ -> value;
  }

  /// `end + (start - end) (1 + cos(pi step / total)) / 2`, `end` from `total` on.
  static Schedule cosine(double start, double end, long total) {
    return step -> {
      double progress = Math.min(1, (double) step / Math.max(1, total));
      return end + (start - end) * (1 + StrictMath.cos(Math.PI * progress)) / 2;
    };
  }

  /// From `start` to `end` along a straight line, `end` from `total` on.
  static Schedule linear(double start, double end, long total) {
    return step -> start + (end - start) * Math.min(1, (double) step / Math.max(1, total));
  }

  /// `start`, times `factor` from each milestone on.
  static Schedule steps(double start, double factor, List<Long> milestones) {
    List<Long> marks = List.copyOf(milestones);
    return step -> {
      long passed = marks.stream().filter(mark -> step >= mark).count();
      return start * StrictMath.pow(factor, passed);
    };
  }

  /// This schedule, delayed by a straight climb from `from` over `warmUp` steps to its first value.
  default Schedule warmUp(double from, long warmUp) {
    return step ->
        step < warmUp
            ? from + (at(0) - from) * step / warmUp
            : at(step - warmUp);
  }

  /// BYOL's target rate: `1 - (1 - base) (cos(pi k / total) + 1) / 2`, from `base` to 1 (Grill et al.
  /// 2020).
  static Schedule byolTau(double base, long total) {
    return cosine(base, 1, total);
  }
}
