package ibrik.ssl.method;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;

/// K directions that embeddings are scored against: `z [N,D]` to `scores [N,K]`, `z C^T` with rows
/// of `C [K,D]` of unit length. They start random; training may lead them off the sphere, and
/// [#normalize()] puts them back (Caron et al. 2020, arXiv:2006.09882, section 3.1).
public final class Prototypes extends Module {
  private final Parameter weight;

  /// Random directions.
  ///
  /// @param count K
  /// @param width D
  public Prototypes(Build build, int count, int width) {
    super(build);
    Require.positive("prototypes", count);
    weight = parameter("weight", Parameter.Role.WEIGHT, Init.uniformFanIn(), count, width);
    normalize();
  }

  @Override
  public Tensor forward(Tensor z) {
    return z.matMul(weight.value(), false, true);
  }

  /// The rows, `[K,D]`.
  public Parameter weight() {
    return weight;
  }

  /// Divides each row by its length. Not recorded.
  public void normalize() {
    Tape.pause(
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            weight.variable().set(weight.value().l2Normalize());
            return true;
          }
        });
  }
}
