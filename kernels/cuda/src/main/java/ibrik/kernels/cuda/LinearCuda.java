package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Dnn;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Linear]: convolutions by cuDNN, or [OwnConvolutions] where it is absent, and products
/// by [MatMulCuda].
final class LinearCuda {
  private LinearCuda() {}

  static @Nullable CudaOp op(Linear op, List<TensorSpec> in) {
    DType type = in.getFirst().dtype();
    Shape a = in.get(0).shape();
    Shape b = in.get(1).shape();
    Shape out = op.infer(in).getFirst().shape();
    return switch (op) {
      case Linear.MatMul product -> MatMulCuda.op(product, in);
      case Linear.Conv2d(Conv2dGeometry g) -> convolution(type, Dnn.Role.FORWARD, g, a, b, out);
      case Linear.Conv2dBackwardData(Conv2dGeometry g, _, _) ->
          convolution(type, Dnn.Role.BACKWARD_DATA, g, out, b, a);
      case Linear.Conv2dBackwardWeight(Conv2dGeometry g, _, _) ->
          convolution(type, Dnn.Role.BACKWARD_WEIGHT, g, a, out, b);
    };
  }

  private static CudaOp convolution(
      DType type, Dnn.Role role, Conv2dGeometry g, Shape x, Shape w, Shape y) {
    boolean empty = x.elems() == 0 || w.elems() == 0 || y.elems() == 0;
    Dnn.Convolution convolution =
        empty
            ? null
            : new Dnn.Convolution(
                role,
                type,
                extents(x),
                extents(w),
                extents(y),
                new Dnn.Pair(g.padHeight(), g.padWidth()),
                new Dnn.Pair(g.strideHeight(), g.strideWidth()),
                new Dnn.Pair(g.dilationHeight(), g.dilationWidth()),
                g.groups(),
                false);
    CudaOp own = OwnConvolutions.op(type, role, g, x, w, y);
    return (gpu, in, out) -> {
      Tensor first = in.get(0);
      Tensor second = in.get(1);
      Tensor result = out.getFirst();
      Convolutions convolutions = gpu.convolutions();
      if (convolutions == null || convolution == null) {
        own.run(gpu, in, out);
        return;
      }
      Dnn.Convolution way = gpu.tf32() ? convolution.rounded() : convolution;
      Convolutions.Plan plan = convolutions.plan(way, gpu.stream());
      convolutions.run(
          way,
          plan,
          CudaBuffer.address(role == Dnn.Role.BACKWARD_DATA ? result : first),
          CudaBuffer.address(role == Dnn.Role.BACKWARD_WEIGHT ? result : second),
          CudaBuffer.address(
              switch (role) {
                case FORWARD -> result;
                case BACKWARD_DATA -> first;
                case BACKWARD_WEIGHT -> second;
              }),
          gpu.scratch(plan.workspaceBytes()),
          gpu.stream());
    };
  }

  private static Dnn.Extents extents(Shape s) {
    return new Dnn.Extents(
        Math.toIntExact(s.dim(0)),
        Math.toIntExact(s.dim(1)),
        Math.toIntExact(s.dim(2)),
        Math.toIntExact(s.dim(3)));
  }
}
