package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Interpreter;
import java.util.Arrays;
import java.util.List;

/// Fused losses of similarities between embeddings, one value per row, unreduced. Their kernels
/// keep no matrix of similarities: the backward ops compute it again, strip by strip, from the
/// embeddings and the row's loss. So a step costs one matrix product more than with the matrix
/// kept, and memory for the embeddings only.
public sealed interface Similarity extends Op, Composite {
  /// Guards the squared length of a row: rows are divided by `sqrt(max(|z|^2, GUARD))`.
  double GUARD = 1e-12;

  /// Normalised temperature-scaled cross entropy: inputs `z1 [B,D]`, `z2 [B,D]`, not normalised;
  /// output `[2B]`, first the rows of z1, then those of z2. With `n` the rows of both at unit
  /// length and `s_ij = n_i . n_j / temperature`, row i costs `-s_ip + ln sum_{j != i} e^(s_ij)`,
  /// where p is the other view of the same image. All rows equal: `ln(2B - 1)`.
  ///
  /// **Source** Chen et al. 2020, arXiv:2002.05709, eq. 1.
  record NtXent(double temperature) implements Similarity {
    /// Checks the temperature.
    public NtXent {
      positive("nt_xent", temperature);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      views(Check.of(this, in, "z1", "z2"), in);
      return List.of(in.getFirst().with(Shape.of(2 * in.getFirst().shape().dim(0))));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor n = LayoutOps.concat(0, in).l2Normalize(GUARD);
      Tensor scores = n.matMul(n, false, true).div(temperature);
      return List.of(scores.add(never(n, temperature)).softmaxCrossEntropy(partners(n)));
    }
  }

