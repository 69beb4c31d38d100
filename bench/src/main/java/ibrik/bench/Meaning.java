package ibrik.bench;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Op;
import java.util.List;

/// Checks a result before it is timed against the scalar reference: every element of every output.
/// [Probe] is for ops whose reference would take too long.
final class Meaning {
  private static final Device REFERENCE = Device.parse("reference");

  private Meaning() {}

  /// @param depth number of terms behind one output element
  /// @throws IllegalStateException if an element is off
  static void check(Op op, List<Tensor> in, long depth) {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> got = Interpreter.current().apply(op, in);
      List<Tensor> moved = in.stream().map(tensor -> tensor.to(REFERENCE)).toList();
      List<Tensor> want = Interpreter.current().apply(op, moved);
      for (int i = 0; i < got.size(); i++) {
        compare(op, i, floats(got.get(i)), floats(want.get(i)), depth);
      }
    }
  }

  private static float[] floats(Tensor out) {
    return out.spec().dtype() == DType.F32 ? out.toFloats() : out.cast(DType.F32).toFloats();
  }

  /// As in the tests of kernels: the allowance follows the largest number, the roundings that do
  /// not cancel, and how many they are.
  static void compare(Op op, int output, float[] got, float[] want, long depth) {
    double largest = 0;
    for (float number : want) {
      largest = Math.max(largest, Float.isFinite(number) ? Math.abs(number) : 0);
    }
    double allowed = 8 * Math.ulp(1f) * Math.sqrt(Math.max(1, depth)) * largest;
    for (int i = 0; i < want.length; i++) {
      boolean same = got[i] == want[i] || Math.abs(got[i] - want[i]) <= allowed;
      if (!same && !(Float.isNaN(got[i]) && Float.isNaN(want[i]))) {
        throw new IllegalStateException(
            "["
                + op.tag()
                + "] element "
                + i
                + " of output "
                + output
                + " must be "
                + want[i]
                + " within "
                + allowed
                + "; got "
                + got[i]
                + "; the kernel is wrong, so its speed is not measured");
      }
    }
  }
}
