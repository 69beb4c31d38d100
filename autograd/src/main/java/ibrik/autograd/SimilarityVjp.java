package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Similarity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Similarity]: fused ops that start from the saved loss; their own derivatives
/// go through their compositions.
final class SimilarityVjp {
  private SimilarityVjp() {}

  static List<@Nullable Tensor> vjp(Similarity op, Pull pull) {
    return switch (op) {
      case Similarity.NtXent(double temperature) ->
          fused(new Similarity.NtXentBackward(temperature), pull);
      // Usually the keys are constants, and half of the work is spared.
      case Similarity.InfoNce(double temperature) ->
          fused(
              pull.needs(1) || pull.needs(2)
                  ? new Similarity.InfoNceBackward(temperature)
                  : new Similarity.InfoNceBackwardQuery(temperature),
              pull);
      case Similarity.CosineRegression(double eps) -> {
        Op backward = new Similarity.CosineRegressionBackward(eps);
        Tensor x = pull.in(0);
        Tensor y = pull.in(1);
        yield list(
            pull.needs(0) ? apply(backward, x, y, pull.ct()) : null,
            pull.needs(1) ? apply(backward, y, x, pull.ct()) : null);
      }
      case Similarity.CosineRegressionBackward backward ->
          Rules.throughComposition(backward, backward, pull);
      case Similarity.NtXentBackward backward -> Rules.throughComposition(backward, backward, pull);
      case Similarity.InfoNceBackwardQuery backward ->
          Rules.throughComposition(backward, backward, pull);
      case Similarity.InfoNceBackward backward ->
          Rules.throughComposition(backward, backward, pull);
    };
  }

  /// What `backward` makes of the inputs, the loss and its cotangent: the gradients of the first
  /// inputs.
  private static List<@Nullable Tensor> fused(Op backward, Pull pull) {
    List<Tensor> in = new ArrayList<>(pull.in());
    in.add(pull.out(0));
    in.add(pull.ct());
    List<@Nullable Tensor> result = pull.none();
    List<Tensor> gradients = Interpreter.current().apply(backward, in);
    for (int i = 0; i < gradients.size(); i++) {
      result.set(i, gradients.get(i));
    }
    return result;
  }
}
