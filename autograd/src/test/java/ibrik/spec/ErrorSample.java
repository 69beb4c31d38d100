package ibrik.spec;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Op;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// A call that breaks one rule of one op, and the text it must get.
///
/// @param op the op with its attributes
/// @param in types and shapes of the inputs
/// @param message the whole text: `[op] rule; got x: f32[2,3]; fix`
public record ErrorSample(Op op, List<TensorSpec> in, String message) {
  /// A sample with inputs written as they are printed, such as `f32[2,3]`. `rule` and `fix` stand
  /// around what was got; what is empty is left out.
  static ErrorSample broken(Op op, String rule, String got, String fix, String... in) {
    String message = "[" + op.tag() + "] " + rule;
    message += got.isEmpty() ? "" : "; got " + got;
    message += fix.isEmpty() ? "" : "; " + fix;
    return new ErrorSample(op, Stream.of(in).map(ErrorSample::spec).toList(), message);
  }

  private static TensorSpec spec(String text) {
    int bracket = text.indexOf('[');
    DType dtype = DType.valueOf(text.substring(0, bracket).toUpperCase(Locale.ROOT));
    String dims = text.substring(bracket + 1, text.length() - 1);
    return new TensorSpec(
        dtype,
        dims.isEmpty()
            ? Shape.scalar()
            : Shape.of(Stream.of(dims.split(",")).map(Long::valueOf).toList()));
  }
}
