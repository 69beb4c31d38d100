package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Linear;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.nn.init.Init;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet;
import ibrik.nn.optim.Sgd;
import ibrik.nn.optim.WeightDecay;
import ibrik.nn.schedule.Schedule;
import ibrik.ssl.augment.Views;
import ibrik.ssl.data.Batch;
import ibrik.ssl.data.BatchLoader;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.Image;
import ibrik.ssl.data.ImageSet;
import ibrik.ssl.eval.FineTuning.Decline;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.random.PhiloxStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Small pictures of one of three colours, and an encoder that at first sees red alone: a linear
/// classifier on its features cannot tell green from blue, whatever it does.
class FineTuningTest extends EvalTest {
  private static final int SIDE = 6;
  private static final int CLASSES = 3;

  /// Colour by class, with noise: crops and flips change nothing.
  private record Colours(int size, long seed) implements ImageSet {
    @Override
    public Image image(int index) {
      PhiloxStream random = new PhiloxStream(seed, index);
      byte[] pixels = new byte[SIDE * SIDE * 3];
      for (int i = 0; i < pixels.length; i++) {
        int level = i % 3 == label(index) ? 150 : 100;
        pixels[i] = (byte) (level + random.nextInt(60) - 30);
      }
      return new Image(SIDE, SIDE, 3, pixels);
    }

    @Override
    public int label(int index) {
      return index % CLASSES;
    }

    @Override
    public List<String> classNames() {
      return List.of("red", "green", "blue");
    }
  }

  private static final int LABELLED = 48;

  private static DataSet data() {
    return new DataSet(
        "colours",
        new Colours(LABELLED, 1),
        new Colours(90, 2),
        SIDE,
        SIDE,
        3,
        List.of(0.46f, 0.46f, 0.46f),
        List.of(0.1f, 0.1f, 0.1f),
        "none");
  }

  /// The mean of each channel, then a map whose weights let through the first alone.
  private static final class SeesRed extends Module {
    private final Linear map;

    SeesRed() {
      super(Build.cpu(0));
      map = child("map", build -> new Linear(build, 3, 3, Init.constant(0), null));
      try (TensorScope _ = TensorScope.open()) {
        map.weight().variable().set(Tensor.of(new float[] {1, 0, 0, 0, 0, 0, 0, 0, 0}, 3, 3));
      }
    }

    @Override
    public Tensor forward(Tensor x) {
      return map.forward(x.mean(List.of(1, 2), false));
    }

    float[] weights() {
      return map.weight().value().toFloats();
    }
  }

  private static FineTuning.Config config() {
    return new FineTuning.Config(0.2, 0.2, Decline.COSINE, 12, 8, 0.9, false, 0, 5);
  }

  private static FineTuning.Result run(SeesRed encoder, FineTuning.Config config, int workers) {
    DataSet data = data();
    return FineTuning.run(encoder, 3, data, data.train(), config, workers, (_, _, _) -> {});
  }

  @Test
  void theWholeEncoderLearns() {
    DataSet data = data();
    try (SeesRed encoder = new SeesRed()) {
      FeatureBank train = FeatureBank.extract(encoder, data, data.train(), 64);
      FeatureBank test = FeatureBank.extract(encoder, data, data.test(), 64);
      LogisticRegression.Config form = LogisticRegression.Config.small();
      double frozen = LogisticRegression.probe(train, test, form, Device.CPU).accuracy();
      assertTrue(frozen > 0.5 && frozen < 0.8, "red from the others: " + frozen);
      List<Long> steps = new ArrayList<>();
      FineTuning.Result result =
          FineTuning.run(
              encoder,
              3,
              data,
              data.train(),
              config(),
              0,
              (done, all, loss) -> {
                assertEquals(72, all);
                assertTrue(Double.isFinite(loss));
                steps.add(done);
              });
      assertTrue(result.accuracy() > 0.95, "tuned " + result.accuracy());
      assertEquals(90, result.test().size());
      assertEquals(12, result.epochs().size());
      assertEquals(72, steps.size());
      assertEquals(72, steps.getLast());
      double first = result.epochs().getFirst().loss();
      assertTrue(result.epochs().getLast().loss() < first / 2, "" + result.epochs());
      assertTrue(result.epochs().getLast().accuracy() > 0.9, "" + result.epochs());
      assertFalse(encoder.training());
    }
  }

