package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.autograd.GradCheck;
import ibrik.autograd.Tape;
import ibrik.nn.BatchNorm;
import ibrik.nn.Build;
import ibrik.nn.Flatten;
import ibrik.nn.GlobalAvgPool;
import ibrik.nn.Linear;
import ibrik.nn.Parameter;
import ibrik.nn.Sequential;
import ibrik.nn.model.Encoder;
import ibrik.nn.optim.ClipEach;
import ibrik.nn.optim.Gated;
import ibrik.nn.optim.Groups;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.nn.schedule.ScheduledScalar;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backend;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// What the tests of methods share. Every test ends with as many live bytes as it started with.
public abstract class MethodTest {
  /// Rows and columns of the images.
  protected static final int SIDE = 2;

  /// Width of the features of [Tiny].
  protected static final int FEATURES = 4;

  private long before;

  private static long liveBytes() {
    return Backends.all().stream().mapToLong(MethodTest::liveBytes).sum();
  }

  private static long liveBytes(Backend backend) {
    return backend.memory(0).liveBytes();
  }

  @BeforeEach
  final void countBytes() {
    before = liveBytes();
  }

  @AfterEach
  final void noLeak() {
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  /// Flatten, Linear with bias, batch norm: small, but with everything that a method must handle.
  protected static final class Tiny extends Encoder {
    private final Sequential layers;

    Tiny(Build build) {
      super(build);
      layers =
          child(
              "layers",
              b ->
                  new Sequential(b)
                      .add(Flatten::new)
                      .add(c -> new Linear(c, SIDE * SIDE, FEATURES, true))
                      .add(c -> new BatchNorm(c, FEATURES)));
    }

    @Override
    public int featureDim() {
      return FEATURES;
    }

    @Override
    public Tensor forward(Tensor x) {
      return layers.forward(x);
    }
  }

  /// Mean over the image, Linear with bias, batch norm: takes colour images of any size. Its layers
  /// have the names of [Tiny]'s.
  protected static final class Pooled extends Encoder {
    private final Sequential layers;

    public Pooled(Build build) {
      super(build);
      layers =
          child(
              "layers",
              b ->
                  new Sequential(b)
                      .add(GlobalAvgPool::new)
                      .add(c -> new Linear(c, 3, FEATURES, true))
                      .add(c -> new BatchNorm(c, FEATURES)));
    }

    @Override
    public int featureDim() {
      return FEATURES;
    }

    @Override
    public Tensor forward(Tensor x) {
      return layers.forward(x);
    }
  }

  /// With [Pooled], `perEpoch` steps an epoch.
  protected static Setting pooledSetting(int batchSize, int perEpoch, long steps) {
    return new Setting(Build.cpu(11), Pooled::new, 0, batchSize, steps, batchSize * perEpoch);
  }

  /// Colour views of `sides` rows and columns each, others at each step.
  protected static List<Tensor> crops(int batch, long step, int... sides) {
    List<Tensor> views = new ArrayList<>();
    for (int v = 0; v < sides.length; v++) {
      int side = sides[v];
      float[] numbers = normals(batch * side * side * 3, 100 * step + v);
      views.add(Tensor.of(numbers, batch, side, side, 3));
    }
    return views;
  }

  /// `count` views of the same images: a colour of its own for each image, with noise.
  protected static List<Tensor> related(int batch, long step, int count) {
    float[] colours = normals(batch * 3, 7_000);
    List<Tensor> views = new ArrayList<>();
    for (int v = 0; v < count; v++) {
      float[] numbers = normals(batch * 4 * 3, 8_000 + 100 * step + v);
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = colours[i / 12 * 3 + i % 3] + 0.2f * numbers[i];
      }
      views.add(Tensor.of(numbers, batch, 2, 2, 3));
    }
    return views;
  }

  /// Labels that say nothing.
  protected static Tensor unknown(int batch) {
    int[] labels = new int[batch];
    java.util.Arrays.fill(labels, -1);
    return Tensor.of(labels, batch);
  }

