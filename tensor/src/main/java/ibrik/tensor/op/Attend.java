package ibrik.tensor.op;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Attention over `[B,H,T,D]`: batches, heads, tokens, numbers per head. The kernels keep no matrix
/// of tokens by tokens: the backward op computes it again from the queries, the keys and one
/// logarithm per row.
///
/// **Source** Vaswani et al. 2017, arXiv:1706.03762, eq. 1; the row logarithms are those of Dao et
/// al. 2022, arXiv:2205.14135, section 3.1.
public sealed interface Attend extends Op, Composite {
  /// `softmax(scale q k^T) v`, head by head: inputs `q [B,H,T,D]`, `k [B,H,S,D]`, `v [B,H,S,E]`;
  /// outputs `y [B,H,T,E]` and `lse [B,H,T]`, the logarithm of each row's sum of exponentials.
  record Attention(double scale) implements Attend {
    /// Checks the scale.
    public Attention {
      positive("attention", scale);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      heads(Check.of(this, in, "q", "k", "v"), in).done();
      TensorSpec q = in.getFirst();
      return List.of(q.with(q.shape().with(-1, in.get(2).shape().dim(-1))), rows(q));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor scores = in.get(0).matMul(in.get(1), false, true).mul(scale);
      Tensor most = scores.max(List.of(-1), true);
      Tensor e = scores.sub(most).exp();
      Tensor sum = e.sum(List.of(-1), true);
      Tensor lse = sum.log().add(most);
      return List.of(e.div(sum).matMul(in.get(2)), lse.reshape(lse.shape().without(-1)));
    }
  }

  /// The gradient of [Attention]: inputs `q`, `k`, `v`, `lse` as [Attention] gave it, `dy
  /// [B,H,T,E]`, `slope [B,H,T]`; outputs `dq`, `dk`, `dv`. With the probabilities `P = e^(scale q
  /// k^T - lse)` and `slope = sum dy y - dlse` row by row: `dS = scale P (dy v^T - slope)`, `dq =
  /// dS k`, `dk = dS^T q`, `dv = P^T dy`.
  record AttentionBackward(double scale) implements Attend {
    /// Checks the scale.
    public AttentionBackward {
      positive("attention_backward", scale);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "q", "k", "v", "lse", "dy", "slope");
      heads(check, in).done();
      TensorSpec q = in.getFirst();
      TensorSpec y = q.with(q.shape().with(-1, in.get(2).shape().dim(-1)));
      check
          .rule(
              in.get(3).equals(rows(q)) && in.get(5).equals(rows(q)),
              "lse and slope must be " + rows(q))
          .rule(in.get(4).equals(y), "dy must be " + y)
          .done();
      return in.subList(0, 3);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor q = in.get(0);
      Tensor k = in.get(1);
      Tensor dy = in.get(4);
      Tensor p = q.matMul(k, false, true).mul(scale).sub(column(in.get(3))).exp();
      Tensor ds = dy.matMul(in.get(2), false, true).sub(column(in.get(5))).mul(p).mul(scale);
      return List.of(ds.matMul(k), ds.matMul(q, true, false), p.matMul(dy, true, false));
    }
  }

  private static Check heads(Check check, List<TensorSpec> in) {
    check.floating(0).sameType(0, 1).sameType(0, 2).rank(0, 4).rank(1, 4).rank(2, 4).done();
    Shape q = in.get(0).shape();
    Shape k = in.get(1).shape();
    Shape v = in.get(2).shape();
    return check
        .rule(
            q.dim(0) == k.dim(0)
                && q.dim(0) == v.dim(0)
                && q.dim(1) == k.dim(1)
                && q.dim(1) == v.dim(1),
            "q, k and v must have one number of batches and heads")
        .rule(q.dim(3) == k.dim(3), "q and k must have one head size")
        .rule(k.dim(2) == v.dim(2), "k and v must have one number of tokens")
        .rule(k.dim(2) > 0, "k needs at least one token: no softmax over nothing");
  }

  private static TensorSpec rows(TensorSpec q) {
    return q.with(q.shape().without(-1));
  }

  private static Tensor column(Tensor rows) {
    return rows.reshape(Shape.of(rows.dim(0), rows.dim(1), rows.dim(2), 1));
  }

  private static void positive(String tag, double scale) {
    if (!(scale > 0) || Double.isInfinite(scale)) {
      throw new IllegalArgumentException("[" + tag + "] scale must be positive; got " + scale);
    }
  }
}
