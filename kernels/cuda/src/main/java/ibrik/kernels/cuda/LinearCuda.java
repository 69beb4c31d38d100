package ibrik.kernels.cuda;

import ibrik.kernels.cuda.driver.Dnn;
import ibrik.kernels.cuda.driver.Grid;
import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Launches [Linear]: convolutions by cuDNN and products by [MatMulCuda]; our own kernels where a
/// library is absent.
final class LinearCuda {
  static final CudaFile CONV2D = CudaFile.of("linear/conv2d.cu", 256, CudaFile.FLOATS);

  private LinearCuda() {}

  static @Nullable CudaOp op(Linear op, List<TensorSpec> in) {
    DType type = in.getFirst().dtype();
    Shape a = in.get(0).shape();
    Shape b = in.get(1).shape();
    Shape out = op.infer(in).getFirst().shape();
    return switch (op) {
      case Linear.MatMul product -> MatMulCuda.op(product, in);
      case Linear.Conv2d(Conv2dGeometry g) ->
          convolution(type, Dnn.Role.FORWARD, g, a, b, out, "conv2d_v1");
      case Linear.Conv2dBackwardData(Conv2dGeometry g, _, _) ->
          convolution(type, Dnn.Role.BACKWARD_DATA, g, out, b, a, "conv2d_backward_data_v1");
      case Linear.Conv2dBackwardWeight(Conv2dGeometry g, _, _) ->
          convolution(type, Dnn.Role.BACKWARD_WEIGHT, g, a, out, b, "conv2d_backward_weight_v1");
    };
  }

  private static CudaOp convolution(
      DType type, Dnn.Role role, Conv2dGeometry g, Shape x, Shape w, Shape y, String kernel) {
    CudaSource source = CONV2D.with(type);
    long[] geometry = {
      x.dim(0),
      x.dim(1),
      x.dim(2),
      x.dim(3),
      w.dim(0),
      w.dim(1),
      w.dim(2),
      y.dim(1),
      y.dim(2),
      g.groups(),
      g.strideHeight(),
      g.strideWidth(),
      g.padHeight(),
      g.padWidth(),
      g.dilationHeight(),
      g.dilationWidth()
    };
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
    return (gpu, in, out) -> {
      Tensor first = in.get(0);
      Tensor second = in.get(1);
      Tensor result = out.getFirst();
      Dnn dnn = gpu.driver().dnn();
      if (dnn == null || convolution == null) {
        gpu.kernel(source, kernel)
            .tensor(first)
            .tensor(second)
            .tensor(result)
            .struct(geometry)
            .run(Grid.strided(result.elems(), CONV2D.threads(), gpu.fullGrid()));
        return;
      }
      long bytes = dnn.workspaceBytes(convolution, gpu.stream());
      dnn.run(
          convolution,
          CudaBuffer.address(role == Dnn.Role.BACKWARD_DATA ? result : first),
          CudaBuffer.address(role == Dnn.Role.BACKWARD_WEIGHT ? result : second),
          CudaBuffer.address(
              switch (role) {
                case FORWARD -> result;
                case BACKWARD_DATA -> first;
                case BACKWARD_WEIGHT -> second;
              }),
          gpu.scratch(bytes),
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
