package ibrik.tensor.op;

import ibrik.tensor.TensorSpec;
import java.util.List;

/// One operation: attributes only, tensors never inside. Families are sealed, so that rule tables
/// and kernels can be exhaustive switches; [CustomOp] is the open door.
///
/// Everything about an op is found by one stem: record (`SoftmaxCrossEntropy`), method
/// (`softmaxCrossEntropy`), tag and kernel (`softmax_cross_entropy`).
public sealed interface Op
    permits Create,
        Elementwise,
        Activation,
        Reduce,
        Layout,
        Linear,
        Video,
        Pool,
        Index,
        Normalize,
        Attend,
        Loss,
        Quantize,
        Binary,
        IntegerOp,
        ImageOp,
        Transport,
        Similarity,
        Redundancy,
        RandomOp,
        Update,
        CustomOp {
  /// The name in messages, kernels and benchmarks, in snake case.
  default String tag() {
    return Tags.of(this);
  }

  /// Checks the arguments and gives the outputs' types and shapes.
  ///
  /// @throws IllegalArgumentException naming every rule that is broken, what was got, and the fix
  List<TensorSpec> infer(List<TensorSpec> in);
}