  /// `sin(phase + 1.3 i)`, f64: numbers that other programs make as well.
  protected static Tensor waves(double phase, long... dims) {
    double[] numbers = new double[Math.toIntExact(Shape.of(dims).elems())];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Math.sin(phase + 1.3 * i);
    }
    return Tensor.of(numbers, dims);
  }

  /// The rows of `x [N, D]` from the second on, then the first.
  protected static Tensor rolled(Tensor x) {
    return LayoutOps.concat(0, List.of(x.narrow(0, 1, x.dim(0) - 1), x.narrow(0, 0, 1)));
  }

  /// The message of what `maker` must refuse.
  protected static void rejects(String message, Supplier<?> maker) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, maker::get).getMessage());
  }

  protected static Setting setting(int classes, int batchSize, long steps) {
    return new Setting(Build.cpu(11), Tiny::new, classes, batchSize, steps);
  }

  /// Normal numbers `[batch, SIDE, SIDE, 1]`, the same for one stream.
  protected static Tensor images(int batch, long stream) {
    return Tensor.of(normals(batch * SIDE * SIDE, stream), batch, SIDE, SIDE, 1);
  }

  /// Normal f32 numbers.
  protected static float[] normals(int count, long stream) {
    PhiloxStream random = new PhiloxStream(23, stream);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /// Normal f64 numbers of this shape.
  protected static Tensor normal64(long stream, long... dims) {
    PhiloxStream random = new PhiloxStream(29, stream);
    double[] numbers = new double[Math.toIntExact(Shape.of(dims).elems())];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextGaussian();
    }
    return Tensor.of(numbers, dims);
  }

  /// Two views of one batch for each step.
  protected static List<Tensor> views(int batch, long step) {
    return List.of(images(batch, 2 * step), images(batch, 2 * step + 1));
  }

  /// Labels of a batch whose images have none.
  protected static Tensor noLabels(int batch) {
    int[] labels = new int[batch];
    java.util.Arrays.fill(labels, -1);
    return Tensor.of(labels, batch);
  }

  /// Rows in reverse order.
  protected static Tensor reversed(Tensor x) {
    List<Tensor> rows = new ArrayList<>();
    for (long i = x.dim(0) - 1; i >= 0; i--) {
      rows.add(x.narrow(0, i, 1));
    }
    return LayoutOps.concat(0, rows);
  }

  /// The gradient for all of `in` against central differences in f64, for two random cotangents.
  protected static void gradientCheck(Function<List<Tensor>, Tensor> loss, Tensor... in) {
    for (long seed : new long[] {1, 2}) {
      GradCheck.of(loss).on(Device.CPU).firstOrder(List.of(in), seed).orThrow();
    }
  }

  /// The message of a refused configuration or method.
  protected static void refuses(String message, Supplier<?> maker) {
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, maker::get);
    assertEquals(message, thrown.getMessage());
  }

  /// The numbers of every variable, copied.
  protected static Map<String, double[]> snapshot(Method method) {
    Map<String, double[]> numbers = new LinkedHashMap<>();
    method.state().forEach((name, variable) -> numbers.put(name, variable.value().toDoubles()));
    return numbers;
  }

  /// SGD with momentum 0.9 that decays weights by 0.01; each group at its share of `rate`. Closed
  /// with the variables it reads.
  protected static final class Trainer implements AutoCloseable {
    private final Method method;
    private final List<Variable> rates = new ArrayList<>();
    private final List<ScheduledScalar> gates = new ArrayList<>();
    private final Groups optimizer;

    public Trainer(Method method, double rate) {
      this.method = method;
      List<Optimizer> parts = new ArrayList<>();
      for (Method.Group group : method.groups()) {
        Variable lr = Variable.scalar("lr", rate * group.lrFactor(), Device.CPU);
        rates.add(lr);
        Optimizer part = new Sgd(group.parameters(), lr, 0.9, false, WeightDecay.weights(0.01));
        part = Double.isInfinite(group.clip()) ? part : new ClipEach(part, group.clip());
        ScheduledScalar gate =
            new ScheduledScalar("gate", s -> s < group.frozenSteps() ? 0 : 1, Device.CPU);
        gates.add(gate);
        parts.add(new Gated(part, gate.variable()));
      }
      optimizer = new Groups(parts);
    }

    /// One step as every method's trainer does it; the loss.
    public double step(long step, List<Tensor> views, Tensor labels) {
      return step(step, views, labels, new int[0]);
    }

    /// The same for a method that keeps something per image.
    public double step(long step, List<Tensor> views, Tensor labels, int[] images) {
      method.beforeStep(step, images);
      gates.forEach(gate -> gate.moveTo(step));
      List<Tensor> wrt = method.trainable().stream().map(Parameter::value).toList();
      try (TensorScope _ = TensorScope.open();
          Tape.Run run = Tape.record(() -> method.forward(views, labels).loss())) {
        optimizer.step(run.gradients(wrt));
        method.afterStep();
        return run.value().item();
      }
    }

    @Override
    public void close() {
      optimizer.close();
      rates.forEach(Variable::close);
      gates.forEach(ScheduledScalar::close);
    }
  }

  /// Compares every variable of a method with the straight line's.
  protected static void assertState(Method method, StraightLine want) {
    Map<String, double[]> got = snapshot(method);
    assertEquals(want.names(), got.keySet());
    got.forEach((name, numbers) -> assertArrayEquals(want.numbers(name), numbers, 2e-4, name));
  }
}
