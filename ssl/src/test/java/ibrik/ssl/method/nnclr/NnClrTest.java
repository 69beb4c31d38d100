package ibrik.ssl.method.nnclr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.autograd.Tape;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

class NnClrTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int STEPS = 4;
  private static final int WIDTH = 3;
  private static final int QUEUE = 12;
  private static final NnClrConfig CONFIG = new NnClrConfig(3, 5, WIDTH, 4, QUEUE, 0.3);

  private static Method create() {
    return new NnClrFactory().create(CONFIG, setting(0, BATCH, STEPS));
  }

  /// Rows of the support nearest in angle; of two equal ones the first; lengths do not matter.
  @Test
  void neighborsByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor support = Tensor.of(new double[] {1, 0, 0.6, 0.8, 0.6, 0.8, 0, -1}, 4, 2);
      Tensor z = Tensor.of(new double[] {9, 1, 0.1, 0.2, -1, -5}, 3, 2);
      assertArrayEquals(
          new double[] {1, 0, 0.6, 0.8, 0, -1}, NearestNeighbors.of(z, support).toDoubles());
      assertArrayEquals(
          support.toDoubles(), NearestNeighbors.of(support.mul(3), support).toDoubles(), 1e-12);
    }
  }

  @Test
  void noGradientFlowsThroughNeighbors() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = normal64(0, 4, 3);
      Tensor other = normal64(1, 4, 3);
      Tensor support = normal64(2, 5, 3).l2Normalize();
      try (Tape.Run run = Tape.record(() -> NearestNeighbors.of(z, support).mul(other).sum())) {
        List<Tensor> gradients = run.gradients(List.of(z, support, other));
        assertArrayEquals(new double[12], gradients.get(0).toDoubles());
        assertArrayEquals(new double[15], gradients.get(1).toDoubles());
        assertArrayEquals(
            NearestNeighbors.of(z, support).toDoubles(), gradients.get(2).toDoubles());
      }
    }
  }

  /// Cosines one by one, the largest wins.
  private static Tensor neighbors(Tensor z, double[] support) {
    double[] unit = StraightLine.unit(z).toDoubles();
    double[] found = new double[unit.length];
    for (int i = 0; i < unit.length; i += WIDTH) {
      double most = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < support.length; j += WIDTH) {
        double dot = 0;
        for (int k = 0; k < WIDTH; k++) {
          dot += unit[i + k] * support[j + k];
        }
        if (dot > most) {
          most = dot;
          System.arraycopy(support, j, found, i, WIDTH);
        }
      }
    }
    return Tensor.of(found, found.length / WIDTH, WIDTH);
  }

  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create();
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = views(BATCH, step);
        double[][] fresh = new double[1][];
        double want =
            line.step(
                () -> {
                  Tensor z1 = line.mlp("projector", 3, line.encoder("encoder", views.get(0)));
                  Tensor p1 = line.mlp("predictor", 2, z1);
                  Tensor z2 = line.mlp("projector", 3, line.encoder("encoder", views.get(1)));
                  Tensor p2 = line.mlp("predictor", 2, z2);
                  double[] support = line.numbers("queue.rows");
                  fresh[0] = StraightLine.unit(z1).toDoubles();
                  return StraightLine.diagonal(neighbors(z1, support), p2, 0.3)
                      .add(StraightLine.diagonal(neighbors(z2, support), p1, 0.3))
                      .div(2);
                },
                _ -> 0.05);
        push(line, fresh[0]);
        assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  /// First views only, over the oldest ones.
  private static void push(StraightLine line, double[] fresh) {
    double[] ages = line.numbers("queue.ages");
    double[] position = line.numbers("queue.position");
    int at = (int) position[0];
    System.arraycopy(fresh, 0, line.numbers("queue.rows"), at * fresh.length, fresh.length);
    for (int i = 0; i < ages.length; i++) {
      ages[i] = i == at ? 1 : ages[i] > 0 ? ages[i] + 1 : 0;
    }
    position[0] = (at + 1) % ages.length;
  }

  @Test
  void smallPrint() {
    try (Method method = create()) {
      assertEquals(Math.log(BATCH), method.collapseValue());
    }
    refuses(
        "[queue] queue must hold a multiple of the 6 embeddings of a step; got 9; take 12, or"
            + " another batch size",
        () -> new NnClrFactory().create(new NnClrConfig(1, 1, 1, 1, 9, 1), setting(0, BATCH, 1)));
    refuses(
        "[config] temperature must be a number above 0; got -1.0",
        () -> new NnClrConfig(1, 1, 1, 1, 1, -1));
    refuses("[config] queue must be at least 1; got 0", () -> new NnClrConfig(1, 1, 1, 1, 0, 1));
    assertEquals(
        new NnClrConfig(3, 2048, 256, 4096, 98_304, 0.1),
        new NnClrFactory().defaults(Preset.IMAGENET));
  }
}
