package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Parameter;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet.Stem;
import ibrik.nn.optim.Optimizer;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.ssl.method.mocov2.MoCoV2Config;
import ibrik.ssl.method.swav.SwavConfig;
import ibrik.ssl.method.twist.TwistConfig;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One loss on several devices, for every method there is. A new one is tested here by being
/// registered.
class GatherTest extends MethodTest {
  private static final int DEVICES = 2;
  private static final int BATCH = 8;
  private static final int UNION = DEVICES * BATCH;

  /// Steps that are trained, and those of an epoch.
  private static final int STEPS = 4;

  /// Steps of the whole run.
  private static final int RUN = 2 * STEPS;

  private static final int IMAGES = STEPS * UNION;

  static Stream<MethodFactory<?>> trained() {
    return Methods.all().stream().filter(m -> m.recipe(Preset.GREY).epochs() > 0);
  }

  /// Not k-means: where images occur twice, so do the centroids it starts from, and rounding says
  /// which of the two a row is nearer to.
  static Stream<MethodFactory<?>> withoutTies() {
    return trained().filter(factory -> !factory.name().equals("deepcluster-v2"));
  }

  private static <C extends Record> Method create(
      MethodFactory<C> factory, int batchSize, Gather gather) {
    return factory.create(
        factory.configType().cast(config(factory.defaults(Preset.GREY))),
        new Setting(
            Build.cpu(11),
            build -> Models.create(build, "resnet8", 1, 0.25, Stem.HALF, factory.zeroLastGamma()),
            10,
            batchSize,
            RUN,
            IMAGES,
            gather));
  }

  /// What the defaults leave out, queues and the like; no parts of a batch, which are others where
  /// the batch is.
  private static Record config(Record config) {
    return switch (config) {
      case MoCoV2Config c ->
          new MoCoV2Config(
              c.projectorHidden(), c.projectorOut(), c.queue(), c.temperature(), c.tau(), 1, true);
      case SwavConfig c ->
          new SwavConfig(
              c.projectorHidden(),
              c.projectorOut(),
              c.prototypes(),
              c.temperature(),
              c.epsilon(),
              c.iterations(),
              2 * UNION,
              0,
              0,
              c.localCrops());
      case TwistConfig c -> new TwistConfig(c.hidden(), c.classes(), 1, 1, true, 1, 1, 0.5, 0.6);
      default -> config;
    };
  }

  /// The images of a step and device; every view has its own numbers.
  private interface Images {
    List<Tensor> views(long step, int count);

    int[] numbers(long step);
  }

  private static Tensor batch(long stream) {
    return Tensor.of(normals(BATCH * 64, stream), BATCH, 8, 8, 1);
  }

  /// Others on each device.
  private static Images ownImages(int device) {
    return new Images() {
      @Override
      public List<Tensor> views(long step, int count) {
        return IntStream.range(0, count)
            .mapToObj(view -> batch(1000L * device + 100 * step + view))
            .toList();
      }

      @Override
      public int[] numbers(long step) {
        return IntStream.range(0, BATCH)
            .map(i -> Math.toIntExact(step) * UNION + device * BATCH + i)
            .toArray();
      }
    };
  }

  /// The same on each device, in another order on the second one.
  private static Images turnedImages(int device) {
    Images first = ownImages(0);
    Images own = ownImages(device);
    return new Images() {
      @Override
      public List<Tensor> views(long step, int count) {
        List<Tensor> views = first.views(step, count);
        return device == 0 ? views : views.stream().map(MethodTest::rolled).toList();
      }

      @Override
      public int[] numbers(long step) {
        return own.numbers(step);
      }
    };
  }

  /// The images of all devices.
  private static Images union(Images one, Images other) {
    return new Images() {
      @Override
      public List<Tensor> views(long step, int count) {
        List<Tensor> first = one.views(step, count);
        List<Tensor> second = other.views(step, count);
        return IntStream.range(0, count)
            .mapToObj(v -> LayoutOps.concat(0, List.of(first.get(v), second.get(v))))
            .toList();
      }

      @Override
      public int[] numbers(long step) {
        return IntStream.concat(
                Arrays.stream(one.numbers(step)), Arrays.stream(other.numbers(step)))
            .toArray();
      }
    };
  }

  /// What training leaves.
  private record Trace(
      List<Double> losses, Map<String, double[]> gradients, Map<String, double[]> state) {}

  private static Tensor labels(int[] numbers) {
    return Tensor.of(Arrays.stream(numbers).map(i -> i * 7 % 10).toArray(), numbers.length);
  }

