package ibrik.spec;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Pool;
import ibrik.tensor.op.Reduce;
import ibrik.tensor.op.Video;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// Inputs of samples with 16-bit floats in them.
public final class SixteenBits {
  private SixteenBits() {}

  /// The inputs of `spec` with its floats in `type`; what belongs to the channels of a batch norm
  /// stays f32.
  public static List<Tensor> make(OpSpec spec, DType type, Device device, long seed) {
    List<Tensor> made = new ArrayList<>();
    for (Tensor x : spec.make(DType.F32, Device.REFERENCE, seed)) {
      boolean ofChannels = isBatchNorm(spec.op()) && x.rank() == 1;
      made.add((x.dtype() == DType.F32 && !ofChannels ? x.cast(type) : x).to(device));
    }
    return made;
  }

  /// A test of each of `specs` in each type of 16 bits.
  public static Stream<DynamicTest> each(Stream<OpSpec> specs, BiConsumer<OpSpec, DType> test) {
    return specs.flatMap(
        spec ->
            Stream.of(DType.BF16, DType.F16)
                .map(
                    type ->
                        DynamicTest.dynamicTest(spec + " " + type, () -> test.accept(spec, type))));
  }

  /// The same numbers in another floating-point type, on the reference.
  public static List<Tensor> in(DType type, List<Tensor> inputs) {
    return inputs.stream()
        .map(x -> x.to(Device.REFERENCE))
        .map(x -> x.dtype().isFloat() ? x.as(type) : x)
        .toList();
  }

  /// What rounding a number of size 1 changes at most.
  public static double halfUnit(DType type) {
    return type == DType.BF16 ? 0x1p-8 : 0x1p-11;
  }

  /// Whether widened numbers and one rounding are all that 16 bits mean to `op`.
  public static boolean computes(Op op) {
    return switch (op) {
      case Elementwise.Cast _ -> false;
      case Elementwise _, Activation _, Attend _, Reduce _, Linear _ -> true;
      case Video _, Pool _, Normalize _, Loss _ -> true;
      default -> false;
    };
  }

  /// Whether `op` takes f32 for the channels beside activations of 16 bits.
  public static boolean isBatchNorm(Op op) {
    return switch (op) {
      case Normalize.BatchNorm _,
          Normalize.BatchNormBackward _,
          Normalize.BatchNormRelu _,
          Normalize.BatchNormReluBackward _,
          Normalize.BatchNormInference _ ->
          true;
      default -> false;
    };
  }
}
