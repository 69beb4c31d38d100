package ibrik.ssl.method.dino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class DinoTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int OUTPUTS = 5;
  private static final int STEPS = 6;

  /// The last layer stands still for two steps, the teacher's temperature climbs over two epochs.
  private static final DinoConfig CONFIG =
      new DinoConfig(5, 3, OUTPUTS, true, 0.5, 0.3, 0.2, 2, 0.8, 0.9, 1, 0, 1);

  private static Method create(DinoConfig config) {
    return new DinoFactory().create(config, pooledSetting(BATCH, 2, STEPS));
  }

  private static List<Tensor> views(long step) {
    return crops(BATCH, step, 3, 3, 2);
  }

  private static Tensor gelu(Tensor x) {
    return x.mul(x.mul(Math.sqrt(0.5)).erf().add(1)).mul(0.5);
  }

  private static Tensor bottleneck(StraightLine line, String name, Tensor y) {
    Tensor one = gelu(line.norm(name + ".layers.1", line.linear(name + ".layers.0", y)));
    Tensor two = gelu(line.norm(name + ".layers.4", line.linear(name + ".layers.3", one)));
    return StraightLine.unit(line.linear(name + ".layers.6", two));
  }

  private static Tensor outputs(StraightLine line, String name, Tensor z) {
    return z.matMul(StraightLine.unit(line.leaf(name + ".weight")), false, true);
  }

  private static Tensor softmax(Tensor x) {
    Tensor e = x.exp();
    return e.div(e.sum(List.of(1), true));
  }

  private static Tensor loss(StraightLine line, List<Tensor> views, double sharp, double[][] mean) {
    Tensor z = bottleneck(line, "head", line.pooled("encoder", views, 2));
    Tensor logs = softmax(outputs(line, "head", z).div(0.5)).log();
    Tensor seen = line.pooled("target_encoder", views.subList(0, 2), 2);
    Tensor t = outputs(line, "target_head", bottleneck(line, "target_head", seen));
    mean[0] = t.mean(List.of(0), false).toDoubles();
    Tensor c = Tensor.of(line.numbers("center.value"), OUTPUTS);
    Tensor q = softmax(t.sub(c).div(sharp));
    Tensor total = q.narrow(0, 0, BATCH).mul(logs.narrow(0, BATCH, BATCH)).sum();
    total = total.add(q.narrow(0, 0, BATCH).mul(logs.narrow(0, 2 * BATCH, BATCH)).sum());
    total = total.add(q.narrow(0, BATCH, BATCH).mul(logs.narrow(0, 0, BATCH)).sum());
    total = total.add(q.narrow(0, BATCH, BATCH).mul(logs.narrow(0, 2 * BATCH, BATCH)).sum());
    return total.mul(-1.0 / (4 * BATCH));
  }

  /// The whole run: frozen last layer, temperature per epoch (0.2, then 0.3), centre after the
  /// loss, teacher after the step.
  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG);
        Trainer trainer = new Trainer(method, 0.1)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(step);
        boolean frozen = step < 2;
        double[][] mean = new double[1][];
        double want =
            line.step(
                () -> loss(line, views, frozen ? 0.2 : 0.3, mean),
                name ->
                    name.startsWith("target_") || (frozen && name.equals("head.weight")) ? 0 : 0.1);
        line.follow("target_", 1 - 0.1 * (Math.cos(Math.PI * step / STEPS) + 1) / 2);
        double[] center = line.numbers("center.value");
        for (int k = 0; k < OUTPUTS; k++) {
          center[k] = 0.8 * center[k] + 0.2 * mean[0][k];
        }
        assertEquals(want, trainer.step(step, views, unknown(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  @Test
  void groupsAreClippedAndTheLastLayerWaits() {
    DinoConfig clipped = new DinoConfig(5, 3, OUTPUTS, false, 0.5, 0.3, 0.2, 2, 0.8, 0.9, 1, 3, 1);
    try (Method method = create(clipped)) {
      assertEquals(List.of(3.0, 3.0), method.groups().stream().map(Method.Group::clip).toList());
      assertEquals(
          List.of(0L, 2L), method.groups().stream().map(Method.Group::frozenSteps).toList());
      assertEquals("head.weight", method.groups().getLast().parameters().getFirst().name());
      assertTrue(method.trainable().stream().noneMatch(p -> p.name().startsWith("target_")));
      assertEquals(Math.log(OUTPUTS), method.collapseValue(), 1e-12);
      assertEquals(3, method.viewCount());
      assertTrue(method.state().containsKey("center.value"));
    }
  }

  @Test
  void theTeachersTemperatureClimbsByEpochs() {
    DinoConfig climb = new DinoConfig(5, 3, OUTPUTS, true, 0.5, 0.07, 0.04, 3, 0.8, 0.9, 1, 0, 1);
    try (Method method = create(climb)) {
      double[] want = {0.04, 0.04, 0.055, 0.055, 0.07, 0.07, 0.07};
      for (int step = 0; step < want.length; step++) {
        assertEquals(want[step], method.scalars(step).get("teacher_temperature"), 1e-12);
      }
    }
  }

  /// Targets after 150 steps on 16 images: entropy of their mean over the batch, and mean entropy
  /// of each, in units of ln K.
  private static double[] entropies(double centerMomentum, double teacherTemperature) {
    int batch = 16;
    int outputs = 8;
    DinoConfig config =
        new DinoConfig(
            16,
            8,
            outputs,
            true,
            0.1,
            teacherTemperature,
            teacherTemperature,
            0,
            centerMomentum,
            0.9,
            0,
            0,
            0);
    try (TensorScope _ = TensorScope.open();
        Method method = new DinoFactory().create(config, pooledSetting(batch, 150, 150));
        Trainer trainer = new Trainer(method, 0.02)) {
      for (int step = 0; step < 150; step++) {
        trainer.step(step, related(batch, step, 2), unknown(batch));
      }
      Tensor z = method.forward(related(batch, 0, 2), unknown(batch)).embeddings();
      StraightLine line = new StraightLine(method);
      Tensor c = Tensor.of(line.numbers("center.value"), outputs);
      Tensor scores = outputs(line, "head", z.cast(DType.F64)).sub(c);
      Tensor q = softmax(scores.div(teacherTemperature));
      double ofMean = entropy(q.mean(List.of(0), false).toDoubles());
      double each = entropy(q.toDoubles()) / batch;
      return new double[] {ofMean / Math.log(outputs), each / Math.log(outputs)};
    }
  }

  private static double entropy(double[] p) {
    return -DoubleStream.of(p).map(x -> x > 0 ? x * Math.log(x) : 0).sum();
  }

  /// Section 5.3: without centring one output wins everywhere; without sharpening, with the teacher
  /// as warm as the student, targets become flat; with both, each is sharp and images differ.
  @Test
  void centringAndSharpeningPreventCollapse() {
    double[] both = entropies(0.9, 0.04);
    double[] uncentred = entropies(1, 0.04);
    double[] blunt = entropies(0.9, 0.1);
    String seen = Arrays.toString(both) + Arrays.toString(uncentred) + Arrays.toString(blunt);
    assertTrue(both[0] > 0.4 && both[1] < 0.3, seen);
    assertTrue(uncentred[0] < 0.1, seen);
    assertTrue(blunt[1] > 0.6, seen);
  }

  @Test
  void noGradientReachesTheTeacher() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG);
        Tape.Run run = Tape.record(() -> method.forward(views(0), unknown(BATCH)).loss())) {
      var targets =
          method.state().entrySet().stream()
              .filter(e -> e.getKey().startsWith("target_") && !e.getKey().contains(".running_"))
              .map(e -> e.getValue())
              .toList();
      for (Tensor gradient : run.gradientsOf(targets)) {
        assertArrayEquals(new double[(int) gradient.elems()], gradient.toDoubles());
      }
    }
  }

  /// What training leaves is the teacher (figure 6), with its head for clusters; the student where
  /// it is asked for, and for runs that were made before one could ask. With tau = 1 the teacher
  /// stands still.
  @Test
  void theTeacherIsKept() {
    try (TensorScope _ = TensorScope.open();
        Method teacher = create(still(false));
        Method student = create(still(true));
        Trainer one = new Trainer(teacher, 0.1);
        Trainer other = new Trainer(student, 0.1)) {
      double[] start = weights(teacher);
      assertArrayEquals(start, weights(student));
      for (int step = 0; step < 3; step++) {
        one.step(step, views(step), unknown(BATCH));
        other.step(step, views(step), unknown(BATCH));
      }
      assertArrayEquals(start, weights(teacher));
      assertFalse(Arrays.equals(start, weights(student)), "the student stood still");
      Tensor features = Tensor.of(normals(4 * FEATURES, 3), 4, FEATURES);
      assertArrayEquals(
          teacher.networks().get("target_head").forward(features).toDoubles(),
          teacher.clusterScores(features).toDoubles());
      assertArrayEquals(
          student.networks().get("head").forward(features).toDoubles(),
          student.clusterScores(features).toDoubles());
    }
    assertEquals(Map.of("keep_student", "true"), new DinoFactory().laterSettings());
  }

  private static DinoConfig still(boolean keepStudent) {
    return new DinoConfig(5, 3, OUTPUTS, true, 0.5, 0.3, 0.3, 0, 0.8, 1, 0, 0, 1, keepStudent);
  }

  /// Of the first layer of what is kept.
  private static double[] weights(Method method) {
    return method.encoder().parameters().getFirst().value().toDoubles();
  }

  @Test
  void rangesAreChecked() {
    rejects(
        "[config] student_temperature must be a number above 0; got 0.0",
        () -> new DinoConfig(1, 1, 1, true, 0, 1, 1, 0, 1, 1, 0, 0, 0));
    rejects(
        "[config] teacher_temperature must be a number above 0; got -1.0",
        () -> new DinoConfig(1, 1, 1, true, 1, -1, 1, 0, 1, 1, 0, 0, 0));
    rejects(
        "[config] center_momentum must be in [0, 1]; got 1.5",
        () -> new DinoConfig(1, 1, 1, true, 1, 1, 1, 0, 1.5, 1, 0, 0, 0));
    rejects(
        "[config] clip must be a number of at least 0; got -3.0",
        () -> new DinoConfig(1, 1, 1, true, 1, 1, 1, 0, 1, 1, 0, -3, 0));
  }

  @Test
  void presets() {
    DinoFactory factory = new DinoFactory();
    DinoConfig paper = factory.defaults(Preset.IMAGENET);
    assertEquals(65536, paper.outputs());
    assertEquals(
        Recipe.sgd(0.03, 1e-4, 256, 100, 10).endingAt(1e-6 / 0.03),
        factory.recipe(Preset.IMAGENET));
    List<View> views = factory.views(paper, Preset.IMAGENET);
    assertEquals(10, views.size());
    assertEquals(Views.byolView(1, 0).cropped(0.14, 1), views.getFirst());
    assertEquals(Views.byolView(0.5, 0).cropped(0.05, 0.14).sized(96), views.getLast());
    assertEquals(Views.byolCifar(), factory.views(Preset.CIFAR));
  }
}
