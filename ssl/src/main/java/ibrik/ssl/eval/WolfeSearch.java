package ibrik.ssl.eval;

import org.jspecify.annotations.Nullable;

/// Finds a step along a direction that lowers the objective enough and flattens its slope enough:
/// `f(a) <= f(0) + c1 a f'(0)` and `|f'(a)| <= c2 |f'(0)|`.
///
/// Close to the optimum, differences of values drown in rounding; there the first condition is
/// replaced by one on slopes, `f'(a) <= (2 c1 - 1) f'(0)`, as long as the value does not rise
/// beyond its noise.
///
/// **Source** Nocedal and Wright, "Numerical Optimization", 2nd edition, algorithms 3.5 and 3.6;
/// approximate condition: Hager and Zhang 2005, SIAM J. Optim. 16(1), eq. 1.5.
final class WolfeSearch {
  private static final double C1 = 1e-4;
  private static final double C2 = 0.9;
  private static final int MOST_TRIALS = 25;

  /// A trial.
  ///
  /// @param slope derivative along the direction
  record Point(double step, double value, double slope, double[] x, double[] gradient) {}

  private final Lbfgs.Objective objective;
  private final double[] direction;
  private final Point start;
  private final double slack;
  private int trials;

  WolfeSearch(
      Lbfgs.Objective objective,
      double[] x,
      double value,
      double[] gradient,
      double[] direction,
      double noise) {
    this.objective = objective;
    this.direction = direction;
    this.start = new Point(0, value, Lbfgs.dot(gradient, direction), x, gradient);
    this.slack = (noise + 4 * Math.ulp(1.0)) * Math.abs(value);
  }

  /// A point that meets both conditions, the first trial at `step`; else the lowest found if it is
  /// lower than the start; else null.
  @Nullable Point find(double step) {
    if (!(start.slope < 0)) {
      return null;
    }
    Point before = start;
    double at = step;
    while (trials < MOST_TRIALS) {
      Point here = at(at);
      if (accepted(here)) {
        return here;
      }
      if (!lowersEnough(here) || !(here.value <= before.value + slack)) {
        return zoom(before, here);
      }
      if (here.slope >= 0) {
        return zoom(here, before);
      }
      before = here;
      at *= 2;
    }
    return lower(before);
  }

  /// Narrows down the interval between `low`, the best point so far, and `high`.
  private @Nullable Point zoom(Point low, Point high) {
    while (trials < MOST_TRIALS && high.step != low.step) {
      Point here = at(between(low, high));
      if (accepted(here)) {
        return here;
      }
      if (!lowersEnough(here) || !(here.value < low.value)) {
        high = here;
      } else {
        if (here.slope * (high.step - low.step) >= 0) {
          high = low;
        }
        low = here;
      }
    }
    return lower(low);
  }

  private @Nullable Point lower(Point point) {
    return point.value < start.value ? point : null;
  }

  private Point at(double step) {
    trials++;
    double[] x = start.x.clone();
    Lbfgs.addTo(x, direction, step);
    double[] gradient = new double[x.length];
    double value = objective.at(x, gradient);
    return new Point(step, value, Lbfgs.dot(gradient, direction), x, gradient);
  }

  private boolean lowersEnough(Point point) {
    return point.value <= start.value + C1 * point.step * start.slope;
  }

  private boolean accepted(Point point) {
    boolean flat = Math.abs(point.slope) <= -C2 * start.slope;
    boolean nearlyLower =
        point.value <= start.value + slack && point.slope <= (2 * C1 - 1) * start.slope;
    return flat && (lowersEnough(point) || nearlyLower);
  }

  /// The minimum of the cubic through both values and slopes, kept off the ends; the middle where
  /// there is none.
  private static double between(Point a, Point b) {
    double width = b.step - a.step;
    double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step);
    double square = d1 * d1 - a.slope * b.slope;
    double share = 0.5;
    if (square >= 0) {
      double d2 = Math.copySign(Math.sqrt(square), width);
      double cubic = b.step - width * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
      share = (cubic - a.step) / width;
    }
    return a.step + width * (share >= 0.1 && share <= 0.9 ? share : share < 0.1 ? 0.1 : 0.5);
  }
}
