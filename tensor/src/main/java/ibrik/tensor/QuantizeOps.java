package ibrik.tensor;

import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import java.util.List;

/// Quantising methods of [Tensor]. Rules: [Quantize].
public sealed interface QuantizeOps permits Tensor {
  private Tensor quantize(Quantize op, Tensor... parameters) {
    List<Tensor> in = new java.util.ArrayList<>(List.of((Tensor) this));
    in.addAll(List.of(parameters));
    return Interpreter.current().apply1(op, in);
  }

  private int at(int axis) {
    return ((Tensor) this).shape().axis(axis);
  }

  /// The nearest integers, half to even, with gradient 1.
  default Tensor straightThroughRound() {
    return quantize(new Quantize.StraightThroughRound());
  }

  /// Onto the grid with one scale and zero point (both 0-d) for the whole tensor.
  default Tensor fakeQuantize(Tensor scale, Tensor zero, QuantGrid grid) {
    return quantize(new Quantize.FakeQuantize(grid, 0), scale, zero);
  }

  /// Onto the grid with scales and zero points `[C]` along `axis`, or 0-d ones.
  default Tensor fakeQuantize(Tensor scale, Tensor zero, QuantGrid grid, int axis) {
    return quantize(new Quantize.FakeQuantize(grid, at(axis)), scale, zero);
  }

  /// The integers of [#fakeQuantize(Tensor, Tensor, QuantGrid, int)], as i8.
  default Tensor quantizeInt8(Tensor scale, Tensor zero, QuantGrid grid, int axis) {
    return quantize(new Quantize.QuantizeInt8(grid, at(axis)), scale, zero);
  }

  /// [#fakeQuantize(Tensor, Tensor, QuantGrid, int)] with parameters that are trained.
  default Tensor learnedFakeQuantize(
      Tensor scale, Tensor zero, QuantGrid grid, int axis, double gradientFactor) {
    return quantize(new Quantize.LearnedFakeQuantize(grid, at(axis), gradientFactor), scale, zero);
  }

  /// Learned step size quantisation on a dividing grid.
  default Tensor lsqQuantize(Tensor scale, QuantGrid grid, int axis, double gradientFactor) {
    return quantize(new Quantize.LsqQuantize(grid, at(axis), gradientFactor), scale);
  }

  /// Clipped to `[0, alpha]` and onto `levels + 1` values.
  default Tensor pactQuantize(Tensor alpha, int levels) {
    return quantize(new Quantize.PactQuantize(levels), alpha);
  }
}