  /// Some steps; `reduce` joins the gradients of the devices.
  private static Trace train(Method method, Images images, UnaryOperator<Tensor> reduce) {
    List<Double> losses = new ArrayList<>();
    Map<String, double[]> first = new LinkedHashMap<>();
    List<Parameter> trained = method.trainable();
    List<Tensor> wrt = trained.stream().map(Parameter::value).toList();
    Method.Sweep sweep = visitor -> visitAll(method, images, visitor);
    Variable rate = Variable.scalar("lr", 0.01, Device.CPU);
    Optimizer optimizer = new Sgd(trained, rate, 0.9, false, WeightDecay.weights(0.01));
    try {
      method.beforeEpoch(0, sweep);
      for (long step = 0; step < STEPS; step++) {
        int[] numbers = images.numbers(step);
        method.beforeStep(step, numbers);
        try (TensorScope _ = TensorScope.open()) {
          List<Tensor> views = images.views(step, method.viewCount());
          Tensor labels = labels(numbers);
          try (Tape.Run run = Tape.record(() -> method.forward(views, labels).loss())) {
            List<Tensor> gradients = run.gradients(wrt).stream().map(reduce).toList();
            for (int p = 0; step == 0 && p < trained.size(); p++) {
              first.put(trained.get(p).name(), gradients.get(p).toDoubles());
            }
            optimizer.step(gradients);
            method.afterStep();
            losses.add(run.value().item());
          }
        }
      }
      return new Trace(losses, first, snapshot(method));
    } finally {
      optimizer.close();
      rate.close();
    }
  }

  private static void visitAll(
      Method method, Images images, BiConsumer<List<Tensor>, int[]> visitor) {
    for (long step = 0; step < STEPS; step++) {
      try (TensorScope _ = TensorScope.open()) {
        visitor.accept(images.views(step, method.viewCount()), images.numbers(step));
      }
    }
  }

  private static List<Trace> onDevices(
      MethodFactory<?> factory, java.util.function.IntFunction<Images> images) {
    return Devices.run(
        DEVICES,
        device -> {
          try (Method method = create(factory, BATCH, device)) {
            return train(method, images.apply(device.index()), device::sum);
          }
        });
  }

  /// Running statistics of batch norms are each device's own.
  private static boolean shared(String name) {
    return !name.contains("running_");
  }

  /// Bit for bit: whatever the loss reads, or keeps for a later step, is gathered.
  @ParameterizedTest
  @MethodSource("trained")
  void allDevicesHaveOneLossAndOneState(MethodFactory<?> factory) {
    List<Trace> traces = onDevices(factory, GatherTest::ownImages);
    Trace one = traces.getFirst();
    Trace other = traces.getLast();
    assertEquals(one.losses(), other.losses());
    one.state().keySet().stream()
        .filter(GatherTest::shared)
        .forEach(name -> assertArrayEquals(one.state().get(name), other.state().get(name), name));
  }

  /// With the same images on each device, in different orders, batch norms cannot tell a device
  /// from the union: so loss, summed gradients and state are those of one device that has all
  /// images.
  @ParameterizedTest
  @MethodSource("withoutTies")
  void shardsAreTheUnion(MethodFactory<?> factory) {
    Trace shard = onDevices(factory, GatherTest::turnedImages).getFirst();
    Trace union;
    try (Method method = create(factory, UNION, Gather.alone())) {
      union = train(method, union(turnedImages(0), turnedImages(1)), gradient -> gradient);
    }
    for (int step = 0; step < STEPS; step++) {
      double want = union.losses().get(step);
      assertEquals(want, shard.losses().get(step), 2e-4 * Math.max(1, Math.abs(want)));
    }
    assertNear(union.gradients(), shard.gradients(), 1e-3);
    assertNear(union.state(), shard.state(), 1e-3);
  }

  /// Schedules and the collapse value count the images of all devices.
  @ParameterizedTest
  @MethodSource("trained")
  void numbersAreThoseOfTheUnion(MethodFactory<?> factory) {
    try (Method shard = create(factory, BATCH, new Twice(false));
        Method union = create(factory, UNION, Gather.alone())) {
      assertEquals(union.collapseValue(), shard.collapseValue());
      for (int step = 0; step < RUN; step++) {
        assertEquals(union.scalars(step), shard.scalars(step));
      }
    }
  }

  /// To a share of the largest number of each tensor.
  private static void assertNear(
      Map<String, double[]> want, Map<String, double[]> got, double share) {
    assertEquals(want.keySet(), got.keySet());
    want.forEach(
        (name, numbers) -> {
          if (shared(name)) {
            double largest = Arrays.stream(numbers).map(Math::abs).max().orElse(0);
            assertArrayEquals(numbers, got.get(name), share * largest + 1e-4, name);
          }
        });
  }

