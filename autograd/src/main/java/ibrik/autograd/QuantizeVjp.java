package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import ibrik.tensor.op.Quantize.LearnedFakeQuantize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Quantize]: straight-through conventions, not derivatives. The rules of the
/// backward ops are derivatives again.
final class QuantizeVjp {
  private QuantizeVjp() {}

  static List<@Nullable Tensor> vjp(Quantize op, Pull pull) {
    return switch (op) {
      case Quantize.StraightThroughRound() -> list(pull.ct()); // round' = 1
      case Quantize.FakeQuantize(QuantGrid grid, int axis) -> fakeQuantize(grid, axis, pull);
      case Quantize.QuantizeInt8 _ -> pull.none();
      // Linear in dy, flat in the others.
      case Quantize.FakeQuantizeBackward backward ->
          list(null, null, null, apply(backward, pull.in(0), pull.in(1), pull.in(2), pull.ct()));
      case Quantize.FakeQuantizeParametersBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case LearnedFakeQuantize(QuantGrid grid, int axis, double factor) -> {
        Tensor scale = LearnedFakeQuantize.usable(pull.in(1));
        Tensor zero = LearnedFakeQuantize.usable(pull.in(2), grid);
        List<Tensor> all = parameters(grid, axis, pull.in(0), scale, zero, pull.ct());
        yield list(all.get(0), all.get(1).mul(factor), all.get(2).mul(factor));
      }
      case Quantize.LsqQuantize(QuantGrid grid, int axis, double factor) ->
          all(
              new Quantize.LsqQuantizeBackward(grid, axis, factor),
              pull.in(0),
              pull.in(1),
              pull.ct());
      case Quantize.LsqQuantizeBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Quantize.PactQuantize _ ->
          all(new Quantize.PactQuantizeBackward(), pull.in(0), pull.in(1), pull.ct());
      case Quantize.PactQuantizeBackward backward ->
          Rules.throughComposition(backward, backward, pull);
    };
  }

  /// The sums for scale and zero point are taken only where somebody wants them.
  private static List<@Nullable Tensor> fakeQuantize(QuantGrid grid, int axis, Pull pull) {
    Tensor x = pull.in(0);
    Tensor scale = pull.in(1);
    Tensor zero = pull.in(2);
    if (pull.needs(1) || pull.needs(2)) {
      List<Tensor> all = parameters(grid, axis, x, scale, zero, pull.ct());
      return list(all.get(0), all.get(1), all.get(2));
    }
    return list(
        apply(new Quantize.FakeQuantizeBackward(grid, axis), x, scale, zero, pull.ct()),
        null,
        null);
  }

  private static List<Tensor> parameters(
      QuantGrid grid, int axis, Tensor x, Tensor scale, Tensor zero, Tensor ct) {
    return Interpreter.current()
        .apply(
            new Quantize.FakeQuantizeParametersBackward(grid, axis), List.of(x, scale, zero, ct));
  }

  private static List<@Nullable Tensor> all(Op op, Tensor... in) {
    return list(Interpreter.current().apply(op, List.of(in)).toArray(Tensor[]::new));
  }
}
