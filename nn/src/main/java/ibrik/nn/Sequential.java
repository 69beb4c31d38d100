package ibrik.nn;

import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Modules one after the other, named by their numbers. A [BatchNorm] and a [Relu] right behind it
/// run as [BatchNorm#relu].
public final class Sequential extends Module {
  private final List<Module> steps = new ArrayList<>();

  /// An empty chain, the identity; add to it.
  public Sequential(Build build) {
    super(build);
  }

  /// Appends the module that `maker` builds.
  public Sequential add(Function<Build, Module> maker) {
    steps.add(child(Integer.toString(steps.size()), maker));
    return this;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (int i = 0; i < steps.size(); i++) {
      Module step = steps.get(i);
      if (step instanceof BatchNorm norm
          && i + 1 < steps.size()
          && steps.get(i + 1) instanceof Relu) {
        y = norm.relu(y);
        i++;
      } else {
        y = step.forward(y);
      }
    }
    return y;
  }
}