  /// With a rate of 0 the encoder stays as it is, bit for bit, and its features as poor.
  @Test
  void aFrozenEncoderIsALinearProbe() {
    try (SeesRed encoder = new SeesRed()) {
      float[] before = encoder.weights();
      FineTuning.Result result = run(encoder, config().withRates(0, 0.2), 0);
      assertArrayEquals(before, encoder.weights());
      assertTrue(result.accuracy() < 0.8, "" + result.accuracy());
    }
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    double[] scores = null;
    float[] weights = null;
    for (int workers : new int[] {0, 1, 3}) {
      try (SeesRed encoder = new SeesRed()) {
        FineTuning.Result result = run(encoder, config(), workers);
        scores = scores == null ? result.test().scores() : scores;
        weights = weights == null ? encoder.weights() : weights;
        assertArrayEquals(scores, result.test().scores(), workers + " workers");
        assertArrayEquals(weights, encoder.weights(), workers + " workers");
      }
    }
    try (SeesRed encoder = new SeesRed()) {
      FineTuning.Config other =
          new FineTuning.Config(0.2, 0.2, Decline.COSINE, 12, 8, 0.9, false, 0, 6);
      assertFalse(Arrays.equals(scores, run(encoder, other, 0).test().scores()));
    }
  }

  /// The same loop written out, without a captured program: same views, rates and updates.
  @Test
  void replaysAreTheEagerSteps() {
    FineTuning.Config config =
        new FineTuning.Config(0.1, 0.3, Decline.STEPS, 5, 16, 0.9, true, 0.01, 3);
    try (SeesRed tuned = new SeesRed();
        SeesRed encoder = new SeesRed();
        Linear head = LinearHead.layer(3, CLASSES, 3, Device.CPU)) {
      run(tuned, config, 0);
      DataSet data = data();
      BatchLoader.Plan plan = BatchLoader.Plan.of(data, Views.supervised(), 16, 3);
      Schedule fall = Schedule.steps(1, 0.2, List.of(9L, 12L)); // 3 and 4 epochs of 3 steps
      WeightDecay decay = WeightDecay.weights(0.01);
      try (BatchLoader loader = new BatchLoader(plan, 0, 0);
          Variable slow = Variable.scalar("slow", 0, Device.CPU);
          Variable fast = Variable.scalar("fast", 0, Device.CPU);
          Sgd body = new Sgd(encoder.parameters(), slow, 0.9, true, decay);
          Sgd top = new Sgd(head.parameters(), fast, 0.9, true, decay)) {
        for (long at = 0; at < 15; at++) {
          slow.set(0.1 * fall.at(at));
          fast.set(0.3 * fall.at(at));
          step(encoder, head, loader.next(), body, top);
        }
      }
      assertArrayEquals(encoder.weights(), tuned.weights());
    }
  }

  private static void step(Module encoder, Linear head, Batch batch, Sgd body, Sgd top) {
    Device cpu = Device.CPU;
    try (TensorScope _ = TensorScope.open()) {
      Tensor x =
          Tensor.copyOf(
              batch.views().getFirst(), new TensorSpec(DType.F32, batch.shapes().getFirst()), cpu);
      Tensor y =
          Tensor.copyOf(
              MemorySegment.ofArray(batch.labels()),
              new TensorSpec(DType.I32, Shape.of(batch.size())),
              cpu);
      List<Tensor> inner = values(encoder.parameters());
      List<Tensor> all = new ArrayList<>(inner);
      all.addAll(values(head.parameters()));
      try (Tape.Run run =
          Tape.record(() -> head.forward(encoder.forward(x)).softmaxCrossEntropy(y).mean())) {
        List<Tensor> gradients = run.gradients(all);
        body.step(gradients.subList(0, inner.size()));
        top.step(gradients.subList(inner.size(), all.size()));
      }
    }
  }

  private static List<Tensor> values(List<Parameter> parameters) {
    return parameters.stream().map(Parameter::value).toList();
  }

  @Test
  void ratesFall() {
    FineTuning.Config swav =
        new FineTuning.Config(0.01, 0.2, Decline.STEPS, 20, 8, 0.9, false, 0, 0);
    Schedule steps = swav.falling(0.2, 5);
    assertEquals(0.2, steps.at(59), 0);
    assertEquals(0.04, steps.at(60), 1e-12);
    assertEquals(0.04, steps.at(79), 1e-12);
    assertEquals(0.008, steps.at(80), 1e-12);
    Schedule cosine = swav.declining(Decline.COSINE).falling(0.2, 5);
    assertEquals(0.1, cosine.at(50), 1e-12);
    assertEquals(0, cosine.at(100), 1e-12);
  }

