package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Interpreter;
import java.util.List;

/// Fused losses on statistics of a batch `[B,D]` of embeddings, one value per dimension, unreduced.
/// Their kernels keep no `[D,D]` matrix: it is computed strip by strip, and again for the gradient;
/// small batches may do without it.
public sealed interface Redundancy extends Op, Composite {
  /// Rows of the loss of Barlow Twins: inputs `z1 [B,D]`, `z2 [B,D]`; output `[D]`; the loss is its
  /// sum. With both standardised over the batch, `(z - mean) / sqrt(variance + eps)` (biased
  /// variance), and `C = z1^T z2 / B`, row i is `(1 - C_ii)^2 + lambda sum_{j != i} C_ij^2`.
  ///
  /// **Source** Zbontar et al. 2021, arXiv:2103.03230, eq. 1 and 2; their lambda is 0.005.
  ///
  /// @param lambda weight of the redundancy, at least 0
  /// @param eps guard of the variance, above 0
  record BarlowTwins(double lambda, double eps) implements Redundancy {
    /// Checks the attributes.
    public BarlowTwins {
      barlowTwins("barlow_twins", lambda, eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      twins(Check.of(this, in, "z1", "z2").floating(), in);
      return List.of(perDimension(in));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor c = correlation(standard(in.get(0), eps), standard(in.get(1), eps));
      Tensor eye = eye(c);
      Tensor diagonal = c.mul(eye).sum(List.of(1), false);
      Tensor others = c.sub(c.mul(eye)).square().sum(List.of(1), false);
      return List.of(diagonal.sub(1).square().add(others.mul(lambda)));
    }
  }

  /// The gradient of [BarlowTwins]: inputs `z1`, `z2`, `dloss [D]`; outputs `dz1`, `dz2`.
  record BarlowTwinsBackward(double lambda, double eps) implements Redundancy {
    /// Checks the attributes.
    public BarlowTwinsBackward {
      barlowTwins("barlow_twins_backward", lambda, eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "z1", "z2", "dloss").floating();
      twins(check, in);
      check.rule(in.get(2).equals(perDimension(in)), "dloss must be " + perDimension(in)).done();
      return in.subList(0, 2);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      List<Tensor> one = statistics(in.get(0), eps);
      List<Tensor> two = statistics(in.get(1), eps);
      Tensor c = correlation(one.get(0), two.get(0));
      // 2 lambda C_ij, on the diagonal 2 (C_ii - 1)
      Tensor slope = c.mul(2 * lambda).add(eye(c).mul(c.mul(2 - 2 * lambda).sub(2)));
      Tensor dc = slope.mul(column(in.get(2)).div(in.getFirst().dim(0)));
      Tensor d1 = two.getFirst().matMul(dc, false, true);
      Tensor d2 = one.getFirst().matMul(dc);
      return List.of(destandard(in.get(0), one, d1), destandard(in.get(1), two, d2));
    }

    private Tensor destandard(Tensor z, List<Tensor> statistics, Tensor dy) {
      Tensor ones = Tensors.onesLike(statistics.get(1));
      return Interpreter.current()
          .apply(
              new Normalize.BatchNormBackward(eps),
              List.of(z, ones, statistics.get(1), statistics.get(2), dy))
          .getFirst();
    }
  }

  /// Hinge on the spread of each dimension: input `z [B,D]`, output `[D]`: `max(0, target -
  /// sqrt(variance + eps))` with the unbiased variance over the batch.
  ///
  /// **Source** VICReg, Bardes et al. 2022, arXiv:2105.04906, eq. 1 and 2: target 1, eps 0.0001;
  /// their loss is the mean over the dimensions.
  ///
  /// @param target standard deviation at which a dimension costs nothing
  /// @param eps guard of the variance, above 0
  record VicregVariance(double target, double eps) implements Redundancy {
    /// Checks eps.
    public VicregVariance {
      positive("vicreg_variance", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      pairs(Check.of(this, in, "z").floating(), in);
      return List.of(perDimension(in));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(deviation(centred(in.getFirst()), eps).neg().add(target).relu());
    }
  }

