package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv3dGeometry;
import ibrik.tensor.op.Video;
import java.util.List;

/// Convolution of videos. Rules: [Video].
public sealed interface VideoOps permits Tensor {
  /// Convolves videos `[N,D,H,W,C]` with `weight [K,T,R,S,C/groups]`.
  default Tensor conv3d(Tensor weight, Conv3dGeometry geometry) {
    return Interpreter.current().apply1(new Video.Conv3d(geometry), List.of((Tensor) this, weight));
  }
}
