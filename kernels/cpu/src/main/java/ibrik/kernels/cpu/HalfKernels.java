package ibrik.kernels.cpu;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Pool;
import ibrik.tensor.op.Reduce;
import ibrik.tensor.op.Video;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Kernels of bf16 and f16 made of those of f32: every 16-bit operand is widened, what the kernel
/// computes is rounded once. The copies live as long as the call.
final class HalfKernels {
  private HalfKernels() {}

  static boolean half(DType type) {
    return type.wide() != type;
  }

  /// A kernel around that of f32, if there is one.
  static @Nullable Kernel of(Op op, List<TensorSpec> in, CpuPool pool) {
    if (!serves(op) || in.stream().noneMatch(spec -> half(spec.dtype()))) {
      return null;
    }
    Kernel wide = CpuKernels.of(op, in.stream().map(s -> s.with(s.dtype().wide())).toList(), pool);
    if (wide == null) {
      return null;
    }
    Kernel kernel = (args, out) -> run(wide, pool, args, out);
    // All 16-bit operands have been copied before the first result is written.
    return kernel.overwriting(
        IntStream.range(0, in.size()).filter(i -> half(in.get(i).dtype())).toArray());
  }

  /// Whether widening and rounding are all that 16 bits mean to `op`. Updates write to operands,
  /// and others make or move numbers.
  private static boolean serves(Op op) {
    return switch (op) {
      case Elementwise.Cast _ -> false;
      case Elementwise _, Activation _, Attend _, Reduce _, Linear _ -> true;
      case Video _, Pool _, Normalize _, Loss _ -> true;
      default -> false;
    };
  }

  private static void run(Kernel wide, CpuPool pool, List<Tensor> in, List<Tensor> out) {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> args = new ArrayList<>();
      for (Tensor x : in) {
        Tensor arg = floats(x);
        if (arg != x) {
          HalfLoops.kernel(x.dtype(), DType.F32, pool).run(List.of(x), List.of(arg));
        }
        args.add(arg);
      }
      List<Tensor> results = out.stream().map(HalfKernels::floats).toList();
      wide.run(args, results);
      for (int i = 0; i < out.size(); i++) {
        Tensor y = out.get(i);
        if (results.get(i) != y) {
          HalfLoops.kernel(DType.F32, y.dtype(), pool).run(List.of(results.get(i)), List.of(y));
        }
      }
    }
  }

  /// Memory for the numbers of `x` as f32: its own where it is not 16 bits wide.
  private static Tensor floats(Tensor x) {
    return half(x.dtype()) ? Tensor.allocate(x.spec().with(DType.F32), Device.CPU, "widened") : x;
  }
}
