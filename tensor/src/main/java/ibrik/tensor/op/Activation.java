package ibrik.tensor.op;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Fused activations, element by element. Each carries its composed definition.
public sealed interface Activation extends Op, Composite {
  /// `x P(z <= x)` for a standard normal z: `x (1 + erf(x / sqrt 2)) / 2`, exact.
  ///
  /// **Source** Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2.
  record Gelu() implements Activation {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x").floating().done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      return List.of(in.getFirst().mul(below(in.getFirst())));
    }
  }

  /// The gradient of [Gelu]: inputs `x`, `dy`; output `dy (P(z <= x) + x p(x))` with the normal
  /// density `p`.
  record GeluBackward() implements Activation {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check.of(this, in, "x", "dy")
          .floating()
          .rule(in.get(0).equals(in.get(1)), "x and dy must have one type and shape")
          .done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor x = in.getFirst();
      Tensor density = x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
      return List.of(in.get(1).mul(below(x).add(x.mul(density))));
    }
  }

  /// `P(z <= x)`.
  private static Tensor below(Tensor x) {
    return x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
  }
}
