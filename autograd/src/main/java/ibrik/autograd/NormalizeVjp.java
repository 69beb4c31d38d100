package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Normalize;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Normalize].
final class NormalizeVjp {
  private NormalizeVjp() {}

  static List<@Nullable Tensor> vjp(Normalize op, Pull pull) {
    return switch (op) {
      // y (ct - <y, ct>)
      case Normalize.Softmax() -> {
        Tensor y = pull.out(0);
        Tensor along = y.mul(pull.ct()).sum(List.of(-1), true);
        yield list(y.mul(pull.ct().sub(along)));
      }
      // ct - softmax <1, ct>
      case Normalize.LogSoftmax() ->
          list(pull.ct().sub(pull.out(0).exp().mul(pull.ct().sum(List.of(-1), true))));
      case Normalize.L2Normalize(double eps) ->
          list(apply(new Normalize.L2NormalizeBackward(eps), pull.in(0), pull.ct()));
      case Normalize.BatchNorm batchNorm -> batchNorm(batchNorm, pull);
      case Normalize.LayerNorm(double eps) -> {
        List<Tensor> in = new ArrayList<>(List.of(pull.in(0), pull.ct()));
        in.addAll(pull.in().stream().skip(1).limit(1).toList()); // gamma
        List<@Nullable Tensor> result = pull.none();
        List<Tensor> all = Interpreter.current().apply(new Normalize.LayerNormBackward(eps), in);
        for (int i = 0; i < all.size(); i++) {
          result.set(i, all.get(i));
        }
        yield result;
      }
      case Normalize.LayerNormBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Normalize.L2NormalizeBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Normalize.BatchNormBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Normalize.BatchNormInference inference ->
          Rules.throughComposition(inference, inference, pull);
    };
  }

  /// Through y by the fused kernel; through the statistics by `mean' = 1/m` and `variance' = 2 (x -
  /// mean) / m` (only second derivatives come that way).
  private static List<@Nullable Tensor> batchNorm(Normalize.BatchNorm op, Pull pull) {
    Tensor x = pull.in(0);
    List<@Nullable Tensor> result = pull.none();
    Tensor dy = pull.ctOrNull(0);
    if (dy != null) {
      List<Tensor> all =
          Interpreter.current()
              .apply(
                  new Normalize.BatchNormBackward(op.eps()),
                  List.of(x, pull.in(1), pull.out(1), pull.out(2), dy));
      for (int i = 0; i < 3; i++) {
        result.set(i, all.get(i));
      }
    }
    double count = (double) x.elems() / x.dim(-1);
    Tensor dMean = pull.ctOrNull(1);
    if (dMean != null) {
      result.set(0, plus(result.get(0), dMean.mul(1 / count).broadcastTo(x.shape())));
    }
    Tensor dVariance = pull.ctOrNull(2);
    if (dVariance != null) {
      Tensor centred = x.sub(x.mean(IntStream.range(0, x.rank() - 1).boxed().toList(), false));
      result.set(0, plus(result.get(0), centred.mul(dVariance.mul(2 / count))));
    }
    return result;
  }

  private static Tensor plus(@Nullable Tensor sum, Tensor term) {
    return sum == null ? term : sum.add(term);
  }
}
