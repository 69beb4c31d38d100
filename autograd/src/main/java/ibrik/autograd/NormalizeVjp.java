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
      case Normalize.BatchNorm(double eps) -> {
        List<@Nullable Tensor> result = pull.none();
        Tensor dy = pull.ctOrNull(0);
        if (dy != null) {
          List<Tensor> in = List.of(pull.in(0), pull.in(1), pull.out(1), pull.out(2), dy);
          fill(result, new Normalize.BatchNormBackward(eps), in);
        }
        yield throughStatistics(result, pull);
      }
      case Normalize.BatchNormRelu(double eps, boolean residual) -> {
        List<@Nullable Tensor> result = pull.none();
        Tensor dy = pull.ctOrNull(0);
        if (dy != null) {
          // Nothing flows to a residual that needs no gradient: then it is not written.
          boolean asked = residual && pull.needs(3);
          List<Tensor> in =
              List.of(pull.in(0), pull.in(1), pull.out(1), pull.out(2), pull.out(0), dy);
          fill(result, new Normalize.BatchNormReluBackward(eps, asked), in);
        }
        yield throughStatistics(result, pull);
      }
      case Normalize.LayerNorm(double eps) -> {
        List<Tensor> in = new ArrayList<>(List.of(pull.in(0), pull.ct()));
        in.addAll(pull.in().stream().skip(1).limit(1).toList()); // gamma
        yield fill(pull.none(), new Normalize.LayerNormBackward(eps), in);
      }
      case Normalize.LayerNormBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Normalize.L2NormalizeBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Normalize.BatchNormBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Normalize.BatchNormReluBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Normalize.BatchNormInference inference ->
          Rules.throughComposition(inference, inference, pull);
    };
  }

  /// The outputs of `backward`, one after the other.
  private static List<@Nullable Tensor> fill(
      List<@Nullable Tensor> result, Normalize backward, List<Tensor> in) {
    List<Tensor> all = Interpreter.current().apply(backward, in);
    for (int i = 0; i < all.size(); i++) {
      result.set(i, all.get(i));
    }
    return result;
  }

  /// Adds what comes through the mean and the variance, outputs 1 and 2: `mean' = 1/m`, `variance'
  /// = 2 (x - mean) / m` (only second derivatives come that way).
  private static List<@Nullable Tensor> throughStatistics(
      List<@Nullable Tensor> result, Pull pull) {
    Tensor x = pull.in(0);
    double count = (double) x.elems() / x.dim(-1);
    Tensor dMean = pull.ctOrNull(1);
    if (dMean != null) {
      Tensor term = dMean.mul(1 / count).broadcastTo(x.shape());
      result.set(0, plus(result.get(0), term.as(x.dtype())));
    }
    Tensor dVariance = pull.ctOrNull(2);
    if (dVariance != null) {
      Tensor wide = x.as(x.dtype().wide());
      List<Integer> axes = IntStream.range(0, x.rank() - 1).boxed().toList();
      Tensor term = wide.sub(wide.mean(axes, false)).mul(dVariance.mul(2 / count));
      result.set(0, plus(result.get(0), term.as(x.dtype())));
    }
    return result;
  }

  private static Tensor plus(@Nullable Tensor sum, Tensor term) {
    return sum == null ? term : sum.add(term);
  }
}
