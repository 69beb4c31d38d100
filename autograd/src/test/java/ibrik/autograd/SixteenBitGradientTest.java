package ibrik.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.spec.Input;
import ibrik.spec.LiveBytes;
import ibrik.spec.OpSpec;
import ibrik.spec.OpSpecs;
import ibrik.spec.SixteenBits;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// Gradients of batch norms whose activations are bf16, through every output, statistics included:
/// each of its input's type, and near to that in f64. Finite differences see nothing in 8 bits.
@ExtendWith(LiveBytes.class)
class SixteenBitGradientTest {
  @TestFactory
  Stream<DynamicTest> gradientsHaveTheTypesOfTheInputs() {
    return OpSpecs.all().stream()
        .filter(spec -> spec.gradient() && SixteenBits.isBatchNorm(spec.op()))
        .map(spec -> DynamicTest.dynamicTest(spec.toString(), () -> nearToF64(spec)));
  }

  private static void nearToF64(OpSpec spec) {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> in = SixteenBits.make(spec, DType.BF16, Device.REFERENCE, 28);
      List<Tensor> got = gradients(spec, in);
      List<Tensor> want = gradients(spec, SixteenBits.in(DType.F64, in));
      for (int i = 0; i < in.size(); i++) {
        assertEquals(in.get(i).spec(), got.get(i).spec(), "input " + i);
        double[] w = want.get(i).toDoubles();
        double[] g = got.get(i).toDoubles();
        double most = want.get(i).abs().max().item();
        for (int k = 0; k < w.length; k++) {
          // Cotangents, terms and sums of terms of 8 bits each: a few units of the largest.
          assertTrue(
              Math.abs(w[k] - g[k]) <= 8 * SixteenBits.halfUnit(DType.BF16) * most + 1e-3,
              "input " + i + " at " + k + ": got " + g[k] + ", want " + w[k]);
        }
      }
    }
  }

  /// Of the outputs' product with random numbers of 8 bits.
  private static List<Tensor> gradients(OpSpec spec, List<Tensor> in) {
    try (TensorScope scope = TensorScope.open();
        Tape.Run run = Tape.record(() -> value(spec.run(in)))) {
      List<Tensor> kept = new ArrayList<>();
      run.gradients(in).forEach(gradient -> kept.add(scope.keep(run.keep(gradient))));
      return kept;
    }
  }

  private static Tensor value(List<Tensor> outputs) {
    Tensor total = null;
    for (int i = 0; i < outputs.size(); i++) {
      Tensor out = outputs.get(i);
      DType type = out.dtype().wide();
      Input numbers = new Input(out.shape(), Input.Kind.NORMAL, 0);
      Tensor weights = numbers.make(DType.BF16, Device.REFERENCE, 90 + i).cast(type);
      Tensor term = out.as(type).mul(weights).sum();
      total = total == null ? term : total.add(term);
    }
    return Objects.requireNonNull(total);
  }
}
