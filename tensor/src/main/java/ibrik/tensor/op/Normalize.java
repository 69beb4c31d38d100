package ibrik.tensor.op;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.exec.Interpreter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Fused normalisations over channels, rows or batches. Each carries its composed definition.
///
/// Batch normalisations of bf16 and f16 compute in f32 and round once, at the end: what belongs to
/// the channels (gamma, beta, statistics and their gradients) is f32, and all that has the shape of
/// x has the type of x.
public sealed interface Normalize extends Op, Composite {
  /// `e^(x - max) / sum e^(x - max)` over the last axis.
  record Softmax() implements Normalize {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return rows(this, in);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.getFirst();
      Tensor e = x.sub(x.max(List.of(-1), true)).exp();
      return List.of(e.div(e.sum(List.of(-1), true)));
    }
  }

  /// `x - max - ln sum e^(x - max)` over the last axis.
  record LogSoftmax() implements Normalize {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return rows(this, in);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.getFirst();
      Tensor shifted = x.sub(x.max(List.of(-1), true));
      return List.of(shifted.sub(shifted.exp().sum(List.of(-1), true).log()));
    }
  }

  /// Rows of unit length: `x / sqrt(max(sum x^2, eps))` over the last axis. The guard is that of
  /// BYOL (Grill et al. 2020, arXiv:2006.07733).
  record L2Normalize(double eps) implements Normalize {
    /// Checks eps.
    public L2Normalize {
      positive("l2_normalize", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      return rows(this, in);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.getFirst();
      return List.of(
          x.mul(x.square().sum(List.of(-1), true).clamp(eps, Double.POSITIVE_INFINITY).rsqrt()));
    }
  }

  /// The gradient of [L2Normalize]: inputs `x`, `dy`; with `y` the unit row and `s = sum x^2`, `dx
  /// = (dy - y (y . dy)) / sqrt(s)` where `s >= eps`, else `dy / sqrt(eps)`.
  record L2NormalizeBackward(double eps) implements Normalize {
    /// Checks eps.
    public L2NormalizeBackward {
      positive("l2_normalize_backward", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x", "dy")
          .floating()
          .rule(in.get(0).equals(in.get(1)), "x and dy must have one type and shape")
          .rule(in.get(0).shape().rank() >= 1, "x must have at least one axis")
          .done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.get(0);
      Tensor dy = in.get(1);
      Tensor s = x.square().sum(List.of(-1), true);
      Tensor floor = s.mul(0).add(eps);
      Tensor r = s.maximum(floor).rsqrt();
      Tensor y = x.mul(r);
      Tensor along = y.mul(dy).sum(List.of(-1), true);
      Tensor outside = s.greaterEqual(floor).cast(x.dtype());
      return List.of(dy.sub(y.mul(along).mul(outside)).mul(r));
    }
  }

  /// Batch normalisation with the statistics of the batch: inputs `x [*,C]`, `gamma [C]`, `beta
  /// [C]`; outputs `y [*,C]`, `mean [C]`, `variance [C]` (biased), taken over all axes but the
  /// last. `y = (x - mean) / sqrt(variance + eps) * gamma + beta`. Two passes, never `E[x^2] -
  /// mean^2`.
  ///
  /// **Source** Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1.
  record BatchNorm(double eps) implements Normalize {
    /// Checks eps.
    public BatchNorm {
      positive("batch_norm", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "gamma", "beta").floating();
      check.rule(in.getFirst().shape().rank() >= 2, "x must have at least 2 axes").done();
      TensorSpec channels = channels(in.getFirst());
      check
          .rule(
              in.subList(1, 3).stream().allMatch(channels::equals),
              "gamma and beta must be " + channels + ", the last axis of x")
          .rule(in.getFirst().elems() > 0, "x must not be empty: no statistics over no elements")
          .done();
      return List.of(in.getFirst(), channels, channels);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = wide(in.get(0));
      List<Integer> axes = allButLast(x);
      Tensor mean = x.mean(axes, false);
      Tensor centred = x.sub(mean);
      Tensor variance = centred.square().mean(axes, false);
      Tensor y = centred.mul(variance.add(eps).rsqrt()).mul(in.get(1)).add(in.get(2));
      return List.of(y.as(in.get(0).dtype()), mean, variance);
    }
  }

  /// The gradient of [BatchNorm] through `y`, with the statistics as functions of x: inputs `x`,
  /// `gamma`, `mean`, `variance`, `dy`; outputs `dx`, `dgamma`, `dbeta`.
  record BatchNormBackward(double eps) implements Normalize {
    /// Checks eps.
    public BatchNormBackward {
      positive("batch_norm_backward", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check =
          Check.of(this, in, "x", "gamma", "mean", "variance", "dy")
              .floating()
              .rule(in.get(0).equals(in.get(4)), "x and dy must have one type and shape");
      check.rule(in.get(0).shape().rank() >= 2, "x must have at least 2 axes").done();
      TensorSpec channels = channels(in.get(0));
      check
          .rule(
              in.subList(1, 4).stream().allMatch(channels::equals),
              "gamma, mean and variance must be " + channels)
          .rule(in.get(0).elems() > 0, "x must not be empty")
          .done();
      return List.of(in.get(0), channels, channels);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = wide(in.get(0));
      Tensor dy = wide(in.get(4));
      List<Integer> axes = allButLast(x);
      double count = (double) x.elems() / x.dim(-1);
      Tensor r = in.get(3).add(eps).rsqrt();
      Tensor xHat = x.sub(in.get(2)).mul(r);
      Tensor dbeta = dy.sum(axes, false);
      Tensor dgamma = dy.mul(xHat).sum(axes, false);
      Tensor dx =
          dy.sub(dbeta.mul(1 / count)).sub(xHat.mul(dgamma.mul(1 / count))).mul(in.get(1).mul(r));
      return List.of(dx.as(in.get(0).dtype()), dgamma, dbeta);
    }
  }

  /// Batch normalisation, then the sum with a residual if there is one, then ReLU: inputs `x
  /// [*,C]`, `gamma [C]`, `beta [C]` and, with `residual`, `residual [*,C]`; outputs `y [*,C]`,
  /// `mean [C]`, `variance [C]` as those of [BatchNorm]. `y = max(batch_norm(x) + residual, 0)`;
  /// NaN stays. Alone, the sum and the ReLU would each read and write the whole activation once
  /// more.
  ///
  /// **Source** the end of each layer and of each block of He et al. 2016, arXiv:1512.03385, figure
  /// 2.
  record BatchNormRelu(double eps, boolean residual) implements Normalize {
    /// Checks eps.
    public BatchNormRelu {
      positive("batch_norm_relu", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check =
          residual
              ? Check.of(this, in, "x", "gamma", "beta", "residual")
              : Check.of(this, in, "x", "gamma", "beta");
      check.floating();
      check.rule(in.getFirst().shape().rank() >= 2, "x must have at least 2 axes").done();
      TensorSpec channels = channels(in.getFirst());
      check
          .rule(
              in.subList(1, 3).stream().allMatch(channels::equals),
              "gamma and beta must be " + channels + ", the last axis of x")
          .rule(
              !residual || in.getLast().equals(in.getFirst()),
              "residual must have the type and shape of x")
          .rule(in.getFirst().elems() > 0, "x must not be empty: no statistics over no elements")
          .done();
      return List.of(in.getFirst(), channels, channels);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      List<Tensor> norm = wide(in.get(0)).batchNorm(in.get(1), in.get(2), eps);
      Tensor z = norm.getFirst();
      Tensor y = (residual ? z.add(wide(in.get(3))) : z).relu();
      return List.of(y.as(in.get(0).dtype()), norm.get(1), norm.get(2));
    }
  }

  /// The gradient of [BatchNormRelu] through `y`, with the statistics as functions of x: inputs
  /// `x`, `gamma`, `mean`, `variance`, `y`, `dy`; outputs `dx`, `dgamma`, `dbeta` and, with
  /// `residual`, `dresidual`, which is dy where y is above 0, else 0. Of y only the sign counts,
  /// and y is kept anyway: the next layer reads it.
  record BatchNormReluBackward(double eps, boolean residual) implements Normalize {
    /// Checks eps.
    public BatchNormReluBackward {
      positive("batch_norm_relu_backward", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check =
          Check.of(this, in, "x", "gamma", "mean", "variance", "y", "dy")
              .floating()
              .rule(
                  in.subList(4, 6).stream().allMatch(in.getFirst()::equals),
                  "x, y and dy must have one type and shape");
      check.rule(in.getFirst().shape().rank() >= 2, "x must have at least 2 axes").done();
      TensorSpec channels = channels(in.getFirst());
      check
          .rule(
              in.subList(1, 4).stream().allMatch(channels::equals),
              "gamma, mean and variance must be " + channels)
          .rule(in.getFirst().elems() > 0, "x must not be empty")
          .done();
      TensorSpec x = in.getFirst();
      return residual ? List.of(x, channels, channels, x) : List.of(x, channels, channels);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Interpreter now = Interpreter.current();
      Tensor masked = now.apply1(new Elementwise.ReluBackward(), List.of(in.get(5), in.get(4)));
      List<Tensor> through = new ArrayList<>(in.subList(0, 4));
      through.add(masked);
      List<Tensor> out = new ArrayList<>(now.apply(new BatchNormBackward(eps), through));
      if (residual) {
        out.add(masked);
      }
      return out;
    }
  }

  /// Batch normalisation with given statistics (evaluation): inputs `x [*,C]`, `gamma`, `beta`,
  /// `mean`, `variance`, all `[C]`.
  record BatchNormInference(double eps) implements Normalize {
    /// Checks eps.
    public BatchNormInference {
      positive("batch_norm_inference", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "x", "gamma", "beta", "mean", "variance").floating();
      check.rule(in.getFirst().shape().rank() >= 1, "x must have at least one axis").done();
      TensorSpec channels = channels(in.getFirst());
      check
          .rule(
              in.subList(1, 5).stream().allMatch(channels::equals),
              "gamma, beta, mean and variance must be " + channels)
          .done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor scale = in.get(1).mul(in.get(4).add(eps).rsqrt());
      Tensor y = wide(in.get(0)).sub(in.get(3)).mul(scale).add(in.get(2));
      return List.of(y.as(in.get(0).dtype()));
    }
  }

  /// Layer normalisation over the last axis: inputs `x [*,C]` and, on request, `gamma [C]`, `beta
  /// [C]`; output `y = (x - mean) / sqrt(variance + eps) * gamma + beta` with the mean and the
  /// (biased) variance of each row. Two passes, never `E[x^2] - mean^2`.
  ///
  /// **Source** Ba et al. 2016, arXiv:1607.06450, eq. 3 and 4.
  record LayerNorm(double eps) implements Normalize {
    /// Checks eps.
    public LayerNorm {
      positive("layer_norm", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check =
          in.size() == 1 ? Check.of(this, in, "x") : Check.of(this, in, "x", "gamma", "beta");
      check.floating();
      check.rule(in.getFirst().shape().rank() >= 1, "x must have at least one axis").done();
      TensorSpec width = in.getFirst().with(Shape.of(in.getFirst().shape().dim(-1)));
      check
          .rule(
              in.stream().skip(1).allMatch(width::equals),
              "gamma and beta must be " + width + ", the last axis of x")
          .done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor y = standard(in.getFirst(), eps).getFirst();
      return List.of(in.size() == 1 ? y : y.mul(in.get(1)).add(in.get(2)));
    }
  }

  /// The gradient of [LayerNorm]: inputs `x`, `dy` and, where there is one, `gamma`; outputs `dx`
  /// and, with gamma, `dgamma`, `dbeta`. With `g = dy gamma`, `r = 1 / sqrt(variance + eps)` and `n
  /// = (x - mean) r`: `dx = r (g - mean(g) - n mean(g n))`, row by row. The statistics are computed
  /// again: a row is in the cache anyway.
  record LayerNormBackward(double eps) implements Normalize {
    /// Checks eps.
    public LayerNormBackward {
      positive("layer_norm_backward", eps);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check =
          in.size() == 2 ? Check.of(this, in, "x", "dy") : Check.of(this, in, "x", "dy", "gamma");
      check.floating().rule(in.get(0).equals(in.get(1)), "x and dy must have one type and shape");
      check.rule(in.getFirst().shape().rank() >= 1, "x must have at least one axis").done();
      TensorSpec width = in.getFirst().with(Shape.of(in.getFirst().shape().dim(-1)));
      check
          .rule(
              in.stream().skip(2).allMatch(width::equals),
              "gamma must be " + width + ", the last axis of x")
          .done();
      return in.size() == 2 ? List.of(in.getFirst()) : List.of(in.getFirst(), width, width);
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor dy = in.get(1);
      List<Tensor> both = standard(in.getFirst(), eps);
      Tensor n = both.get(0);
      Tensor g = in.size() == 2 ? dy : dy.mul(in.get(2));
      Tensor dx =
          g.sub(g.mean(List.of(-1), true))
              .sub(n.mul(g.mul(n).mean(List.of(-1), true)))
              .mul(both.get(1));
      List<Integer> axes = allButLast(n);
      return in.size() == 2
          ? List.of(dx)
          : List.of(dx, dy.mul(n).sum(axes, false), dy.sum(axes, false));
    }
  }

  /// Rows with mean 0 and variance 1, and what they were multiplied with, `[*,1]`.
  private static List<Tensor> standard(Tensor x, double eps) {
    Tensor centred = x.sub(x.mean(List.of(-1), true));
    Tensor r = centred.square().mean(List.of(-1), true).add(eps).rsqrt();
    return List.of(centred.mul(r), r);
  }

  private static List<TensorSpec> rows(Op op, List<TensorSpec> in) {
    Check.of(op, in, "x")
        .floating()
        .rule(in.getFirst().shape().rank() >= 1, "x must have at least one axis")
        .done();
    return List.of(in.getFirst());
  }

  /// Numbers that belong to the channels of `x`.
  private static TensorSpec channels(TensorSpec x) {
    return new TensorSpec(x.dtype().wide(), Shape.of(x.shape().dim(-1)));
  }

  private static Tensor wide(Tensor x) {
    return x.as(x.dtype().wide());
  }

  private static List<Integer> allButLast(Tensor x) {
    return IntStream.range(0, x.rank() - 1).boxed().toList();
  }

  private static void positive(String tag, double eps) {
    if (!(eps > 0)) {
      throw new IllegalArgumentException("[" + tag + "] eps must be positive; got " + eps);
    }
  }
}
