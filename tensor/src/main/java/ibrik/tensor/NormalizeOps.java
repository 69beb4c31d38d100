package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Normalize;
import java.util.List;

/// Normalising methods of [Tensor]. Rules: [Normalize].
public sealed interface NormalizeOps permits Tensor {
  /// Softmax over the last axis.
  default Tensor softmax() {
    return Interpreter.current().apply1(new Normalize.Softmax(), List.of((Tensor) this));
  }

  /// Logarithm of the softmax over the last axis.
  default Tensor logSoftmax() {
    return Interpreter.current().apply1(new Normalize.LogSoftmax(), List.of((Tensor) this));
  }

  /// Rows of unit length over the last axis, guarded at squared length 1e-12.
  default Tensor l2Normalize() {
    return l2Normalize(1e-12);
  }

  /// `this / sqrt(max(sum this^2, eps))` over the last axis.
  default Tensor l2Normalize(double eps) {
    return Interpreter.current().apply1(new Normalize.L2Normalize(eps), List.of((Tensor) this));
  }

  /// Batch norm of `[*,C]` with batch statistics: `y`, `mean`, biased `variance`.
  default List<Tensor> batchNorm(Tensor gamma, Tensor beta, double eps) {
    return Interpreter.current()
        .apply(new Normalize.BatchNorm(eps), List.of((Tensor) this, gamma, beta));
  }

  /// ReLU of [#batchNorm], in one pass: `y`, `mean`, biased `variance`.
  default List<Tensor> batchNormRelu(Tensor gamma, Tensor beta, double eps) {
    return Interpreter.current()
        .apply(new Normalize.BatchNormRelu(eps, false), List.of((Tensor) this, gamma, beta));
  }

  /// ReLU of [#batchNorm] plus `residual`, in one pass: `y`, `mean`, biased `variance`.
  default List<Tensor> batchNormAddRelu(Tensor gamma, Tensor beta, Tensor residual, double eps) {
    return Interpreter.current()
        .apply(
            new Normalize.BatchNormRelu(eps, true), List.of((Tensor) this, gamma, beta, residual));
  }

  /// Batch norm of `[*,C]` with given statistics.
  default Tensor batchNormInference(
      Tensor gamma, Tensor beta, Tensor mean, Tensor variance, double eps) {
    return Interpreter.current()
        .apply1(
            new Normalize.BatchNormInference(eps),
            List.of((Tensor) this, gamma, beta, mean, variance));
  }

  /// Rows `[*,C]` with mean 0 and variance 1, guarded by `eps`.
  default Tensor layerNorm(double eps) {
    return Interpreter.current().apply1(new Normalize.LayerNorm(eps), List.of((Tensor) this));
  }

  /// [#layerNorm(double)], then times `gamma [C]`, plus `beta [C]`.
  default Tensor layerNorm(Tensor gamma, Tensor beta, double eps) {
    return Interpreter.current()
        .apply1(new Normalize.LayerNorm(eps), List.of((Tensor) this, gamma, beta));
  }
}
