package ibrik.kernels.cuda;

import ibrik.tensor.TensorSpec;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The table of kernels, a row per family. `null` means: compose, or fall back to the scalar
/// reference over host memory.
final class CudaKernels {
  private CudaKernels() {}

  static @Nullable CudaOp of(Op op, List<TensorSpec> in) {
    return switch (op) {
      case Create create -> CreateCuda.op(create);
      case Elementwise elementwise -> ElementwiseCuda.op(elementwise, in);
      case Reduce reduce -> ReduceCuda.op(reduce, in.getFirst());
      case Linear linear -> LinearCuda.op(linear, in);
      case Loss loss -> LossCuda.op(loss, in);
      case Normalize normalize -> NormalizeCuda.op(normalize, in);
      case Update update -> UpdateCuda.op(update, in);
      case Pool pool -> PoolCuda.op(pool, in);
      case Layout layout -> LayoutCuda.op(layout, in);
      case Index index -> IndexCuda.op(index, in);
      case RandomOp random -> RandomCuda.op(random);
      case Activation activation -> ActivationCuda.op(activation, in);
      case Attend attend -> AttendCuda.op(attend, in);
      case Binary binary -> BinaryCuda.op(binary, in);
      case IntegerOp integer -> IntegerCuda.op(integer, in);
      case Quantize quantize -> QuantizeCuda.op(quantize, in);
      case Redundancy redundancy -> RedundancyCuda.op(redundancy, in);
      case Similarity similarity -> SimilarityCuda.op(similarity, in);
      case Transport transport -> TransportCuda.op(transport, in);
      case ImageOp images -> ImageCuda.op(images, in);
      case Video _, CustomOp _ -> null;
    };
  }
}
