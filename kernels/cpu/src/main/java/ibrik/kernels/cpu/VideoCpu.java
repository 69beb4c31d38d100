package ibrik.kernels.cpu;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Conv3dGeometry;
import ibrik.tensor.op.Video;

/// Binds [Video] to the convolutions.
final class VideoCpu {
  private VideoCpu() {}

  static Kernel kernel(Video op, CpuPool pool) {
    return (in, outs) -> {
      Tensor a = in.get(0);
      Tensor b = in.get(1);
      Tensor out = outs.getFirst();
      switch (op) {
        case Video.Conv3d(Conv3dGeometry g) ->
            ConvForward.run(
                pool,
                ConvShape.of(a.shape(), b.shape(), out.shape(), g),
                a.data(),
                b.data(),
                out.data());
        case Video.Conv3dBackwardData(Conv3dGeometry g, _, _, _) ->
            ConvBackwardData.run(
                pool,
                ConvShape.of(out.shape(), b.shape(), a.shape(), g),
                a.data(),
                b.data(),
                out.data());
        case Video.Conv3dBackwardWeight(Conv3dGeometry g, _, _, _) ->
            ConvBackwardWeight.run(
                pool,
                ConvShape.of(a.shape(), out.shape(), b.shape(), g),
                a.data(),
                b.data(),
                out.data());
      }
    };
  }
}
