package ibrik.tensor.op;

import java.util.Locale;

/// Derives an op's tag from its record name: `Conv2dBackwardData` -> `conv2d_backward_data`. Once
/// per kind of op: tags are asked for each time an op is applied.
final class Tags {
  private static final ClassValue<String> TAGS =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
          return type.getSimpleName()
              .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_")
              .toLowerCase(Locale.ROOT);
        }
      };

  private Tags() {}

  static String of(Op op) {
    return TAGS.get(op.getClass());
  }
}
