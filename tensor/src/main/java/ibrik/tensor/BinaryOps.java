package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Binary;
import java.util.List;

/// Binarising methods of [Tensor]. Rules: [Binary].
public sealed interface BinaryOps permits Tensor {
  private Tensor binary(Binary op, Tensor... others) {
    List<Tensor> in = new java.util.ArrayList<>(List.of((Tensor) this));
    in.addAll(List.of(others));
    return Interpreter.current().apply1(op, in);
  }

  /// The signs, with a surrogate gradient.
  default Tensor signBinarize(Binary.Signs signs, Binary.Surrogate surrogate) {
    return binary(new Binary.SignBinarize(signs, surrogate));
  }

  /// The signs of `this + shift`, one shift per channel of the last axis.
  default Tensor rSign(Tensor shift, Binary.Signs signs, Binary.Surrogate surrogate) {
    return binary(new Binary.RSign(signs, surrogate), shift);
  }

  /// `(t > 0 ? t : slope t) + after` with `t = this + before`, parameters per channel.
  default Tensor rPRelu(Tensor before, Tensor slope, Tensor after) {
    return binary(new Binary.RPRelu(), before, slope, after);
  }

  /// The signs of weights `[O,*]` times the mean magnitude of each filter.
  default Tensor binarizeWeights(Binary.Signs signs, Binary.WeightGradient gradient) {
    return binary(new Binary.BinarizeWeights(signs, gradient));
  }
}
