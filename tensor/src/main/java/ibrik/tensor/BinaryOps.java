package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Conv2dGeometry;
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

  /// The signs of the last axis in bits, 1 for negative; i32 words.
  default Tensor packSigns() {
    return binary(new Binary.PackSigns());
  }

  /// The signs that are packed in this tensor's words.
  default Tensor unpackSigns(long channels, DType dtype) {
    return binary(new Binary.UnpackSigns(channels, dtype));
  }

  /// Convolution of packed signs `[N,H,W,words]` with packed `w [O,R,S,words]`, times `alpha [O]`.
  default Tensor xnorConv2d(
      Tensor w, Tensor alpha, Conv2dGeometry geometry, long channels, Binary.Outside outside) {
    return binary(new Binary.XnorConv2d(geometry, channels, outside), w, alpha);
  }

  /// Products of packed rows `[rows,words]` with packed `w [O,words]`, times `alpha [O]`.
  default Tensor xnorLinear(Tensor w, Tensor alpha, long channels) {
    Tensor x = (Tensor) this;
    Tensor image = x.reshape(x.dim(0), 1, 1, x.dim(1));
    return image
        .xnorConv2d(
            w.reshape(w.dim(0), 1, 1, w.dim(1)),
            alpha,
            Conv2dGeometry.of(1, 0),
            channels,
            Binary.Outside.ZERO)
        .reshape(x.dim(0), w.dim(0));
  }
}
