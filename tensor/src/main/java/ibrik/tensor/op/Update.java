package ibrik.tensor.op;

import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The only ops that write to their inputs: they change the values of variables in place and have
/// no outputs. Multi-tensor ops take whole parameter lists, so that one launch serves a model;
/// inputs come group by group (all parameters, then all gradients, ...), scalars (f32 `[]`) last.
public sealed interface Update extends Op {
  /// Which inputs are written.
  List<Integer> written();

  /// `target <- source`.
  record Assign() implements Update {
    @Override
    public List<Integer> written() {
      return List.of(0);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "target", "source")
          .rule(in.get(0).equals(in.get(1)), "target and source must have one type and shape")
          .done();
      return List.of();
    }
  }

  /// Exponential moving average: `target_i <- tau target_i + (1 - tau) source_i`, computed as
  /// `target + (1 - tau)(source - target)`. Inputs: `count` targets, `count` sources, `tau`.
  record Ema(int count) implements Update {
    @Override
    public List<Integer> written() {
      return group(0, count);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      groups(this, in, count, 1, "target", "source").done();
      return List.of();
    }
  }

  /// Stochastic gradient descent with momentum: `g <- grad + wd p; m <- mu m + g; p <- p - lr
  /// (nesterov ? g + mu m : m)`. Inputs: `count` parameters, gradients, moments, then `lr`.
  ///
  /// @param momentum mu, in `[0, 1)`
  /// @param weightDecay wd of each parameter
  record Sgd(double momentum, boolean nesterov, List<Double> weightDecay) implements Update {
    /// Checks and copies.
    public Sgd {
      weightDecay = List.copyOf(weightDecay);
      range("sgd", "momentum", momentum);
    }

    @Override
    public List<Integer> written() {
      int count = weightDecay.size();
      return concat(group(0, count), group(2, count));
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      groups(this, in, weightDecay.size(), 1, "parameter", "gradient", "moment").done();
      return List.of();
    }
  }

  /// Layer-wise adaptive rate scaling, in the order of BYOL's code: `g <- grad + wd p` and `g <- g
  /// * trust(p, g)` (only where `adapt`), `m <- mu m + g`, `p <- p - lr m`, with `trust = eta |p| /
  ///   |g|`, 1 if either norm is 0, and `min(trust / lr, 1)` if `clip`. Inputs: `count` parameters,
  ///   gradients, moments, then `lr`.
  ///
  /// **Source** You et al. 2017, arXiv:1708.03888; order and exclusions of Grill et al. 2020.
  ///
  /// @param momentum mu, in `[0, 1)`
  /// @param eta trust coefficient
  /// @param clip whether the rate is clipped at that of plain SGD
  /// @param weightDecay wd of each parameter, used only where `adapt`
  /// @param adapt whether each parameter is decayed and scaled; false for biases and batch norm
  record Lars(
      double momentum, double eta, boolean clip, List<Double> weightDecay, List<Boolean> adapt)
      implements Update {
    /// Checks and copies.
    public Lars {
      weightDecay = List.copyOf(weightDecay);
      adapt = List.copyOf(adapt);
      range("lars", "momentum", momentum);
      if (weightDecay.size() != adapt.size()) {
        throw new IllegalArgumentException(
            "[lars] weightDecay and adapt must have one length; got "
                + weightDecay.size()
                + " and "
                + adapt.size());
      }
    }

    @Override
    public List<Integer> written() {
      int count = adapt.size();
      return concat(group(0, count), group(2, count));
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      groups(this, in, adapt.size(), 1, "parameter", "gradient", "moment").done();
      return List.of();
    }
  }

  /// Adam with decoupled weight decay: `m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2; p <- p - lr
  /// (m/(1-b1^t) / (sqrt(v/(1-b2^t)) + eps) + wd p)`. Inputs: `count` parameters, gradients, first
  /// moments, second moments, then `lr` and the step `t` (from 1).
  ///
  /// **Source** Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2.
  record AdamW(double beta1, double beta2, double eps, List<Double> weightDecay) implements Update {
    /// Checks and copies.
    public AdamW {
      weightDecay = List.copyOf(weightDecay);
      range("adam_w", "beta1", beta1);
      range("adam_w", "beta2", beta2);
    }

    @Override
    public List<Integer> written() {
      int count = weightDecay.size();
      return concat(group(0, count), group(2, count), group(3, count));
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      groups(
              this,
              in,
              weightDecay.size(),
              2,
              "parameter",
              "gradient",
              "first moment",
              "second moment")
          .done();
      return List.of();
    }
  }

  private static List<Integer> group(int number, int count) {
    return IntStream.range(number * count, (number + 1) * count).boxed().toList();
  }

  @SafeVarargs
  private static List<Integer> concat(List<Integer>... groups) {
    List<Integer> all = new ArrayList<>();
    for (List<Integer> group : groups) {
      all.addAll(group);
    }
    return List.copyOf(all);
  }

  private static void range(String tag, String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "[" + tag + "] " + name + " must be in [0, 1); got " + value);
    }
  }

  /// Checks that input `g * count + i` has the spec of input `i`, and that scalars follow.
  private static Check groups(
      Op op, List<TensorSpec> in, int count, int scalars, String... groups) {
    List<String> names = new ArrayList<>();
    for (String group : groups) {
      for (int i = 0; i < count; i++) {
        names.add(group + " " + i);
      }
    }
    for (int i = 0; i < scalars; i++) {
      names.add("scalar " + i);
    }
    Check check = Check.of(op, in, names.toArray(String[]::new));
    for (int i = 0; i < count; i++) {
      check.floating(i);
      for (int g = 1; g < groups.length; g++) {
        check.rule(
            in.get(g * count + i).equals(in.get(i)),
            groups[g] + " " + i + " must have the type and shape of " + groups[0] + " " + i);
      }
    }
    for (int i = in.size() - scalars; i < in.size(); i++) {
      check.rule(
          in.get(i).shape().equals(Shape.scalar()) && in.get(i).dtype().isFloat(),
          names.get(i) + " must be a 0-d float");
    }
    return check;
  }
}
