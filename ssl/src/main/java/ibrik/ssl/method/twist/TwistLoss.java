package ibrik.ssl.method.twist;

import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The twin loss: distributions of two views agree, each is sharp, and their mean over the batch is
/// broad. Gradients flow through both arguments of every term.
///
/// With `P = softmax(x)`, `KL(P, Q) = 1/B sum P (ln P - ln Q)`, `EH(P) = -1/B sum P ln P`, `HE(P) =
/// -sum m ln m` of the mean `m` of P over the batch, and 1e-5 added inside each logarithm:
///
/// `l(a, b) = (KL(Pa, Pb) + KL(Pb, Pa)) / 2 + sharpness (EH(Pa) + EH(Pb)) / 2 - diversity (HE(Pa) +
/// HE(Pb)) / 2`
public final class TwistLoss {
  /// Inside each logarithm.
  static final double EPS = 1e-5;

  private TwistLoss() {}

  /// Mean of `l` over the pairs of each of the first two views with every later view: `2V - 3` of
  /// them.
  ///
  /// @param logits V tensors `[B, C]`, V at least 2
  /// @return 0-d, at least `-diversity min(ln B, ln C)`
  /// @throws IllegalArgumentException unless there are two views or more of one shape `[B, C]`
  public static Tensor of(List<Tensor> logits, double sharpness, double diversity) {
    check(logits);
    List<Side> sides = logits.stream().map(Side::of).toList();
    List<Tensor> pairs = new ArrayList<>();
    for (int a = 0; a < 2; a++) {
      for (int b = a + 1; b < sides.size(); b++) {
        Side one = sides.get(a);
        Side other = sides.get(b);
        Tensor entropies = one.sampleEntropy.add(other.sampleEntropy).mul(sharpness / 2);
        Tensor spread = one.meanEntropy.add(other.meanEntropy).mul(diversity / 2);
        pairs.add(one.divergence(other).add(entropies).sub(spread));
      }
    }
    return pairs.stream().reduce(Tensor::add).orElseThrow().div(pairs.size());
  }

  /// What the terms need of one view.
  private record Side(Tensor p, Tensor logP, Tensor sampleEntropy, Tensor meanEntropy) {
    static Side of(Tensor logits) {
      Tensor p = logits.softmax();
      Tensor logP = p.add(EPS).log();
      Tensor sharp = p.mul(logP).sum().div(-(double) logits.dim(0));
      Tensor mean = p.mean(List.of(0), false);
      return new Side(p, logP, sharp, mean.mul(mean.add(EPS).log()).sum().neg());
    }

    /// `(KL(P, Q) + KL(Q, P)) / 2 = 1/2B sum (P - Q) (ln P - ln Q)`.
    Tensor divergence(Side other) {
      return p.sub(other.p).mul(logP.sub(other.logP)).sum().div(2.0 * p.dim(0));
    }
  }

  private static void check(List<Tensor> logits) {
    boolean fits =
        logits.size() >= 2
            && logits.stream()
                .allMatch(x -> x.rank() == 2 && x.shape().equals(logits.getFirst().shape()));
    if (!fits) {
      throw new IllegalArgumentException(
          "[twist_loss] needs two views or more of one shape [B, C]; got "
              + logits.stream().map(Tensor::spec).toList());
    }
  }
}
