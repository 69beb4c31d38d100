package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.spec.LiveBytes;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.Conv2dGeometry;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What is rounded to bf16 where that is asked for, and what is not.
@ExtendWith(LiveBytes.class)
class PrecisionTest {
  private static Build build(Precision precision) {
    return new Build(DType.F32, Device.CPU, 3, "", precision);
  }

  private static Tensor numbers(long... dims) {
    return ibrik.tensor.Tensors.normal(
        new ibrik.tensor.TensorSpec(DType.F32, ibrik.tensor.Shape.of(dims)),
        0,
        1,
        ibrik.tensor.Tensors.key(5, dims.length, Device.CPU));
  }

  private static Tensor rounded(Tensor x) {
    return x.cast(DType.BF16).cast(DType.F32);
  }

  @Test
  void productsAreOfRoundedNumbers() {
    try (TensorScope _ = TensorScope.open();
        Linear linear = new Linear(build(Precision.BF16), 40, 7, true);
        Conv2d conv = new Conv2d(build(Precision.BF16), 3, 5, 3, 1, 1)) {
      Tensor x = numbers(9, 40);
      Tensor w = linear.weight().value();
      Tensor y = linear.forward(x);
      assertEquals(DType.F32, y.dtype());
      close(
          rounded(rounded(x).matMul(rounded(w), false, true)).add(linear.bias().value()),
          y,
          0x1p-7);
      Tensor image = numbers(2, 6, 5, 3);
      Tensor kernel = conv.weight().value();
      Tensor z = conv.forward(image);
      assertArrayEquals(
          rounded(rounded(image).conv2d(rounded(kernel), Conv2dGeometry.of(1, 1))).toFloats(),
          z.cast(DType.F32).toFloats());
      assertEquals(DType.BF16, z.dtype());
      assertFalse(
          Arrays.equals(image.conv2d(kernel, Conv2dGeometry.of(1, 1)).toDoubles(), z.toDoubles()));
    }
  }

  /// Of the largest number: the sums of bf16 kernels are added in another order.
  private static void close(Tensor want, Tensor got, double tolerance) {
    double most = want.abs().max().item();
    assertTrue(want.sub(got).abs().max().item() <= tolerance * most, want + " and " + got);
  }

  /// dy, x and w are rounded backward too; what comes out for the parameter is f32.
  @Test
  void gradientsAreThoseOfTheRoundedProduct() {
    try (TensorScope _ = TensorScope.open();
        Conv2d narrow = new Conv2d(build(Precision.BF16), 3, 5, 3, 1, 1);
        Conv2d wide = new Conv2d(build(Precision.F32), 3, 5, 3, 1, 1)) {
      Tensor x = numbers(2, 6, 5, 3);
      Tensor ct = numbers(2, 6, 5, 5);
      Tensor got = gradient(narrow, x, ct);
      Tensor want = gradient(wide, rounded(x), rounded(ct));
      assertEquals(DType.F32, got.dtype());
      assertArrayEquals(rounded(want).toFloats(), got.toFloats());
    }
  }

  private static Tensor gradient(Conv2d layer, Tensor x, Tensor ct) {
    try (TensorScope scope = TensorScope.open();
        Tape.Run run = Tape.record(() -> layer.forward(x).as(DType.F32).mul(ct).sum())) {
      return scope.keep(run.keep(run.gradients(List.of(layer.weight().value())).getFirst()));
    }
  }

  @Test
  void allElseStaysAsItIs() {
    try (TensorScope _ = TensorScope.open();
        Linear linear = new Linear(build(Precision.BF16), 4, 3, true);
        BatchNorm norm = new BatchNorm(build(Precision.BF16).child("norm"), 4);
        BatchNorm same = new BatchNorm(build(Precision.F32).child("norm"), 4)) {
      assertEquals(DType.F32, linear.weight().value().dtype());
      Tensor x = numbers(8, 4);
      assertArrayEquals(same.forward(x).toFloats(), norm.forward(x).toFloats());
      assertEquals(Precision.BF16, build(Precision.BF16).child("a").child("b").precision());
      assertEquals(Precision.F32, Build.cpu(1).precision());
    }
    try (TensorScope _ = TensorScope.open();
        Linear exact =
            new Linear(new Build(DType.F64, Device.CPU, 3, "", Precision.BF16), 4, 3, false)) {
      Tensor x = numbers(8, 4).cast(DType.F64);
      assertArrayEquals(
          x.matMul(exact.weight().value(), false, true).toDoubles(), exact.forward(x).toDoubles());
    }
  }
}
