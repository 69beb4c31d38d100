package ibrik.nn;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.util.List;

/// What the layers of a network multiply in.
///
/// Parameters, activations between the layers, statistics of normalisations, losses, gradients,
/// moments and updates are f32 either way.
public enum Precision {
  /// f32.
  F32,

  /// Convolutions and linear layers round their inputs and weights to bf16 (8 bits of mantissa, the
  /// range of f32), and so are their results; sums are f32. Backward likewise: the casts are on the
  /// tape. A device without a kernel for bf16 rounds by casts and multiplies in f32: the same
  /// numbers but for the order of additions. Other types than f32 are left alone.
  ///
  /// **Source** Micikevicius et al. 2018, arXiv:1710.03740, section 3, for bf16, whose range needs
  /// no scaling of the loss: Kalamkar et al. 2019, arXiv:1905.12322.
  BF16;

  /// `x w`, or `x w^T`, of matrices.
  Tensor matMul(Tensor x, Tensor w, boolean transposeW) {
    return product(new Linear.MatMul(false, transposeW), x, w);
  }

  /// A convolution of images NHWC.
  Tensor conv2d(Tensor x, Tensor w, Conv2dGeometry geometry) {
    return product(new Linear.Conv2d(geometry), x, w);
  }

  private Tensor product(Linear op, Tensor x, Tensor w) {
    Interpreter run = Interpreter.current();
    if (this == F32 || x.dtype() != DType.F32) {
      return run.apply1(op, List.of(x, w));
    }
    Tensor a = x.cast(DType.BF16);
    Tensor b = w.cast(DType.BF16);
    List<TensorSpec> specs = List.of(a.spec(), b.spec());
    if (Backends.of(x.device()).kernel(op, specs) != null) {
      return run.apply1(op, List.of(a, b)).cast(DType.F32);
    }
    Tensor y = run.apply1(op, List.of(a.cast(DType.F32), b.cast(DType.F32)));
    return y.cast(DType.BF16).cast(DType.F32);
  }
}