  /// Where all rows are constants, no gradient reaches a parameter: none is used after the gather,
  /// where all devices would count it.
  @ParameterizedTest
  @MethodSource("trained")
  void gradientsPassTheGatherOnly(MethodFactory<?> factory) {
    for (boolean constant : new boolean[] {true, false}) {
      Gather gather = new Twice(constant);
      try (Method method = create(factory, BATCH, gather)) {
        method.beforeEpoch(0, visitor -> visitEach(method, visitor));
        int[] numbers = IntStream.range(0, BATCH).toArray();
        method.beforeStep(0, numbers);
        List<Tensor> wrt = method.trainable().stream().map(Parameter::value).toList();
        try (TensorScope _ = TensorScope.open()) {
          List<Tensor> views = ownImages(0).views(0, method.viewCount());
          Tensor labels = labels(numbers);
          try (Tape.Run run = Tape.record(() -> method.forward(views, labels).loss())) {
            double sum = 0;
            for (Tensor gradient : run.gradients(wrt)) {
              sum += Arrays.stream(gradient.toDoubles()).map(Math::abs).sum();
            }
            if (constant) {
              assertEquals(0, sum);
            } else {
              assertNotEquals(0, sum, "nothing learns");
            }
          }
        }
      }
    }
  }

  /// A batch for every number that an image can have.
  private static void visitEach(Method method, BiConsumer<List<Tensor>, int[]> visitor) {
    for (int from = 0; from < IMAGES; from += BATCH) {
      try (TensorScope _ = TensorScope.open()) {
        List<Tensor> views = ownImages(0).views(from, method.viewCount());
        visitor.accept(views, IntStream.range(from, from + BATCH).toArray());
      }
    }
  }

  /// Two devices with the same images.
  private record Twice(boolean constant) implements Gather {
    @Override
    public int devices() {
      return DEVICES;
    }

    @Override
    public Tensor rows(Tensor own) {
      Tensor other = own.dtype().isFloat() ? own.detach() : own;
      return LayoutOps.concat(0, List.of(constant ? other : own, other));
    }
  }

  @Test
  void aloneNothingIsCopied() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor own = normal64(0, 4, 3);
      assertSame(own, Gather.alone().union(own));
      assertSame(own, Gather.alone().unionOfViews(own, 2));
    }
  }

  /// View after view, within a view device after device.
  @Test
  void viewsStayInFront() {
    List<float[]> got =
        Devices.run(
            2,
            device -> {
              try (TensorScope _ = TensorScope.open()) {
                float d = 100 * device.index();
                Tensor own = Tensor.of(new float[] {d, d + 1, d + 10, d + 11}, 4, 1);
                return device.unionOfViews(own, 2).toFloats();
              }
            });
    for (float[] rows : got) {
      assertArrayEquals(new float[] {0, 1, 100, 101, 10, 11, 110, 111}, rows);
    }
  }

  private static Gather broken(UnaryOperator<Tensor> rows) {
    return new Gather() {
      @Override
      public int devices() {
        return DEVICES;
      }

      @Override
      public Tensor rows(Tensor own) {
        return rows.apply(own);
      }
    };
  }

  private static void fails(String message, Gather gather) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor own = normal64(0, 4, 3);
      IllegalStateException thrown =
          assertThrows(IllegalStateException.class, () -> gather.union(own));
      assertEquals(message, thrown.getMessage());
    }
  }

  private static final String ORDER =
      "; put the rows of the devices one after another, in the order of their numbers";

  @Test
  void badGathersAreNamed() {
    fails(
        "[gather] must give the rows of all 2 devices; got f64[4,3] for own: f64[4,3]" + ORDER,
        broken(own -> own));
    fails(
        "[gather] must give the rows of all 2 devices; got f64[2,12] for own: f64[4,3]" + ORDER,
        broken(own -> LayoutOps.concat(0, List.of(own, own)).reshape(2, 12)));
    fails(
        "[gather] must give the rows of all 2 devices; got f32[8,3] for own: f64[4,3]" + ORDER,
        broken(own -> LayoutOps.concat(0, List.of(own, own)).cast(ibrik.tensor.DType.F32)));
    try (TensorScope _ = TensorScope.open()) {
      Tensor own = normal64(0, 4, 3);
      rejects(
          "[gather] own must be [V B, D]; got f64[4,3] of 3 views; put the views one after another along"
              + " the first axis",
          () -> new Twice(true).unionOfViews(own, 3));
    }
  }

  @Test
  void noDevicesAreRefused() {
    Gather none =
        new Gather() {
          @Override
          public int devices() {
            return 0;
          }

          @Override
          public Tensor rows(Tensor own) {
            return own;
          }
        };
    refuses(
        "[config] devices must be at least 1; got 0",
        () -> new Setting(Build.cpu(1), Tiny::new, 0, 4, 1, 4, none));
  }
}