  /// The gradient of [VicregVariance]: inputs `z`, `dloss [D]`; output `dz = -dloss (z - mean) /
  /// ((B - 1) deviation)` where the deviation is below the target, else 0.
  record VicregVarianceBackward(double target, double eps) implements Redundancy {
    /// Checks eps.
    public VicregVarianceBackward {
      positive("vicreg_variance_backward", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "z", "dloss").floating();
      pairs(check, in);
      check.rule(in.get(1).equals(perDimension(in)), "dloss must be " + perDimension(in)).done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor centred = centred(in.getFirst());
      Tensor deviation = deviation(centred, eps);
      Tensor limit = Tensors.full(deviation.spec(), target, deviation.device());
      Tensor active = deviation.less(limit).cast(deviation.dtype());
      Tensor factor = in.get(1).mul(active).div(deviation).div(1.0 - centred.dim(0));
      return List.of(centred.mul(factor));
    }
  }

  /// Covariances of each dimension with the others: input `z [B,D]`, output `[D]`: `sum_{j != i}
  /// Cov_ij^2` with the unbiased covariance over the batch.
  ///
  /// **Source** VICReg, Bardes et al. 2022, arXiv:2105.04906, eq. 3 and 4; their loss is the mean
  /// over the dimensions.
  record VicregCovariance() implements Redundancy {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      pairs(Check.of(this, in, "z").floating(), in);
      return List.of(perDimension(in));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(others(centred(in.getFirst())).square().sum(List.of(1), false));
    }
  }

  /// The gradient of [VicregCovariance]: inputs `z`, `dloss [D]`; output `dz = (z - mean) H`, `H_ij
  /// = 2 (dloss_i + dloss_j) Cov_ij / (B - 1)` off the diagonal.
  record VicregCovarianceBackward() implements Redundancy {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "z", "dloss").floating();
      pairs(check, in);
      check.rule(in.get(1).equals(perDimension(in)), "dloss must be " + perDimension(in)).done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor centred = centred(in.getFirst());
      Tensor weights = in.get(1).add(column(in.get(1))).mul(2 / (centred.dim(0) - 1.0));
      // The columns of the product sum to 0, as those of the centred rows do.
      return List.of(centred.matMul(others(centred).mul(weights)));
    }
  }

  private static void twins(Check check, List<TensorSpec> in) {
    check
        .rule(
            in.get(0).shape().rank() == 2 && in.get(0).equals(in.get(1)),
            "embeddings must have one shape [B, D]")
        .done();
    check.rule(in.getFirst().shape().elems() > 0, "embeddings must not be empty").done();
  }

  private static void pairs(Check check, List<TensorSpec> in) {
    check.rank(0, 2).done();
    Shape z = in.getFirst().shape();
    check
        .rule(z.dim(0) >= 2, "z needs at least two rows: the variance divides by B - 1")
        .rule(z.dim(1) >= 1, "z needs at least one dimension")
        .done();
  }

  private static TensorSpec perDimension(List<TensorSpec> in) {
    return in.getFirst().with(Shape.of(in.getFirst().shape().dim(1)));
  }

  /// The standardised batch, mean and variance.
  private static List<Tensor> statistics(Tensor z, double eps) {
    TensorSpec dimensions = z.spec().with(Shape.of(z.dim(1)));
    return z.batchNorm(
        Tensors.full(dimensions, 1, z.device()), Tensors.zeros(dimensions, z.device()), eps);
  }

  private static Tensor standard(Tensor z, double eps) {
    return statistics(z, eps).getFirst();
  }

  private static Tensor correlation(Tensor a, Tensor b) {
    return a.matMul(b, true, false).div(a.dim(0));
  }

  private static Tensor eye(Tensor square) {
    int size = Math.toIntExact(square.dim(0));
    return Tensors.iota(size, DType.I32, square.device()).oneHot(size, square.dtype());
  }

  private static Tensor column(Tensor x) {
    return x.reshape(x.elems(), 1);
  }

  private static Tensor centred(Tensor z) {
    return z.sub(z.mean(List.of(0), false));
  }

  private static Tensor deviation(Tensor centred, double eps) {
    Tensor variance = centred.square().sum(List.of(0), false).div(centred.dim(0) - 1.0);
    return variance.add(eps).sqrt();
  }

  /// Covariances with zeros on the diagonal.
  private static Tensor others(Tensor centred) {
    Tensor all = centred.matMul(centred, true, false).div(centred.dim(0) - 1.0);
    return all.sub(all.mul(eye(all)));
  }

  private static void barlowTwins(String tag, double lambda, double eps) {
    if (!(lambda >= 0) || !Double.isFinite(lambda)) {
      throw new IllegalArgumentException(
          "[" + tag + "] lambda must be a number of at least 0; got " + lambda);
    }
    positive(tag, eps);
  }

  private static void positive(String tag, double eps) {
    if (!(eps > 0)) {
      throw new IllegalArgumentException("[" + tag + "] eps must be positive; got " + eps);
    }
  }
}
