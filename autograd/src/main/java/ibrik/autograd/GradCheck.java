package ibrik.autograd;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Compares gradients with central differences, in f64, for a random cotangent: the analytic
/// gradient of `<v, f(x)>` against `(<v, f(x + h e)> - <v, f(x - h e)>) / 2h` for every element. A
/// cotangent of ones would hide errors, so there is no way to ask for one. Give points away from
/// kinks: at a kink there is no derivative to compare with.
public final class GradCheck {
  /// Relative step of the differences.
  private static final double STEP = 1e-6;

  /// Allowed difference, relative to the largest of 1, |value| and |gradient|: the differences
  /// themselves are good to about 1e-9.
  private static final double TOLERANCE = 1e-6;

  private final Function<List<Tensor>, Tensor> function;
  private final Device device;

  private GradCheck(Function<List<Tensor>, Tensor> function, Device device) {
    this.function = function;
    this.device = device;
  }

  /// A check of `function` on the scalar reference.
  public static GradCheck of(Function<List<Tensor>, Tensor> function) {
    return new GradCheck(function, Device.REFERENCE);
  }

  /// The same check on `other`.
  public GradCheck on(Device other) {
    return new GradCheck(function, other);
  }

  /// One input's verdict.
  ///
  /// @param input number of the input
  /// @param spec its type and shape
  /// @param worst element that differs most, -1 for an empty input
  /// @param analytic the tape's gradient there
  /// @param numeric the difference quotient there
  /// @param allowed largest difference that passes
  /// @param passes whether every element passed
  public record Row(
      int input,
      String spec,
      long worst,
      double analytic,
      double numeric,
      double allowed,
      boolean passes) {}

  /// All verdicts of one check.
  ///
  /// @param title what was checked
  /// @param rows one per differentiable input
  public record Report(String title, List<Row> rows) {
    /// Copies the rows.
    public Report {
      rows = List.copyOf(rows);
    }

    /// Whether every input passed.
    public boolean passes() {
      return rows.stream().allMatch(Row::passes);
    }

    /// Throws an [AssertionError] with the table unless everything passed.
    public void orThrow() {
      if (!passes()) {
        throw new AssertionError(this.toString());
      }
    }

    @Override
    public String toString() {
      StringBuilder table = new StringBuilder(title).append('\n');
      table.append(
          String.format(
              "%-6s %-20s %8s %16s %16s %11s %11s  %s%n",
              "input", "spec", "worst", "analytic", "numeric", "difference", "allowed", "verdict"));
      for (Row row : rows) {
        table.append(
            String.format(
                "%-6d %-20s %8d %16.9g %16.9g %11.3g %11.3g  %s%n",
                row.input,
                row.spec,
                row.worst,
                row.analytic,
                row.numeric,
                Math.abs(row.analytic - row.numeric),
                row.allowed,
                row.passes ? "ok" : "WRONG"));
      }
      return table.toString();
    }
  }

  /// First derivatives at `inputs`; float inputs must be f64, the others are held fixed.
  public Report firstOrder(List<Tensor> inputs, long seed) {
    return check("first order, seed " + seed, function, inputs, seed);
  }

  /// Second derivatives at `inputs`: first derivatives of `<u, gradient of <v, f>>`, for random u
  /// and v.
  public Report secondOrder(List<Tensor> inputs, long seed) {
    Function<List<Tensor>, Tensor> gradient =
        xs -> {
          List<Tensor> wrt = xs.stream().filter(x -> x.dtype().isFloat()).toList();
          try (Tape.Run run = Tape.record(() -> function.apply(xs))) {
            List<Tensor> gradients = run.pullback(noise(run.value(), seed, 1000), wrt);
            Tensor total = null;
            for (int i = 0; i < gradients.size(); i++) {
              Tensor g = gradients.get(i);
              Tensor term = g.mul(noise(g, seed, 2000 + i)).sum();
              total = total == null ? term : total.add(term);
            }
            if (total == null) {
              throw new IllegalArgumentException("[grad_check] needs a floating-point input");
            }
            return run.keep(total);
          }
        };
    return check("second order, seed " + seed, gradient, inputs, seed + 1);
  }

