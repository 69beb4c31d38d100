package ibrik.tensor.io;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import java.util.Locale;

/// Writes a tensor as text: `f32[2,3]` and its numbers, the middle left out where an axis is long.
public final class TensorPrinter {
  /// Axes longer than twice this show only their ends.
  private static final int EDGE = 3;

  private TensorPrinter() {}

  /// The text of `tensor`.
  public static String print(Tensor tensor) {
    double[] values = tensor.toDoubles();
    StringBuilder out = new StringBuilder(tensor.spec().toString()).append(' ');
    if (tensor.rank() == 0) {
      return out.append(number(tensor, values[0])).toString();
    }
    append(out, tensor, values, 0, 0);
    return out.toString();
  }

  private static int append(
      StringBuilder out, Tensor tensor, double[] values, int axis, int start) {
    Shape shape = tensor.shape();
    if (axis == shape.rank()) {
      out.append(number(tensor, values[start]));
      return start + 1;
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
      append(out, tensor, values, axis + 1, start + i * step);
    }
    out.append(']');
    return start;
  }

  private static String number(Tensor tensor, double value) {
    if (!tensor.dtype().isFloat()) {
      return switch (tensor.dtype()) {
        case BOOL, B1 -> value != 0 ? "true" : "false";
        default -> Long.toString((long) value);
      };
    }
    double magnitude = Math.abs(value);
    boolean plain =
        magnitude == 0 || !Double.isFinite(value) || (magnitude >= 1e-4 && magnitude < 1e6);
    return plain
        ? String.format(Locale.ROOT, "%.4f", value)
        : String.format(Locale.ROOT, "%.4e", value);
  }
}
