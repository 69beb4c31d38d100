package ibrik.nn.quant;

import ibrik.nn.BatchNorm;
import ibrik.nn.Conv2d;
import ibrik.nn.Linear;
import ibrik.nn.Parameter;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.op.Conv2dGeometry;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A trained linear map or convolution with all that follows it up to the next activation: batch
/// norm in eval mode is folded into weight and bias. Its tensors belong to the innermost scope.
///
/// @param weight `[out, in]` or `[out,R,S,in]`
/// @param bias `[out]`
/// @param geometry of the convolution; null for a linear map
/// @param relu whether a rectifier follows
public record FloatLayer(
    Tensor weight, Tensor bias, @Nullable Conv2dGeometry geometry, boolean relu) {
  /// A linear map, the batch norm behind it if there is one, and a rectifier on request.
  public static FloatLayer of(Linear linear, @Nullable BatchNorm norm, boolean relu) {
    return folded(linear.weight().value(), linear.bias(), null, norm, relu);
  }

  /// A convolution, the batch norm behind it if there is one, and a rectifier on request.
  ///
  /// @throws IllegalArgumentException if it has groups
  public static FloatLayer of(Conv2d conv, @Nullable BatchNorm norm, boolean relu) {
    if (conv.geometry().groups() != 1) {
      throw new IllegalArgumentException(
          "[float_layer] groups must be 1; got " + conv.geometry().groups());
    }
    return folded(conv.weight().value(), conv.bias(), conv.geometry(), norm, relu);
  }

  private static FloatLayer folded(
      Tensor weight,
      @Nullable Parameter bias,
      @Nullable Conv2dGeometry geometry,
      @Nullable BatchNorm norm,
      boolean relu) {
    TensorSpec channels = weight.spec().with(Shape.of(weight.dim(0)));
    Tensor shift = bias == null ? Tensors.zeros(channels, weight.device()) : bias.value().mul(1);
    if (norm == null) {
      return new FloatLayer(weight.mul(1), shift, geometry, relu);
    }
    Tensor scale = norm.evalScale();
    long[] outer = new long[weight.rank()];
    Arrays.fill(outer, 1);
    outer[0] = weight.dim(0);
    return new FloatLayer(
        weight.mul(scale.reshape(outer)), shift.mul(scale).add(norm.evalShift()), geometry, relu);
  }

  /// Applies the layer in floats.
  public Tensor forward(Tensor x) {
    return forward(x, weight);
  }

  /// Applies the layer with other weights of the same shape.
  Tensor forward(Tensor x, Tensor other) {
    Tensor y = geometry == null ? x.matMul(other, false, true) : x.conv2d(other, geometry);
    y = y.add(bias);
    return relu ? y.relu() : y;
  }
}