  @Test
  void recipes() {
    FineTuning.Config full = FineTuning.Config.full(4000, 7);
    assertEquals(256, full.batchSize());
    assertEquals(0.05, full.encoderLr(), 1e-12);
    assertEquals(full.encoderLr(), full.headLr());
    assertEquals(30, full.epochs());
    assertEquals(0.05 * 8 / 256, FineTuning.Config.full(40, 0).headLr(), 1e-12);
    FineTuning.Config few = FineTuning.Config.semi(0.01, 500, 0);
    assertEquals(List.of(0.03, 0.08), List.of(few.encoderLr(), few.headLr()));
    assertEquals(64, few.batchSize());
    assertEquals(60, few.epochs());
    FineTuning.Config some = FineTuning.Config.semi(0.1, 5000, 0);
    assertEquals(List.of(0.01, 0.1), List.of(some.encoderLr(), some.headLr()));
    assertEquals(1, FineTuning.Config.semi(0.01, 3, 0).batchSize());
  }

  /// With a rate of 0 nothing is trained, but running statistics move as in training.
  @Test
  void batchNormsAreInTrainMode() {
    DataSet data = data();
    try (Encoder encoder =
        Models.create(Build.cpu(1), "resnet8", 3, 0.25, ResNet.Stem.CIFAR, false)) {
      List<float[]> weights = copies(values(encoder.parameters()));
      List<float[]> statistics = copies(encoder.buffers().stream().map(Variable::value).toList());
      FineTuning.Config still = config().withRates(0, 0.1).withEpochs(1);
      FineTuning.run(encoder, encoder.featureDim(), data, data.train(), still, 0, (_, _, _) -> {});
      List<float[]> after = copies(values(encoder.parameters()));
      for (int i = 0; i < weights.size(); i++) {
        assertArrayEquals(weights.get(i), after.get(i));
      }
      List<float[]> moved = copies(encoder.buffers().stream().map(Variable::value).toList());
      for (int i = 0; i < moved.size(); i++) {
        assertFalse(Arrays.equals(statistics.get(i), moved.get(i)));
      }
      assertFalse(encoder.training());
    }
  }

  private static List<float[]> copies(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::toFloats).toList();
  }

  /// Large images are cropped, small ones shifted.
  @Test
  void views() {
    assertEquals(Views.supervised(), Views.fineTuning(64));
    assertEquals(0.08, Views.fineTuning(65).getFirst().cropScaleLow());
    assertEquals(0, Views.fineTuning(224).getFirst().padCrop());
  }

  private static String refused(Class<? extends RuntimeException> type, FineTuning.Config config) {
    try (SeesRed encoder = new SeesRed()) {
      return String.valueOf(assertThrows(type, () -> run(encoder, config, 0)).getMessage());
    }
  }

  @Test
  void whatCannotBe() {
    String large = refused(IllegalArgumentException.class, config().withBatchSize(49));
    assertTrue(large.contains("batch size must be between 1 and the 48"), large);
    String wild = refused(IllegalStateException.class, config().withRates(1e30, 1e30));
    assertTrue(wild.contains("[fine_tune] the loss must stay finite; got "), wild);
    assertTrue(wild.contains("lower the learning rates 1.0E30"), wild);
    assertThrows(IllegalArgumentException.class, () -> config().withEpochs(0));
    assertThrows(IllegalArgumentException.class, () -> config().withRates(Double.NaN, 1));
    DataSet data = data();
    ImageSet unlabelled =
        new ImageSet() {
          @Override
          public int size() {
            return 8;
          }

          @Override
          public Image image(int index) {
            return data.train().image(index);
          }

          @Override
          public int label(int index) {
            return index == 7 ? NO_LABEL : 0;
          }

          @Override
          public List<String> classNames() {
            return data.classNames();
          }
        };
    try (SeesRed encoder = new SeesRed()) {
      String got =
          String.valueOf(
              assertThrows(
                      IllegalArgumentException.class,
                      () ->
                          FineTuning.run(
                              encoder, 3, data, unlabelled, config(), 0, (_, _, _) -> {}))
                  .getMessage());
      assertTrue(got.contains("needs labels of at least two classes"), got);
    }
  }
}
