package ibrik.ssl.method;

import ibrik.autograd.Tape;
import ibrik.tensor.DType;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// Training steps written down once more with the smallest ops in f64, on copies of a method's
/// numbers: no modules, no fused ops, no optimiser, no update ops.
public final class StraightLine {
  private final Map<String, double[]> numbers = new LinkedHashMap<>();
  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final Map<String, double[]> momenta = new LinkedHashMap<>();
  private final Map<String, Tensor> leaves = new LinkedHashMap<>();

  /// Starts where the method is.
  public StraightLine(Method method) {
    method
        .state()
        .forEach(
            (name, variable) -> {
              numbers.put(name, variable.value().toDoubles());
              shapes.put(name, variable.spec().shape());
            });
  }

  Set<String> names() {
    return numbers.keySet();
  }

  /// The current numbers of a variable.
  public double[] numbers(String name) {
    double[] found = numbers.get(name);
    if (found == null) {
      throw new IllegalArgumentException(name + " is none of " + numbers.keySet());
    }
    return found;
  }

  /// A parameter, to be differentiated.
  public Tensor leaf(String name) {
    return leaves.computeIfAbsent(
        name,
        n -> {
          Shape shape = shapes.getOrDefault(n, Shape.scalar());
          return Tensor.of(numbers(n), shape.elems()).reshape(shape);
        });
  }

  /// `x W^T`, plus a bias if there is one.
  public Tensor linear(String name, Tensor x) {
    Tensor y = x.matMul(leaf(name + ".weight"), false, true);
    return numbers.containsKey(name + ".bias") ? y.add(leaf(name + ".bias")) : y;
  }

  /// Batch norm in train mode, with scale and shift where there are; moves the running numbers.
  public Tensor norm(String name, Tensor x) {
    Tensor mean = x.mean(List.of(0), true);
    Tensor centred = x.sub(mean);
    Tensor variance = centred.square().mean(List.of(0), true);
    double rows = x.dim(0);
    move(numbers(name + ".running_mean"), mean.toDoubles(), 0.9, 1);
    move(numbers(name + ".running_variance"), variance.toDoubles(), 0.9, rows / (rows - 1));
    Tensor y = centred.div(variance.add(1e-5).sqrt());
    if (numbers.containsKey(name + ".gamma")) {
      y = y.mul(leaf(name + ".gamma"));
    }
    return numbers.containsKey(name + ".beta") ? y.add(leaf(name + ".beta")) : y;
  }

  private static void move(double[] old, double[] next, double stay, double factor) {
    for (int i = 0; i < old.length; i++) {
      old[i] = stay * old[i] + (1 - stay) * factor * next[i];
    }
  }

  /// [MethodTest.Tiny].
  public Tensor encoder(String name, Tensor images) {
    Tensor x = images.cast(DType.F64).reshape(images.dim(0), images.elems() / images.dim(0));
    return norm(name + ".layers.2", linear(name + ".layers.1", x));
  }

  /// [MethodTest.Pooled].
  public Tensor pooled(String name, Tensor images) {
    Tensor x = images.cast(DType.F64).mean(List.of(1, 2), false);
    return norm(name + ".layers.2", linear(name + ".layers.1", x));
  }

  /// [MethodTest.Pooled] on views of which the first `large` have one size, the others another: one
  /// pass each.
  public Tensor pooled(String name, List<Tensor> views, int large) {
    Tensor first = pooled(name, LayoutOps.concat(0, views.subList(0, large)));
    if (large == views.size()) {
      return first;
    }
    Tensor rest = pooled(name, LayoutOps.concat(0, views.subList(large, views.size())));
    return LayoutOps.concat(0, List.of(first, rest));
  }

  /// Linear, norm, ReLU, Linear.
  public Tensor head(String name, Tensor x) {
    Tensor hidden = norm(name + ".layers.1", linear(name + ".layers.0", x)).relu();
    return linear(name + ".layers.3", hidden);
  }

  /// Hidden layers as in [#head], `layers` Linears in all, then a norm if there is one.
  public Tensor mlp(String name, int layers, Tensor x) {
    Tensor y = x;
    for (int i = 0; i < layers - 1; i++) {
      y = linear(name + ".layers." + 3 * i, y);
      y = norm(name + ".layers." + (3 * i + 1), y).relu();
    }
    y = linear(name + ".layers." + 3 * (layers - 1), y);
    String last = name + ".layers." + (3 * layers - 2);
    return numbers.containsKey(last + ".running_mean") ? norm(last, y) : y;
  }

  /// Mean over rows of the cross entropy of the similarities of `q` and `k` rows of length 1, each
  /// row's own index being right: sums of exponentials, nothing shifted.
  public static Tensor diagonal(Tensor q, Tensor k, double temperature) {
    Tensor s = unit(q).matMul(unit(k), false, true).div(temperature);
    Tensor own = unit(q).mul(unit(k)).sum(List.of(1), false).div(temperature);
    return s.exp().sum(List.of(1), false).log().sub(own).mean();
  }

  /// Rows of length 1.
  public static Tensor unit(Tensor x) {
    return x.div(x.square().sum(List.of(1), true).sqrt());
  }

  /// One step of SGD with momentum 0.9 and a decay of 0.01 for weights, on the variables that have
  /// a rate above 0; the loss.
  public double step(Supplier<Tensor> loss, ToDoubleFunction<String> rate) {
    leaves.clear();
    try (TensorScope _ = TensorScope.open();
        Tape.Run run = Tape.record(loss)) {
      List<String> trained =
          leaves.keySet().stream().filter(name -> rate.applyAsDouble(name) > 0).toList();
      List<Tensor> gradients = run.gradients(trained.stream().map(this::leaf).toList());
      for (int i = 0; i < trained.size(); i++) {
        String name = trained.get(i);
        double decay = name.endsWith(".weight") ? 0.01 : 0;
        double[] w = numbers(name);
        double[] g = gradients.get(i).toDoubles();
        double[] m = momenta.computeIfAbsent(name, _ -> new double[w.length]);
        for (int j = 0; j < w.length; j++) {
          m[j] = 0.9 * m[j] + g[j] + decay * w[j];
          w[j] -= rate.applyAsDouble(name) * m[j];
        }
      }
      return run.value().item();
    }
  }

  /// Moves what `target` begins with toward what has the same name without it.
  public void follow(String target, double tau) {
    for (String name : numbers.keySet()) {
      if (name.startsWith(target) && !name.contains(".running_")) {
        move(numbers(name), numbers(name.substring(target.length())), tau, 1);
      }
    }
  }
}
