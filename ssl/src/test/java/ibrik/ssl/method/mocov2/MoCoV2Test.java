package ibrik.ssl.method.mocov2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MoCoV2Test extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 4;
  private static final int WIDTH = 3;
  private static final int QUEUE = 12;

  private static MoCoV2Config config(int parts, boolean symmetric) {
    return new MoCoV2Config(5, WIDTH, QUEUE, 0.5, 0.9, parts, symmetric);
  }

  private static Method create(MoCoV2Config config) {
    return new MoCoV2Factory().create(config, setting(0, BATCH, STEPS));
  }

  // ---- loss ----

  /// q = k = (1, 0), queue (0, 1) and (-1, 0), t = 1: `ln(e + 1 + e^-1) - 1`. With p and r the
  /// chances of the two negatives, `dL/dn(q) = -(p + r) k + p (0, 1) + r (-1, 0)`; along q it falls
  /// away, and |q| = 2 halves it: (0, p / 2).
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = Tensor.of(new double[] {2, 0}, 1, 2);
      Tensor k = Tensor.of(new double[] {3, 0}, 1, 2);
      Tensor queue = Tensor.of(new double[] {0, 1, -1, 0}, 2, 2);
      double sum = Math.E + 1 + Math.exp(-1);
      try (Tape.Run run = Tape.record(() -> QueueLoss.of(q, k, queue, 1))) {
        assertEquals(Math.log(sum) - 1, run.value().item(), 1e-12);
        List<Tensor> gradients = run.gradients(List.of(q, k, queue));
        assertArrayEquals(new double[] {0, 0.5 / sum}, gradients.get(0).toDoubles(), 1e-12);
        assertArrayEquals(new double[2], gradients.get(1).toDoubles(), "keys are constants");
        assertArrayEquals(new double[4], gradients.get(2).toDoubles(), "so is the queue");
      }
    }
  }

  @Test
  void gradientCheckAndInvariances() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor q = normal64(0, 4, 3);
      Tensor k = normal64(1, 4, 3);
      Tensor queue = normal64(2, 7, 3).l2Normalize();
      gradientCheck(in -> QueueLoss.of(in.getFirst(), k, queue, 0.3), q);
      double loss = QueueLoss.of(q, k, queue, 0.3).item();
      assertEquals(loss, QueueLoss.of(reversed(q), reversed(k), queue, 0.3).item(), 1e-12);
      assertEquals(loss, QueueLoss.of(q, k, reversed(queue), 0.3).item(), 1e-12);
      assertEquals(loss, QueueLoss.of(q.mul(5), k.mul(0.2), queue, 0.3).item(), 1e-12);
      Tensor same = LayoutOps.concat(0, List.of(q.narrow(0, 0, 1), q.narrow(0, 0, 1)));
      assertEquals(Math.log(3), QueueLoss.of(same, same, same.l2Normalize(), 0.3).item(), 1e-12);
    }
  }

  // ---- method ----

  /// Linear, ReLU, Linear, without norms.
  private static Tensor embed(StraightLine line, String target, Tensor view) {
    Tensor y = line.encoder(target + "encoder", view);
    Tensor hidden = line.linear(target + "projector.layers.0", y).relu();
    return StraightLine.unit(line.linear(target + "projector.layers.2", hidden));
  }

  /// Eq. 1 with sums of exponentials, negatives as they are before the step.
  private static Tensor contrast(StraightLine line, Tensor q, Tensor key) {
    Tensor k = key.detach();
    Tensor queue = Tensor.of(line.numbers("queue.rows").clone(), QUEUE, WIDTH);
    Tensor own = q.mul(k).sum(List.of(1), false).div(0.5);
    Tensor others = q.matMul(queue, false, true).div(0.5).exp().sum(List.of(1), false);
    return own.exp().add(others).log().sub(own).mean();
  }

  private static void push(StraightLine line, double[] keys) {
    double[] ages = line.numbers("queue.ages");
    double[] position = line.numbers("queue.position");
    int at = (int) position[0];
    System.arraycopy(keys, 0, line.numbers("queue.rows"), at * keys.length, keys.length);
    for (int i = 0; i < ages.length; i++) {
      ages[i] = i == at ? 1 : ages[i] > 0 ? ages[i] + 1 : 0;
    }
    position[0] = (at + 1) % ages.length;
  }

  /// A whole run: queries, keys of the slow network, a ring that takes the keys after each step.
  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(config(1, false));
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(BATCH, step);
        double[][] keys = new double[1][];
        double want =
            line.step(
                () -> {
                  Tensor key = embed(line, "target_", views.get(1));
                  keys[0] = key.toDoubles();
                  return contrast(line, embed(line, "", views.get(0)), key);
                },
                name -> name.startsWith("target_") ? 0 : 0.05);
        line.follow("target_", 0.9);
        push(line, keys[0]);
        assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  /// Symmetric: the mean of both directions; both keys enter the queue.
  @Test
  void trainsSymmetricallyLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(config(1, true));
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(BATCH, step);
        double[][] keys = new double[1][];
        double want =
            line.step(
                () -> {
                  Tensor q1 = embed(line, "", views.get(0));
                  Tensor k2 = embed(line, "target_", views.get(1));
                  Tensor q2 = embed(line, "", views.get(1));
                  Tensor k1 = embed(line, "target_", views.get(0));
                  keys[0] = LayoutOps.concat(0, List.of(k2, k1)).toDoubles();
                  return contrast(line, q1, k2).add(contrast(line, q2, k1)).div(2);
                },
                name -> name.startsWith("target_") ? 0 : 0.05);
        line.follow("target_", 0.9);
        push(line, keys[0]);
        assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  /// Norms of a part see its images only: a query does not change when an image of another part
  /// does. With the batch whole, it does.
  @Test
  void partsOfTheBatchDoNotSeeEachOther() {
    assertTrue(firstRowIsUntouched(2));
    assertTrue(!firstRowIsUntouched(1));
  }

  private static boolean firstRowIsUntouched(int parts) {
    try (TensorScope _ = TensorScope.open();
        Method method = create(config(parts, false))) {
      List<Tensor> views = views(BATCH, 0);
      Tensor changed = LayoutOps.concat(0, List.of(views.get(0).narrow(0, 0, 5), images(1, 99)));
      Tensor first = method.forward(views, noLabels(BATCH)).embeddings().narrow(0, 0, 1);
      Tensor second =
          method
              .forward(List.of(changed, views.get(1)), noLabels(BATCH))
              .embeddings()
              .narrow(0, 0, 1);
      return Arrays.equals(first.toDoubles(), second.toDoubles());
    }
  }

  @Test
  void smallPrint() {
    try (Method method = create(config(1, false))) {
      assertEquals(Math.log(13), method.collapseValue(), 1e-12);
      assertEquals(List.of("tau", "queue_age"), List.copyOf(method.scalars(0).keySet()));
    }
    refuses(
        "[queue] queue must hold a multiple of the 6 embeddings of a step; got 10; take 12, or"
            + " another batch size",
        () -> create(new MoCoV2Config(5, 3, 10, 0.5, 0.9, 1, false)));
    refuses(
        "[queue] queue must hold a multiple of the 12 embeddings of a step; got 18; take 24, or"
            + " another batch size",
        () -> create(new MoCoV2Config(5, 3, 18, 0.5, 0.9, 1, true)));
    refuses(
        "[split_batch] parts must divide the batch of 6 and leave at least two images in each; got"
            + " 4; take another batch size, or 1 to leave it whole",
        () -> create(config(4, false)));
    refuses(
        "[config] temperature must be a number above 0; got 0.0",
        () -> new MoCoV2Config(5, 3, 12, 0, 0.9, 1, true));
    refuses(
        "[config] tau must be in [0, 1]; got 2.0", () -> new MoCoV2Config(5, 3, 12, 1, 2, 1, true));
  }

  @Test
  void recipes() {
    MoCoV2Factory factory = new MoCoV2Factory();
    assertEquals(
        new MoCoV2Config(2048, 128, 65_536, 0.2, 0.999, 8, false),
        factory.defaults(Preset.IMAGENET));
    assertEquals(
        Recipe.sgd(0.03, 1e-4, 256, 200, 0).decayingEverything(), factory.recipe(Preset.IMAGENET));
    Recipe demo = factory.recipe(Preset.CIFAR);
    assertEquals(0.06, demo.baseLr() * demo.batchSize() / 256);
  }
}
