package ibrik.tensor.exec;

import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import ibrik.tensor.op.Video;
import java.util.List;

/// What one run of an op has to do at least by its definition, whatever the kernel.
///
/// | op | flops |
/// |---|---|
/// | `mat_mul` | 2 B M N K, with B the product of the batch axes |
/// | `conv2d`, `conv2d_backward_data`, `conv2d_backward_weight` | 2 N P Q K R S C/groups |
/// | `conv3d`, `conv3d_backward_data`, `conv3d_backward_weight` | 2 N O P Q K T R S C/groups |
/// | making and moving numbers | 0 |
/// | updates | 1 for each element written |
/// | all others | 1 for each element of the largest tensor |
///
/// @param flops multiplications and additions; a zero that padding adds counts as a number
/// @param bytes every input read once, every output and every updated input written once
public record Cost(long flops, long bytes) {
  /// The cost of a free view.
  static final Cost NONE = new Cost(0, 0);

  /// The cost of `op` from inputs to outputs of these types and shapes.
  public static Cost of(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    long bytes = bytes(in) + bytes(out);
    return switch (op) {
      case Linear linear -> new Cost(linear(linear, in, out.getFirst()), bytes);
      case Video video -> new Cost(video(video, in, out.getFirst()), bytes);
      case Layout _, Create _ -> new Cost(0, bytes);
      case Update update -> {
        List<TensorSpec> written = update.written().stream().map(in::get).toList();
        yield new Cost(elems(written), bytes + bytes(written));
      }
      default -> new Cost(Math.max(largest(in), largest(out)), bytes);
    };
  }

  private static long linear(Linear op, List<TensorSpec> in, TensorSpec out) {
    TensorSpec first = in.get(0);
    TensorSpec second = in.get(1);
    return switch (op) {
      case Linear.MatMul(boolean transposeA, _) ->
          2 * out.elems() * first.shape().dim(transposeA ? -2 : -1);
      // Each output element of the convolution sums over one kernel: R S C/groups.
      case Linear.Conv2d _ -> 2 * out.elems() * second.shape().elemsAfter(0);
      case Linear.Conv2dBackwardData _ -> 2 * first.elems() * second.shape().elemsAfter(0);
      case Linear.Conv2dBackwardWeight _ -> 2 * second.elems() * out.shape().elemsAfter(0);
    };
  }

  private static long video(Video op, List<TensorSpec> in, TensorSpec out) {
    TensorSpec first = in.get(0);
    TensorSpec second = in.get(1);
    return switch (op) {
      case Video.Conv3d _ -> 2 * out.elems() * second.shape().elemsAfter(0);
      case Video.Conv3dBackwardData _ -> 2 * first.elems() * second.shape().elemsAfter(0);
      case Video.Conv3dBackwardWeight _ -> 2 * second.elems() * out.shape().elemsAfter(0);
    };
  }

  private static long largest(List<TensorSpec> specs) {
    return specs.stream().mapToLong(TensorSpec::elems).max().orElse(0);
  }

  private static long elems(List<TensorSpec> specs) {
    return specs.stream().mapToLong(TensorSpec::elems).sum();
  }

  private static long bytes(List<TensorSpec> specs) {
    return specs.stream().mapToLong(TensorSpec::bytes).sum();
  }
}
