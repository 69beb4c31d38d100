package ibrik.ssl.method.dino;

import ibrik.nn.BatchNorm;
import ibrik.nn.Build;
import ibrik.nn.Gelu;
import ibrik.nn.Linear;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.nn.Sequential;
import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;
import java.util.List;

/// Linear - GELU - Linear - GELU - Linear, rows to unit length, then a product with K directions:
/// `[N,in]` to `[N,K]` (appendix C). The last layer is weight-normalised with its gain fixed at 1:
/// its rows are divided by their lengths in every pass, and gradients flow through that.
final class DinoHead extends Module {
  private static final double STD = 0.02;

  private final Sequential layers;
  private final Parameter last;

  DinoHead(Build build, int in, DinoConfig config) {
    super(build);
    layers = child("layers", b -> chain(b, in, config));
    last =
        parameter(
            "weight",
            Parameter.Role.WEIGHT,
            Init.uniformFanIn(),
            config.outputs(),
            config.bottleneck());
  }

  private static Sequential chain(Build build, int in, DinoConfig config) {
    Sequential layers = new Sequential(build);
    int width = in;
    for (int i = 0; i < 2; i++) {
      int from = width;
      layers.add(b -> new Linear(b, from, config.headHidden(), true, Init.normal(STD)));
      if (config.headNorm()) {
        layers.add(b -> new BatchNorm(b, config.headHidden()));
      }
      layers.add(Gelu::new);
      width = config.headHidden();
    }
    int from = width;
    return layers.add(b -> new Linear(b, from, config.bottleneck(), true, Init.normal(STD)));
  }

  /// All that learns but the last layer.
  List<Parameter> body() {
    return layers.parameters();
  }

  /// The last layer.
  Parameter last() {
    return last;
  }

  @Override
  public Tensor forward(Tensor x) {
    return scores(bottleneck(x));
  }

  /// Rows of unit length, `[N, bottleneck]`.
  Tensor bottleneck(Tensor x) {
    return layers.forward(x).l2Normalize();
  }

  /// Cosines of unit rows with the directions of the last layer.
  Tensor scores(Tensor unit) {
    return unit.matMul(last.value().l2Normalize(), false, true);
  }
}
