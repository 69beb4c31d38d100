package ibrik.ssl.method.relicv2;

import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Each image must be told from some others by the target's embedding of another view, and how
/// likely it finds itself and them must not depend on the view.
///
/// With `p(. | i; o, t) = softmax(<o_i, t_j> / tau)` over the candidates `j`: the image `i` itself
/// and its negatives, the terms of a pair are `contrast * -mean ln p(i | i; o, t)` and `invariance
/// * mean KL(sg[p'] || p)`, where the reference `p'` is, for a large view `a` and a target `b`, p
///   of `a` and `b` and p itself is p of `b` and `a`; for a small view it is that of the large view
///   after `b` with target `b`. Gradients flow through p, not through `p'`.
///
/// @param temperature tau, above 0
/// @param contrast weight
/// @param invariance weight
/// @param sameCrop whether a large view is compared with its own target as well
public record RelicLoss(double temperature, double contrast, double invariance, boolean sameCrop) {
  /// Checks the temperature.
  public RelicLoss {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "[relic_loss] temperature must be a number above 0; got " + temperature);
    }
  }

  /// Mean over the pairs of a view and a target.
  ///
  /// @param online `[B, D]` of each view, rows of unit length, the large views first
  /// @param targets `[B, D]` of each of the L large views, constants; L at least 2
  /// @param negatives i32 `[B, N]`, for each image other ones
  /// @return 0-d; `contrast ln(N + 1)` where all embeddings are equal
  /// @throws IllegalArgumentException if shapes or L break these rules
  public Tensor of(List<Tensor> online, List<Tensor> targets, Tensor negatives) {
    check(online, targets, negatives);
    int large = targets.size();
    List<Candidates> candidates = targets.stream().map(t -> new Candidates(t, negatives)).toList();
    List<Tensor> terms = new ArrayList<>();
    for (int b = 0; b < large; b++) {
      for (int a = 0; a < large; a++) {
        if (a != b || sameCrop) {
          Tensor here = likelihoods(online.get(a), candidates.get(b));
          Tensor swapped = likelihoods(online.get(b), candidates.get(a));
          terms.add(term(here, here, swapped));
        }
      }
      Tensor reference = likelihoods(online.get((b + 1) % large), candidates.get(b));
      for (Tensor small : online.subList(large, online.size())) {
        Tensor here = likelihoods(small, candidates.get(b));
        terms.add(term(here, reference, here));
      }
    }
    return terms.stream().reduce(Tensor::add).orElseThrow().div(terms.size());
  }

  private Tensor term(Tensor picks, Tensor reference, Tensor learner) {
    Tensor fixed = reference.detach();
    double rows = picks.dim(0);
    Tensor divergence = fixed.exp().mul(fixed.sub(learner)).sum().div(rows);
    Tensor self = picks.narrow(1, 0, 1).sum().div(-rows);
    return self.mul(contrast).add(divergence.mul(invariance));
  }

  /// `ln p` over the image itself, then its negatives: `[B, 1 + N]`.
  private Tensor likelihoods(Tensor online, Candidates among) {
    long batch = online.dim(0);
    Tensor self = online.mul(among.self).sum(List.of(1), true);
    Tensor rest = among.others.matMul(online.reshape(batch, online.dim(1), 1));
    return LayoutOps.concat(1, List.of(self, rest.reshape(batch, rest.dim(1))))
        .div(temperature)
        .logSoftmax();
  }

  /// Target embeddings of each image `[B, D]` and of its negatives `[B, N, D]`.
  private static final class Candidates {
    final Tensor self;
    final Tensor others;

    Candidates(Tensor targets, Tensor negatives) {
      self = targets.detach();
      others =
          self.gather(negatives.reshape(negatives.elems()))
              .reshape(negatives.dim(0), negatives.dim(1), targets.dim(1));
    }
  }

  private static void check(List<Tensor> online, List<Tensor> targets, Tensor negatives) {
    boolean fits =
        targets.size() >= 2
            && online.size() >= targets.size()
            && negatives.rank() == 2
            && targets.getFirst().rank() == 2
            && negatives.dim(0) == targets.getFirst().dim(0)
            && java.util.stream.Stream.concat(online.stream(), targets.stream())
                .allMatch(x -> x.shape().equals(targets.getFirst().shape()));
    if (!fits) {
      throw new IllegalArgumentException(
          "[relic_loss] needs embeddings [B, D] of all views, of 2 targets or more, and negatives"
              + " [B, N]; got online: "
              + online.stream().map(Tensor::spec).toList()
              + ", targets: "
              + targets.stream().map(Tensor::spec).toList()
              + ", negatives: "
              + negatives.spec());
    }
  }
}
