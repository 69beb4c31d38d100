package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Op;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Binary]. Those of signs are conventions; those of the backward ops are
/// derivatives again.
final class BinaryVjp {
  private BinaryVjp() {}

  static List<@Nullable Tensor> vjp(Binary op, Pull pull) {
    return switch (op) {
      case Binary.SignBinarize(_, Binary.Surrogate surrogate) ->
          list(apply(new Binary.SignBinarizeBackward(surrogate), pull.in(0), pull.ct()));
      case Binary.RSign(_, Binary.Surrogate surrogate) ->
          all(new Binary.RSignBackward(surrogate), pull.in(0), pull.in(1), pull.ct());
      case Binary.RPRelu() ->
          all(new Binary.RPReluBackward(), pull.in(0), pull.in(1), pull.in(2), pull.ct());
      case Binary.BinarizeWeights(Binary.Signs signs, Binary.WeightGradient gradient) ->
          list(apply(new Binary.BinarizeWeightsBackward(signs, gradient), pull.in(0), pull.ct()));
      // Bits carry no gradient; alpha, which may be trained, gets its own.
      case Binary.PackSigns(), Binary.UnpackSigns _ -> pull.none();
      case Binary.XnorConv2d conv -> Rules.throughComposition(conv, conv, pull);
      case Binary.SignBinarizeBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Binary.RSignBackward backward -> Rules.throughComposition(backward, backward, pull);
      case Binary.RPReluBackward backward -> Rules.throughComposition(backward, backward, pull);
      case Binary.BinarizeWeightsBackward backward ->
          Rules.throughComposition(backward, backward, pull);
    };
  }

  private static List<@Nullable Tensor> all(Op op, Tensor... in) {
    return list(Interpreter.current().apply(op, List.of(in)).toArray(Tensor[]::new));
  }
}
