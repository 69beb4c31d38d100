package ibrik.kernels.cpu;

import ibrik.tensor.DType;
import ibrik.tensor.TensorSpec;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The table of kernels. `null` means: compose, or fall back to the scalar reference. Kernels serve
/// f32; layout kernels serve every type with whole bytes. Where bf16 and f16 have no kernel of
/// their own, [HalfKernels] makes one of that of f32.
final class CpuKernels {
  private CpuKernels() {}

  static @Nullable Kernel of(Op op, List<TensorSpec> in, CpuPool pool) {
    Kernel own = own(op, in, pool);
    return own == null ? HalfKernels.of(op, in, pool) : own;
  }

  private static @Nullable Kernel own(Op op, List<TensorSpec> in, CpuPool pool) {
    return switch (op) {
      case Create create -> CreateCpu.kernel(create, pool);
      case Elementwise elementwise -> ElementwiseCpu.kernel(elementwise, in, pool);
      case Activation activation when allF32(in) -> ActivationCpu.kernel(activation, pool);
      case Attend attend when allF32(in) -> AttendCpu.kernel(attend, pool);
      case Reduce reduce when allF32(in) -> ReduceCpu.kernel(reduce, in.getFirst(), pool);
      case Layout layout -> LayoutCpu.kernel(layout, pool);
      case Linear linear when allF32(in) -> LinearCpu.kernel(linear, pool);
      case Linear.MatMul matMul when all(in, DType.BF16) ->
          (args, out) -> HalfMatMul.run(pool, matMul, args.get(0), args.get(1), out.getFirst());
      case Video video when allF32(in) -> VideoCpu.kernel(video, pool);
      case Pool pooling when in.getFirst().dtype() == DType.F32 -> PoolCpu.kernel(pooling, pool);
      case IntegerOp integers -> IntegerCpu.kernel(integers, pool);
      case ImageOp images -> ImageCpu.kernel(images, pool);
      case Index index -> IndexCpu.kernel(index, in, pool);
      case Normalize normalize when allF32(in) || NormalizeCpu.servesHalf(normalize, in) ->
          NormalizeCpu.kernel(normalize, pool);
      case Loss loss when in.getFirst().dtype() == DType.F32 -> LossCpu.kernel(loss, pool);
      case Redundancy redundancy when allF32(in) -> RedundancyCpu.kernel(redundancy, pool);
      case Similarity similarity when allF32(in) -> SimilarityCpu.kernel(similarity, pool);
      case Transport transport when allF32(in) -> TransportCpu.kernel(transport, pool);
      case RandomOp random when random.spec().dtype() == DType.F32 ->
          RandomCpu.kernel(random, pool);
      case Update update when update instanceof Update.Assign || allF32(in) ->
          UpdateCpu.kernel(update, pool);
      case Quantize quantize when allF32(in) -> QuantizeCpu.kernel(quantize, in, pool);
      case Binary binary when servesBits(binary, in) || allF32(in) ->
          BinaryCpu.kernel(binary, pool);
      case Reduce _, Linear _, Pool _, Normalize _, Loss _, RandomOp _, Update _, CustomOp _ ->
          null;
      case Quantize _, Binary _ -> null;
      case Transport _, Similarity _, Redundancy _, Activation _, Attend _, Video _ -> null;
    };
  }

  /// Packed signs are integers; the numbers beside them are served in f32.
  private static boolean servesBits(Binary op, List<TensorSpec> in) {
    return op instanceof Binary.XnorConv2d && in.getLast().dtype() == DType.F32;
  }

  private static boolean allF32(List<TensorSpec> in) {
    return all(in, DType.F32);
  }

  private static boolean all(List<TensorSpec> in, DType type) {
    for (TensorSpec spec : in) {
      if (spec.dtype() != type) {
        return false;
      }
    }
    return true;
  }
}
