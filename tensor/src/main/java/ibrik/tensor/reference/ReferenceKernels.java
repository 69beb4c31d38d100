package ibrik.tensor.reference;

import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.CustomOp;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.Index;
import ibrik.tensor.op.IntegerOp;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Pool;
import ibrik.tensor.op.Quantize;
import ibrik.tensor.op.RandomOp;
import ibrik.tensor.op.Reduce;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import ibrik.tensor.op.Transport;
import ibrik.tensor.op.Update;
import ibrik.tensor.op.Video;
import org.jspecify.annotations.Nullable;

/// Picks the scalar loop of each family; exhaustive, so a new primitive without a meaning does not
/// compile.
final class ReferenceKernels {
  private ReferenceKernels() {}

  static @Nullable Kernel of(Op op) {
    return switch (op) {
      case Create create -> CreateReference.kernel(create);
      case Elementwise elementwise -> ElementwiseReference.kernel(elementwise);
      case Reduce reduce -> ReduceReference.kernel(reduce);
      case Layout layout -> LayoutReference.kernel(layout);
      case Linear linear -> LinearReference.kernel(linear);
      case Pool pool -> PoolReference.kernel(pool);
      case Index index -> IndexReference.kernel(index);
      case IntegerOp integers -> IntegerReference.kernel(integers);
      case ImageOp images -> ImageReference.kernel(images);
      case RandomOp random -> RandomReference.kernel(random);
      case Update update -> UpdateReference.kernel(update);
      case Normalize _, Loss _, Quantize _, Binary _, CustomOp _ -> null;
      case Transport _, Similarity _, Redundancy _, Activation _, Attend _, Video _ -> null;
    };
  }
}
