package ibrik.tensor.op;

import java.util.Locale;

/// Derives an op's tag from its record name: `Conv2dBackwardData` -> `conv2d_backward_data`.
final class Tags {
  private Tags() {}

  static String of(Op op) {
    return op.getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_")
        .toLowerCase(Locale.ROOT);
  }
}
