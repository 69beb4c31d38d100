package ibrik.nn.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ibrik.nn.Parameter;
import ibrik.nn.Parameter.Role;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/// A weight of three numbers, a bias of two and a norm's scale of one, with made-up gradients, and
/// the numbers that formulas written out in doubles give for them.
final class Toy implements AutoCloseable {
  static final double[][] START = {{0.5, -1.25, 2}, {0.75, -0.25}, {1}};
  private static final Role[] ROLES = {Role.WEIGHT, Role.BIAS, Role.NORM_SCALE};

  final List<Parameter> parameters = new ArrayList<>();
  final Variable lr = Variable.scalar("lr", 0, Device.CPU);
  private final DType dtype;

  Toy(DType dtype) {
    this.dtype = dtype;
    try (TensorScope _ = TensorScope.open()) {
      for (int p = 0; p < START.length; p++) {
        Variable variable = Variable.of("p" + p, tensor(START[p]));
        parameters.add(new Parameter(variable, ROLES[p]));
      }
    }
  }

  private Tensor tensor(double[] values) {
    return Tensor.of(values, values.length).cast(dtype);
  }

  /// Another one for each step and place.
  static double gradient(int step, int p, int i) {
    return Math.sin(1 + 3 * step + 5 * p + 7 * i);
  }

  /// Gradients of `step`, in the innermost scope.
  List<Tensor> gradients(int step) {
    List<Tensor> gradients = new ArrayList<>();
    for (int p = 0; p < START.length; p++) {
      double[] g = new double[START[p].length];
      for (int i = 0; i < g.length; i++) {
        g[i] = gradient(step, p, i);
      }
      gradients.add(tensor(g));
    }
    return gradients;
  }

  /// Powers of two, which f32 holds exactly.
  double moveRate(int step) {
    double rate = Math.scalb(0.25, -step);
    lr.set(rate);
    return rate;
  }

  void check(double[][] want, String what) {
    for (int p = 0; p < want.length; p++) {
      double tolerance = dtype == DType.F64 ? 1e-13 : 2e-6;
      assertArrayEquals(want[p], parameters.get(p).value().toDoubles(), tolerance, what + " " + p);
    }
  }

  static double[][] start() {
    double[][] copy = new double[START.length][];
    for (int p = 0; p < copy.length; p++) {
      copy[p] = START[p].clone();
    }
    return copy;
  }

  static double[][] zeros() {
    double[][] zeros = new double[START.length][];
    for (int p = 0; p < zeros.length; p++) {
      zeros[p] = new double[START[p].length];
    }
    return zeros;
  }

  @Override
  public void close() {
    parameters.forEach(p -> p.variable().close());
    lr.close();
  }
}
