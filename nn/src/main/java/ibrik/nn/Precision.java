package ibrik.nn;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.util.List;

/// What the layers of a network multiply in, and what lies between them.
///
/// Parameters, statistics of normalisations, losses, gradients of parameters, moments and updates
/// are f32 either way.
public enum Precision {
  /// f32.
  F32,

  /// Convolutions and linear layers round their inputs and weights to bf16 (8 bits of mantissa, the
  /// range of f32), and so are their results; sums are f32. Backward likewise: the casts are on the
  /// tape. Devices add up in an order of their own. Other types than f32 are left alone.
  ///
  /// | layer | takes | gives |
  /// |---|---|---|
  /// | [Conv2d] | f32, bf16 | bf16, and so is the gradient of a bf16 input |
  /// | [BatchNorm], [Relu], [MaxPool2d], [AvgPool2d], sums of residuals | bf16 | bf16: computed in f32, rounded once |
  /// | [GlobalAvgPool], the end of an encoder | bf16 | f32, of widened numbers |
  /// | [Linear], [PatchEmbed] | f32, bf16 | f32: rounded to bf16, then widened |
  /// | [LayerNorm], attention, and all else of a vision transformer | f32 | f32 |
  ///
  /// So the activations of a convolutional network and their gradients have two bytes per number,
  /// in memory and in traffic.
  ///
  /// **Source** Micikevicius et al. 2018, arXiv:1710.03740, section 3, for bf16, whose range needs
  /// no scaling of the loss: Kalamkar et al. 2019, arXiv:1905.12322.
  ///
  /// **Deviations** from PyTorch's autocast, which leaves the results of linear layers and of the
  /// last pool in bf16 until a loss or a layer norm widens them: heads and tokens stay f32 here,
  /// for they are few bytes beside images.
  BF16;

  /// `x w`, or `x w^T`, of matrices, in the type of w.
  Tensor matMul(Tensor x, Tensor w, boolean transposeW) {
    return product(new Linear.MatMul(false, transposeW), x, w).as(w.dtype());
  }

  /// A convolution of images NHWC: an activation of this precision.
  Tensor conv2d(Tensor x, Tensor w, Conv2dGeometry geometry) {
    return product(new Linear.Conv2d(geometry), x, w);
  }

  private Tensor product(Linear op, Tensor x, Tensor w) {
    Interpreter run = Interpreter.current();
    if (this == F32 || w.dtype() != DType.F32 || x.dtype().wide() != DType.F32) {
      return run.apply1(op, List.of(x, w));
    }
    return run.apply1(op, List.of(x.as(DType.BF16), w.cast(DType.BF16)));
  }
}
