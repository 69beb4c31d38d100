package ibrik.ssl.eval;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Minimises a smooth function by limited-memory BFGS with a strong Wolfe line search, in double.
///
/// **Source** Nocedal and Wright, "Numerical Optimization", 2nd edition, algorithms 7.4 and 7.5.
public final class Lbfgs {
  private Lbfgs() {}

  /// A function with its gradient.
  @FunctionalInterface
  public interface Objective {
    /// The value at `x`; writes the gradient there to `gradient`.
    double at(double[] x, double[] gradient);
  }

  /// When to stop and what to remember.
  ///
  /// @param maxIterations at least 0
  /// @param tolerance largest absolute entry of the gradient at which it stops, above 0
  /// @param memory pairs kept for the inverse Hessian, at least 1; 10 is usual
  /// @param noise relative error of the objective's values: 0 for double, 1e-6 for f32 products
  public record Options(int maxIterations, double tolerance, int memory, double noise) {
    /// Checks ranges.
    public Options {
      if (maxIterations < 0 || !(tolerance > 0) || memory < 1 || !(noise >= 0)) {
        throw new IllegalArgumentException(
            "[lbfgs] needs iterations >= 0, tolerance > 0, memory >= 1, noise >= 0; got "
                + maxIterations
                + ", "
                + tolerance
                + ", "
                + memory
                + ", "
                + noise);
      }
    }
  }

  /// Where it stopped.
  ///
  /// @param x the point
  /// @param value of the objective there
  /// @param gradientMax largest absolute entry of the gradient there
  /// @param converged whether that is within the tolerance
  /// @param history values at the start and after each iteration
  public record Result(
      double[] x, double value, double gradientMax, boolean converged, List<Double> history) {
    /// Copies the history.
    public Result {
      history = List.copyOf(history);
    }

    /// Number of iterations.
    public int iterations() {
      return history.size() - 1;
    }
  }

  /// A step `s` and the change `y` of the gradient along it.
  record Pair(double[] s, double[] y, double rho) {}

  /// Goes downhill from `start`.
  ///
  /// @throws IllegalArgumentException if the objective is not finite at the start
  public static Result minimize(Objective objective, double[] start, Options options) {
    double[] x = start.clone();
    double[] gradient = new double[x.length];
    double value = objective.at(x, gradient);
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "[lbfgs] the objective must be finite at the start; got " + value);
    }
    List<Double> history = new ArrayList<>(List.of(value));
    Deque<Pair> pairs = new ArrayDeque<>();
    while (history.size() <= options.maxIterations && max(gradient) > options.tolerance) {
      double[] direction = direction(gradient, pairs);
      WolfeSearch search = new WolfeSearch(objective, x, value, gradient, direction, options.noise);
      // Without curvature pairs the length of the gradient says nothing about that of the step.
      WolfeSearch.Point next = search.find(pairs.isEmpty() ? Math.min(1, 1 / norm(gradient)) : 1);
      if (next == null) {
        if (pairs.isEmpty()) {
          break; // not even along the gradient: at the limit of precision
        }
        pairs.clear();
        continue;
      }
      remember(pairs, options.memory, x, gradient, next);
      x = next.x();
      gradient = next.gradient();
      value = next.value();
      history.add(value);
    }
    double left = max(gradient);
    return new Result(x, value, left, left <= options.tolerance, history);
  }

  private static void remember(
      Deque<Pair> pairs, int memory, double[] x, double[] gradient, WolfeSearch.Point next) {
    double[] s = minus(next.x(), x);
    double[] y = minus(next.gradient(), gradient);
    double sy = dot(s, y);
    if (sy > 1e-14 * norm(s) * norm(y)) { // else rounding, not curvature
      if (pairs.size() == memory) {
        pairs.removeFirst();
      }
      pairs.addLast(new Pair(s, y, 1 / sy));
    }
  }

  /// `-H g` by the two-loop recursion.
  static double[] direction(double[] gradient, Deque<Pair> pairs) {
    double[] q = gradient.clone();
    double[] alpha = new double[pairs.size()];
    int i = pairs.size();
    for (Pair pair : pairs.reversed()) {
      alpha[--i] = pair.rho * dot(pair.s, q);
      addTo(q, pair.y, -alpha[i]);
    }
    if (!pairs.isEmpty()) {
      Pair last = pairs.getLast();
      scale(q, 1 / (last.rho * dot(last.y, last.y)));
    }
    for (Pair pair : pairs) {
      double beta = pair.rho * dot(pair.y, q);
      addTo(q, pair.s, alpha[i++] - beta);
    }
    scale(q, -1);
    return q;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double norm(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  private static double max(double[] a) {
    double max = 0;
    for (double x : a) {
      max = Math.max(max, Math.abs(x));
    }
    return max;
  }

  private static double[] minus(double[] a, double[] b) {
    double[] difference = a.clone();
    addTo(difference, b, -1);
    return difference;
  }

  static void addTo(double[] a, double[] b, double factor) {
    for (int i = 0; i < a.length; i++) {
      a[i] += factor * b[i];
    }
  }

  private static void scale(double[] a, double factor) {
    for (int i = 0; i < a.length; i++) {
      a[i] *= factor;
    }
  }
}
