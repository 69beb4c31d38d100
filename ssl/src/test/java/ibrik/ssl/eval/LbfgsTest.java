package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class LbfgsTest {
  private static final Lbfgs.Options TIGHT = new Lbfgs.Options(500, 1e-10, 10, 0);

  /// `sum 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2`, minimum 0 at ones.
  private static double rosenbrock(double[] x, double[] gradient) {
    Arrays.fill(gradient, 0);
    double value = 0;
    for (int i = 0; i + 1 < x.length; i++) {
      double valley = x[i + 1] - x[i] * x[i];
      double along = 1 - x[i];
      value += 100 * valley * valley + along * along;
      gradient[i] += -400 * x[i] * valley - 2 * along;
      gradient[i + 1] += 200 * valley;
    }
    return value;
  }

  @Test
  void curvedValley() {
    for (int n : new int[] {2, 5, 20}) {
      double[] start = new double[n];
      Arrays.setAll(start, i -> i % 2 == 0 ? -1.2 : 1);
      Lbfgs.Result result = Lbfgs.minimize(LbfgsTest::rosenbrock, start, TIGHT);
      assertTrue(result.converged(), () -> "" + result);
      double[] ones = new double[n];
      Arrays.fill(ones, 1);
      // Far from it there is a second minimum for n above 3; these starts do not lead there.
      assertArrayEquals(ones, result.x(), 1e-8, "n " + n);
      for (int i = 1; i < result.history().size(); i++) {
        assertTrue(result.history().get(i) <= result.history().get(i - 1));
      }
    }
  }

  /// A quadratic with condition 1e4 against its solution.
  @Test
  void illConditionedQuadratic() {
    int n = 30;
    double[] scale = new double[n];
    double[] solution = new double[n];
    PhiloxStream random = new PhiloxStream(4, 0);
    for (int i = 0; i < n; i++) {
      scale[i] = Math.pow(10, 4.0 * i / (n - 1));
      solution[i] = random.nextGaussian();
    }
    Lbfgs.Result result =
        Lbfgs.minimize(
            (x, g) -> {
              double value = 0;
              for (int i = 0; i < n; i++) {
                g[i] = scale[i] * (x[i] - solution[i]);
                value += g[i] * (x[i] - solution[i]) / 2;
              }
              return value;
            },
            new double[n],
            new Lbfgs.Options(1500, 1e-7, 10, 0));
    assertTrue(result.converged());
    assertArrayEquals(solution, result.x(), 1e-7);
  }

  /// The first trial may leave the domain; the search comes back.
  @Test
  void infinityIsSteppedBackFrom() {
    Lbfgs.Result result =
        Lbfgs.minimize(
            (x, g) -> {
              g[0] = 1 - 0.01 / x[0];
              return x[0] > 0 ? x[0] - 0.01 * Math.log(x[0]) : Double.POSITIVE_INFINITY;
            },
            new double[] {0.9},
            TIGHT);
    assertTrue(result.converged());
    assertEquals(0.01, result.x()[0], 1e-8);
  }

  @Test
  void everyAcceptedStepMeetsTheConditions() {
    double[] x = {-1.2, 1, 0.3};
    double[] g = new double[3];
    double value = rosenbrock(x, g);
    double[] down = Arrays.stream(g).map(d -> -d).toArray();
    double slope = Lbfgs.dot(g, down);
    for (double first : new double[] {1e-8, 1e-3, 1, 1e4}) {
      WolfeSearch.Point found =
          new WolfeSearch(LbfgsTest::rosenbrock, x, value, g, down, 0).find(first);
      assertTrue(found.value() <= value + 1e-4 * found.step() * slope, "decrease from " + first);
      assertTrue(Math.abs(found.slope()) <= 0.9 * Math.abs(slope), "flatness from " + first);
    }
  }

  /// The secant equation: the inverse Hessian takes the last change of the gradient to its step,
  /// and is symmetric.
  @Test
  void directionMeetsTheSecantEquation() {
    PhiloxStream random = new PhiloxStream(8, 0);
    Deque<Lbfgs.Pair> pairs = new ArrayDeque<>();
    double[] scale = {1, 3, 10, 0.2, 5};
    for (int k = 0; k < 3; k++) {
      double[] s = new double[5];
      double[] y = new double[5];
      for (int i = 0; i < 5; i++) {
        s[i] = random.nextGaussian();
        y[i] = scale[i] * s[i];
      }
      pairs.add(new Lbfgs.Pair(s, y, 1 / Lbfgs.dot(s, y)));
    }
    double[] step = Lbfgs.direction(pairs.getLast().y(), pairs);
    for (int i = 0; i < 5; i++) {
      assertEquals(-pairs.getLast().s()[i], step[i], 1e-12);
    }
    double[] a = {1, -2, 0.5, 3, 1};
    double[] b = {0.3, 1, -1, 2, -4};
    assertEquals(
        Lbfgs.dot(a, Lbfgs.direction(b, pairs)), Lbfgs.dot(b, Lbfgs.direction(a, pairs)), 1e-12);
  }

  @Test
  void stopsWhereItCannotGoOn() {
    // A kink: no smooth minimum, so the tolerance is never met.
    Lbfgs.Result result =
        Lbfgs.minimize(
            (x, g) -> {
              g[0] = Math.signum(x[0] - 0.3) + (x[0] == 0.3 ? 1 : 0);
              return Math.abs(x[0] - 0.3);
            },
            new double[] {5},
            new Lbfgs.Options(100, 1e-6, 5, 0));
    assertFalse(result.converged());
    assertEquals(0.3, result.x()[0], 0.5);
    Lbfgs.Result none =
        Lbfgs.minimize(
            LbfgsTest::rosenbrock, new double[] {0, 0}, new Lbfgs.Options(0, 1e-6, 5, 0));
    assertEquals(0, none.iterations());
    assertFalse(none.converged());
    assertThrows(
        IllegalArgumentException.class,
        () -> Lbfgs.minimize((_, _) -> Double.NaN, new double[1], TIGHT));
  }
}
