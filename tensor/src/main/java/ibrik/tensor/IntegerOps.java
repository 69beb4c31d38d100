package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp;
import java.util.List;

/// Inference in integers of [Tensor]. Rules: [IntegerOp].
public sealed interface IntegerOps permits Tensor {
  /// `(this - zero) weight^T` in i32: i8 `[*,K]` and i8 weights `[N,K]` to i32 `[*,N]`.
  default Tensor intMatMul(Tensor weight, int zero) {
    return Interpreter.current()
        .apply1(new IntegerOp.IntMatMul(zero), List.of((Tensor) this, weight));
  }

  /// Convolution of `this - zero` in i32: i8 images `[N,H,W,C]` and i8 weights `[K,R,S,C]`.
  default Tensor intConv2d(Tensor weight, Conv2dGeometry geometry, int zero) {
    return Interpreter.current()
        .apply1(new IntegerOp.IntConv2d(geometry, zero), List.of((Tensor) this, weight));
  }

  /// i32 sums `[*,C]` to i8: `clamp(round((this + bias) multiplier / 2^shift) + zero, low, high)`,
  /// half to even, with i32 parameters `[C]`.
  default Tensor requantize(
      Tensor bias, Tensor multiplier, Tensor shift, int zero, int low, int high) {
    return Interpreter.current()
        .apply1(
            new IntegerOp.Requantize(zero, low, high),
            List.of((Tensor) this, bias, multiplier, shift));
  }

  /// i8 `[*,K]` of 4 bits each to words `[*, ceil(K / 8)]`, the first in the lowest bits.
  default Tensor packInt4() {
    return Interpreter.current().apply1(new IntegerOp.PackInt4(), List.of((Tensor) this));
  }

  /// What [#packInt4()] packed: words to i8 `[*,count]`.
  default Tensor unpackInt4(long count) {
    return Interpreter.current().apply1(new IntegerOp.UnpackInt4(count), List.of((Tensor) this));
  }
}
