package ibrik.bench;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Op;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Checks a result before it is timed: a fast wrong kernel is worth nothing. Some elements spread
/// over the output are computed again from the definition, in f64.
final class Probe {
  private static final int SAMPLES = 64;

  private Probe() {}

  /// @param depth number of terms behind one output element
  /// @param meaning the output element at a row-major index, by the definition
  /// @throws IllegalStateException if an element is off
  static void check(Op op, List<Tensor> in, long depth, ToDoubleFunction<Long> meaning) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor out = Interpreter.current().apply(op, in).getFirst();
      double[] got = out.toDoubles();
      // Terms of unit variance: the sum grows like the square root of their number, and so does
      // the number of roundings that do not cancel.
      double allowed = 8 * Math.ulp(1f) * depth;
      long stride = Math.max(1, got.length / SAMPLES) | 1;
      for (long at = 0; at < got.length; at += stride) {
        double want = meaning.applyAsDouble(at);
        if (!(Math.abs(got[(int) at] - want) <= allowed)) {
          throw new IllegalStateException(
              "["
                  + op.tag()
                  + "] element "
                  + at
                  + " of "
                  + out.spec()
                  + " must be "
                  + want
                  + " within "
                  + allowed
                  + "; got "
                  + got[(int) at]
                  + "; the kernel is wrong, so its speed is not measured");
        }
      }
    }
  }
}