  private Report check(
      String title, Function<List<Tensor>, Tensor> f, List<Tensor> inputs, long seed) {
    for (Tensor input : inputs) {
      if (input.dtype().isFloat() && input.dtype() != DType.F64) {
        throw new IllegalArgumentException(
            "[grad_check] inputs must be f64, difference quotients need the digits; got "
                + input.spec());
      }
    }
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> at = inputs.stream().map(x -> x.to(device)).toList();
      List<Tensor> wrt = at.stream().filter(x -> x.dtype().isFloat()).toList();
      List<double[]> analytic = new ArrayList<>();
      double value;
      try (Tape.Run run = Tape.record(() -> f.apply(at))) {
        Tensor cotangent = noise(run.value(), seed, 0);
        value = run.value().mul(cotangent).sum().item();
        run.pullback(cotangent, wrt).forEach(g -> analytic.add(g.toDoubles()));
      }
      List<Row> rows = new ArrayList<>();
      for (int i = 0, next = 0; i < at.size(); i++) {
        if (at.get(i).dtype().isFloat()) {
          rows.add(row(f, at, i, analytic.get(next++), value, seed));
        }
      }
      return new Report(title, rows);
    }
  }

  private Row row(
      Function<List<Tensor>, Tensor> f,
      List<Tensor> at,
      int input,
      double[] analytic,
      double value,
      long seed) {
    Tensor x = at.get(input);
    double[] point = x.toDoubles();
    double[] numeric = new double[point.length];
    for (int k = 0; k < point.length; k++) {
      double h = STEP * Math.max(1, Math.abs(point[k]));
      numeric[k] =
          (shifted(f, at, input, point, k, h, seed) - shifted(f, at, input, point, k, -h, seed))
              / (2 * h);
    }
    double scale = Math.max(1, Math.abs(value));
    for (double g : numeric) {
      scale = Math.max(scale, Math.abs(g));
    }
    double allowed = TOLERANCE * scale;
    int worst = -1;
    boolean passes = true;
    for (int k = 0; k < point.length; k++) {
      double difference = Math.abs(analytic[k] - numeric[k]);
      // Written so that NaN fails.
      if (!(difference <= allowed)) {
        passes = false;
      }
      if (worst < 0
          || Double.isNaN(difference)
          || difference > Math.abs(analytic[worst] - numeric[worst])) {
        worst = k;
      }
    }
    return new Row(
        input,
        x.spec().toString(),
        worst,
        worst < 0 ? 0 : analytic[worst],
        worst < 0 ? 0 : numeric[worst],
        allowed,
        passes);
  }

  private double shifted(
      Function<List<Tensor>, Tensor> f,
      List<Tensor> at,
      int input,
      double[] point,
      int k,
      double h,
      long seed) {
    try (TensorScope _ = TensorScope.open()) {
      double[] moved = point.clone();
      moved[k] += h;
      Tensor x = at.get(input);
      Tensor there = Tensor.of(moved, moved.length).reshape(x.shape()).to(device);
      List<Tensor> inputs =
          IntStream.range(0, at.size()).mapToObj(i -> i == input ? there : at.get(i)).toList();
      Tensor y = f.apply(inputs);
      return y.mul(noise(y, seed, 0)).sum().item();
    }
  }

  /// Numbers in (0.5, 1.5) with random sign, of the type and shape of `like`.
  private static Tensor noise(Tensor like, long seed, long stream) {
    PhiloxStream random = new PhiloxStream(seed, stream);
    double[] values = new double[Math.toIntExact(like.elems())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (0.5 + random.nextDouble()) * (random.nextBoolean(0.5) ? 1 : -1);
    }
    return Tensor.of(values, values.length).reshape(like.shape()).to(like.device());
  }
}
