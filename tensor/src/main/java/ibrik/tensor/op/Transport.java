package ibrik.tensor.op;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Optimal transport: scores into soft assignments that use all classes evenly. Assignments are
/// targets, constants of a loss, so these ops have no gradient.
public sealed interface Transport extends Op, Composite {
  /// Codes of SwAV by Sinkhorn-Knopp: `scores [B,K]` of B samples against K prototypes to `codes
  /// [B,K]`. With `Q = e^(scores / epsilon)`, repeats: divide each prototype's column by its sum
  /// and by K, then each sample's row by its sum and by B; in the end multiplies by B. So every row
  /// of codes sums to 1, and the columns sum to about B/K, the closer the more iterations.
  ///
  /// **Math** in logarithms, which nothing can overflow: with `z = scores / epsilon`, `g = 0`,
  /// repeat `f_k = -ln K - ln sum_b e^(z_bk + g_b)`, `g_b = -ln B - ln sum_k e^(z_bk + f_k)`; codes
  /// `= B e^(z + f + g)`. A constant added to all scores changes nothing; one added to a single row
  /// does, after finitely many iterations.
  ///
  /// **Gradient** none. **Source** Caron et al. 2020, arXiv:2006.09882, section 3.1 and appendix A;
  /// Cuturi 2013, arXiv:1306.0895. A NaN anywhere makes every code NaN.
  ///
  /// @param epsilon smoothness, above 0: scores are divided by it
  /// @param iterations at least 1; the paper takes 3
  record SinkhornKnopp(double epsilon, int iterations) implements Transport {
    /// Checks the attributes.
    public SinkhornKnopp {
      if (!(epsilon > 0) || !Double.isFinite(epsilon)) {
        throw new IllegalArgumentException(
            "[sinkhorn_knopp] epsilon must be a number above 0; got " + epsilon);
      }
      if (iterations < 1) {
        throw new IllegalArgumentException(
            "[sinkhorn_knopp] iterations must be at least 1; got " + iterations);
      }
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "scores").floating().rank(0, 2).done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor z = in.getFirst().div(epsilon);
      double logSamples = Math.log(z.dim(0));
      double logPrototypes = Math.log(z.dim(1));
      Tensor scaled = z; // z + g
      Tensor shifted = z; // z + f
      for (int i = 0; i < iterations; i++) {
        shifted = z.sub(logSumExp(scaled, 0).add(logPrototypes));
        if (i + 1 < iterations) {
          scaled = z.sub(logSumExp(shifted, 1).add(logSamples));
        }
      }
      // The last g only makes the rows sum to 1.
      return List.of(shifted.softmax());
    }
  }

  private static Tensor logSumExp(Tensor x, int axis) {
    Tensor max = x.max(List.of(axis), true);
    return max.add(x.sub(max).exp().sum(List.of(axis), true).log());
  }
}
