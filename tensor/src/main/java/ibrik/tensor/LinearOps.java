package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.util.List;

/// Matrix product and convolution of [Tensor]. Rules: [Linear].
public sealed interface LinearOps permits Tensor {
  /// `this other`, matrices in the last two axes, batches in front.
  default Tensor matMul(Tensor other) {
    return matMul(other, false, false);
  }

  /// Matrix product with each side transposed on request.
  default Tensor matMul(Tensor other, boolean transposeThis, boolean transposeOther) {
    return Interpreter.current()
        .apply1(new Linear.MatMul(transposeThis, transposeOther), List.of((Tensor) this, other));
  }

  /// Convolves images `[N,H,W,C]` with `weight [K,R,S,C/groups]`.
  default Tensor conv2d(Tensor weight, Conv2dGeometry geometry) {
    return Interpreter.current()
        .apply1(new Linear.Conv2d(geometry), List.of((Tensor) this, weight));
  }
}