  /// The gradient of [NtXent]: inputs `z1`, `z2`, `loss [2B]` as [NtXent] gave it, `dloss [2B]`;
  /// outputs `dz1`, `dz2`. `d s_ij = dloss_i (e^(s_ij - s_ip - loss_i) - [j = p])`.
  record NtXentBackward(double temperature) implements Similarity {
    /// Checks the temperature.
    public NtXentBackward {
      positive("nt_xent_backward", temperature);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "z1", "z2", "loss", "dloss");
      views(check, in);
      TensorSpec rows = in.getFirst().with(Shape.of(2 * in.getFirst().shape().dim(0)));
      check
          .rule(in.get(2).equals(rows) && in.get(3).equals(rows), "loss and dloss must be " + rows)
          .done();
      return in.subList(0, 2);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor z = LayoutOps.concat(0, in.subList(0, 2));
      Tensor n = z.l2Normalize(GUARD);
      long rows = z.dim(0);
      Tensor partners = partners(n);
      Tensor partner = n.mul(n.gather(partners)).sum(List.of(1), true).div(temperature);
      Tensor scores = n.matMul(n, false, true).div(temperature).add(never(n, temperature));
      Tensor p = scores.sub(partner).sub(in.get(2).reshape(rows, 1)).exp();
      Tensor ds =
          p.sub(partners.oneHot(Math.toIntExact(rows), n.dtype()))
              .mul(in.get(3).reshape(rows, 1).div(temperature));
      // A score depends on its row and on its column.
      Tensor dn = ds.matMul(n).add(ds.matMul(n, true, false));
      Tensor dz =
          Interpreter.current().apply1(new Normalize.L2NormalizeBackward(GUARD), List.of(z, dn));
      return List.of(dz.narrow(0, 0, rows / 2), dz.narrow(0, rows / 2, rows / 2));
    }
  }

  /// InfoNCE against a queue: inputs `q [B,D]`, `k [B,D]`, `queue [K,D]`, taken as they are (MoCo
  /// normalises all three beforehand); output `[B]`. Row i costs `-s_i + ln(e^(s_i) + sum_j e^(q_i
  /// . queue_j / temperature))` with `s_i = q_i . k_i / temperature`.
  ///
  /// **Source** He et al. 2020, arXiv:1911.05722, eq. 1; van den Oord et al. 2018,
  /// arXiv:1807.03748, eq. 4.
  record InfoNce(double temperature) implements Similarity {
    /// Checks the temperature.
    public InfoNce {
      positive("info_nce", temperature);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      keys(Check.of(this, in, "q", "k", "queue"), in);
      return List.of(in.getFirst().with(Shape.of(in.getFirst().shape().dim(0))));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor logits =
          LayoutOps.concat(1, List.of(positive(in, temperature), queued(in).div(temperature)));
      return List.of(logits.logSoftmax().narrow(1, 0, 1).neg().reshape(in.getFirst().dim(0)));
    }
  }

  /// The gradient of [InfoNce] for q alone, where keys are constants: inputs `q`, `k`, `queue`,
  /// `loss [B]` as [InfoNce] gave it, `dloss [B]`; output `dq [B,D]`.
  record InfoNceBackwardQuery(double temperature) implements Similarity {
    /// Checks the temperature.
    public InfoNceBackwardQuery {
      positive("info_nce_backward_query", temperature);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      keysAndLoss(Check.of(this, in, "q", "k", "queue", "loss", "dloss"), in);
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(query(in, chosen(in), others(in, temperature), temperature));
    }
  }

  /// All gradients of [InfoNce]: inputs `q`, `k`, `queue`, `loss [B]` as [InfoNce] gave it, `dloss
  /// [B]`; outputs `dq [B,D]`, `dk [B,D]`, `dqueue [K,D]`.
  record InfoNceBackward(double temperature) implements Similarity {
    /// Checks the temperature.
    public InfoNceBackward {
      positive("info_nce_backward", temperature);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      keysAndLoss(Check.of(this, in, "q", "k", "queue", "loss", "dloss"), in);
      return in.subList(0, 3);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor chosen = chosen(in);
      Tensor others = others(in, temperature);
      Tensor weighted = in.getFirst().mul(column(in.get(4)).div(temperature));
      return List.of(
          query(in, chosen, others, temperature),
          weighted.mul(chosen),
          others.matMul(weighted, true, false));
    }
  }

  /// `|n(x) - n(y)|^2 = 2 - 2 cos(x, y)` per row: inputs `x [B,D]`, `y [B,D]`; output `[B]`, in
  /// `[0, 4]`; with `n(u) = u / sqrt(max(|u|^2, eps))`, a row of zeros costs 2.
  ///
  /// **Source** Grill et al. 2020, arXiv:2006.07733, eq. 2.
  record CosineRegression(double eps) implements Similarity {
    /// Checks eps.
    public CosineRegression {
      guard("cosine_regression", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "y").floating();
      rows(check, in);
      return List.of(in.getFirst().with(Shape.of(in.getFirst().shape().dim(0))));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor cosine =
          in.get(0).l2Normalize(eps).mul(in.get(1).l2Normalize(eps)).sum(List.of(1), false);
      return List.of(cosine.mul(-2).add(2));
    }
  }

  /// The gradient of [CosineRegression] for its first input; that for the second is the same with
  /// the inputs exchanged. Inputs `x`, `y`, `dloss [B]`; output `dx`.
  record CosineRegressionBackward(double eps) implements Similarity {
    /// Checks eps.
    public CosineRegressionBackward {
      guard("cosine_regression_backward", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "y", "dloss").floating();
      rows(check, in);
      TensorSpec rows = in.getFirst().with(Shape.of(in.getFirst().shape().dim(0)));
      check.rule(in.get(2).equals(rows), "dloss must be " + rows).done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor dn = in.get(1).l2Normalize(eps).mul(column(in.get(2)).mul(-2));
      return Interpreter.current()
          .apply(new Normalize.L2NormalizeBackward(eps), List.of(in.getFirst(), dn));
    }
  }

  private static void rows(Check check, List<TensorSpec> in) {
    check
        .rule(
            in.get(0).shape().rank() == 2 && in.get(0).equals(in.get(1)),
            "x and y must have one shape [B, D]")
        .done();
  }

  private static void guard(String tag, double eps) {
    if (!(eps > 0)) {
      throw new IllegalArgumentException("[" + tag + "] eps must be positive; got " + eps);
    }
  }

  private static void views(Check check, List<TensorSpec> in) {
    check
        .floating()
        .rule(
            in.get(0).shape().rank() == 2 && in.get(0).equals(in.get(1)),
            "embeddings must have one shape [B, D]")
        .done();
    check.rule(in.getFirst().shape().dim(0) > 0, "z1 needs at least one row").done();
  }

  private static void keys(Check check, List<TensorSpec> in) {
    check.floating().rank(0, 2).rank(2, 2).sameType(0, 2);
    check.rule(in.get(0).equals(in.get(1)), "q and k must have one type and shape").done();
    check
        .rule(
            in.get(0).shape().dim(1) == in.get(2).shape().dim(1), "q and queue must have one width")
        .done();
  }

  private static void keysAndLoss(Check check, List<TensorSpec> in) {
    keys(check, in);
    TensorSpec rows = in.getFirst().with(Shape.of(in.getFirst().shape().dim(0)));
    check
        .rule(in.get(3).equals(rows) && in.get(4).equals(rows), "loss and dloss must be " + rows)
        .done();
  }

  /// In the place of minus infinity on the diagonal: far below every score, which lie within 1 /
  /// temperature.
  private static Tensor never(Tensor n, double temperature) {
    int rows = Math.toIntExact(n.dim(0));
    return Tensors.iota(rows, DType.I32, n.device())
        .oneHot(rows, n.dtype())
        .mul(-1e9 - 2 / temperature);
  }

  /// Row `i` and row `i + B` are two views of one image.
  private static Tensor partners(Tensor n) {
    int[] partner = new int[Math.toIntExact(n.dim(0))];
    Arrays.setAll(partner, i -> (i + partner.length / 2) % partner.length);
    return Tensor.of(partner, partner.length).to(n.device());
  }

  private static Tensor column(Tensor rows) {
    return rows.reshape(rows.elems(), 1);
  }

  private static Tensor positive(List<Tensor> in, double temperature) {
    return in.get(0).mul(in.get(1)).sum(List.of(1), true).div(temperature);
  }

  private static Tensor queued(List<Tensor> in) {
    return in.get(0).matMul(in.get(2), false, true);
  }

  /// Probability of the right key, less 1.
  private static Tensor chosen(List<Tensor> in) {
    return column(in.get(3)).neg().exp().sub(1);
  }

  /// Probabilities of the keys in the queue.
  private static Tensor others(List<Tensor> in, double temperature) {
    return queued(in).div(temperature).sub(positive(in, temperature)).sub(column(in.get(3))).exp();
  }

  /// The gradient of the queries.
  private static Tensor query(List<Tensor> in, Tensor chosen, Tensor others, double temperature) {
    Tensor pull = in.get(1).mul(chosen).add(others.matMul(in.get(2)));
    return pull.mul(column(in.get(4)).div(temperature));
  }

  private static void positive(String tag, double temperature) {
    if (!(temperature > 0) || !Double.isFinite(temperature)) {
      throw new IllegalArgumentException(
          "[" + tag + "] temperature must be a number above 0; got " + temperature);
    }
  }
}
