package ibrik.tensor.io;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import java.util.Locale;
import java.util.function.IntFunction;

/// Writes a tensor as text: `f32[2,3]` and its numbers, the middle left out where an axis is long.
public final class TensorPrinter {
  /// Axes longer than twice this show only their ends.
  private static final int EDGE = 3;

  private TensorPrinter() {}

  /// The text of `tensor`.
  public static String print(Tensor tensor) {
    IntFunction<String> number = numbers(tensor);
    StringBuilder out = new StringBuilder(tensor.spec().toString()).append(' ');
    append(out, tensor.shape(), number, 0, 0);
    return out.toString();
  }

  private static void append(
      StringBuilder out, Shape shape, IntFunction<String> number, int axis, int start) {
    if (axis == shape.rank()) {
      out.append(number.apply(start));
      return;
    }
    int size = Math.toIntExact(shape.dim(axis));
    int step = Math.toIntExact(shape.elemsAfter(axis));
    out.append('[');
    for (int i = 0; i < size; i++) {
      if (i > 0) {
        out.append(axis == shape.rank() - 1 ? ", " : ",\n" + " ".repeat(axis + 1));
      }
      if (size > 2 * EDGE && i == EDGE) {
        out.append("...");
        i = size - EDGE - 1;
        continue;
      }
      append(out, shape, number, axis + 1, start + i * step);
    }
    out.append(']');
  }

  /// The text of each element; integers are exact.
  private static IntFunction<String> numbers(Tensor tensor) {
    if (tensor.dtype().isFloat()) {
      double[] values = tensor.toDoubles();
      return i -> number(values[i]);
    }
    long[] values = tensor.toLongs();
    return tensor.dtype().isInteger()
        ? i -> Long.toString(values[i])
        : i -> Boolean.toString(values[i] != 0);
  }

  private static String number(double value) {
    double magnitude = Math.abs(value);
    boolean plain =
        magnitude == 0 || !Double.isFinite(value) || (magnitude >= 1e-4 && magnitude < 1e6);
    return plain
        ? String.format(Locale.ROOT, "%.4f", value)
        : String.format(Locale.ROOT, "%.4e", value);
  }
}
