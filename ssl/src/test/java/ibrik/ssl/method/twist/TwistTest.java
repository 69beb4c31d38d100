package ibrik.ssl.method.twist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.Preset;
import ibrik.ssl.method.Recipe;
import ibrik.ssl.method.StraightLine;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TwistTest extends MethodTest {
  private static final int BATCH = 6;
  private static final int CLASSES = 4;
  private static final int STEPS = 6;

  /// One small view; the last of three epochs trains on own labels.
  private static final TwistConfig CONFIG =
      new TwistConfig(5, CLASSES, 0.8, 1.2, true, 1, 1, 0.5, 0.7);

  private static Method create(TwistConfig config) {
    return new TwistFactory().create(config, pooledSetting(BATCH, 2, STEPS));
  }

  private static Tensor head(StraightLine line, Tensor y) {
    Tensor one = line.norm("head.layers.1", line.linear("head.layers.0", y)).relu();
    Tensor two = line.norm("head.layers.4", line.linear("head.layers.3", one)).relu();
    return line.norm("head.layers.7", line.linear("head.layers.6", two));
  }

  private static List<Tensor> logits(StraightLine line, List<Tensor> views, int large) {
    Tensor all = head(line, line.pooled("encoder", views, large));
    return IntStream.range(0, views.size())
        .mapToObj(v -> all.narrow(0, (long) v * BATCH, BATCH))
        .toList();
  }

  private static Tensor softmax(Tensor x) {
    Tensor e = x.exp();
    return e.div(e.sum(List.of(1), true));
  }

  private static Tensor ln(Tensor p) {
    return p.add(1e-5).log();
  }

  private static Tensor divergence(Tensor p, Tensor q) {
    return p.mul(ln(p).sub(ln(q))).sum().div(BATCH);
  }

  private static Tensor twin(List<Tensor> logits) {
    Tensor total = null;
    for (int[] pair : new int[][] {{0, 1}, {0, 2}, {1, 2}}) {
      Tensor p = softmax(logits.get(pair[0]));
      Tensor q = softmax(logits.get(pair[1]));
      Tensor loss = divergence(p, q).add(divergence(q, p)).div(2);
      for (Tensor side : List.of(p, q)) {
        Tensor mean = side.mean(List.of(0), false);
        Tensor sharp = side.mul(ln(side)).sum().div(-BATCH);
        Tensor broad = mean.mul(ln(mean)).sum().neg();
        loss = loss.add(sharp.mul(0.4)).sub(broad.mul(0.6));
      }
      total = total == null ? loss : total.add(loss);
    }
    return total.div(3);
  }

  /// Labels from numbers; only the cross entropies are differentiated.
  private static Tensor labelled(List<Tensor> logits, double quantile) {
    double[] p0 = softmax(logits.get(0)).toDoubles();
    double[] p1 = softmax(logits.get(1)).toDoubles();
    double[] sure = new double[BATCH];
    int[] label = new int[BATCH];
    boolean[] first = new boolean[BATCH];
    for (int i = 0; i < BATCH; i++) {
      double most0 = 0;
      double most1 = 0;
      int at0 = 0;
      int at1 = 0;
      for (int c = 0; c < CLASSES; c++) {
        if (p0[i * CLASSES + c] > most0) {
          most0 = p0[i * CLASSES + c];
          at0 = c;
        }
        if (p1[i * CLASSES + c] > most1) {
          most1 = p1[i * CLASSES + c];
          at1 = c;
        }
      }
      first[i] = most0 >= most1;
      sure[i] = Math.max(most0, most1);
      label[i] = first[i] ? at0 : at1;
    }
    int count = (int) Math.floor(quantile * BATCH);
    List<Integer> order = new ArrayList<>(IntStream.range(0, BATCH).boxed().toList());
    order.sort(Comparator.comparingDouble(i -> -sure[i]));
    Tensor strong = logits.get(0);
    double[] picks = new double[BATCH * CLASSES];
    double[] ofSecond = new double[BATCH];
    for (int i : order.subList(0, count)) {
      picks[i * CLASSES + label[i]] = 1;
    }
    for (int i = 0; i < BATCH; i++) {
      ofSecond[i] = first[i] ? 1 : 0;
    }
    Tensor second = Tensor.of(ofSecond, BATCH, 1);
    strong = strong.mul(second.neg().add(1)).add(logits.get(1).mul(second));
    Tensor picked = Tensor.of(picks, BATCH, CLASSES);
    Tensor total = softmax(strong).log().mul(picked).sum();
    total = total.add(softmax(logits.get(2)).log().mul(picked).sum());
    return total.div(-2.0 * count);
  }

  /// Four steps of the twin loss, then two on own labels, of which 3 and then floor(0.6 * 6) are
  /// believed.
  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = create(CONFIG);
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < STEPS; step++) {
        List<Tensor> views = crops(BATCH, step, 3, 3, 2);
        int now = step;
        double want =
            line.step(
                () -> {
                  List<Tensor> logits = logits(line, views, 2);
                  return now < 4 ? twin(logits) : labelled(logits, now == 4 ? 0.5 : 0.6);
                },
                _ -> 0.05);
        assertEquals(want, trainer.step(step, views, unknown(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  /// What remains of the network's classes after training without one of the terms: the entropy of
  /// the mean distribution and the mean entropy, in units of ln C.
  private static double[] entropies(double sharpness, double diversity, boolean norm) {
    int batch = 16;
    TwistConfig config = new TwistConfig(16, 4, sharpness, diversity, norm, 0, 0, 0.5, 0.6);
    try (TensorScope _ = TensorScope.open();
        Method method = new TwistFactory().create(config, pooledSetting(batch, 200, 200));
        Trainer trainer = new Trainer(method, 0.1)) {
      for (int step = 0; step < 200; step++) {
        trainer.step(step, related(batch, step, 2), unknown(batch));
      }
      Tensor p = method.forward(related(batch, 0, 2), unknown(batch)).embeddings().softmax();
      Tensor mean = p.mean(List.of(0), false);
      double of = -mean.mul(ln(mean)).sum().item() / Math.log(4);
      double each = -p.mul(ln(p)).sum().item() / batch / Math.log(4);
      return new double[] {of, each};
    }
  }

  /// Sharpness without diversity: one class takes all. Neither: distributions stay flat. Both: each
  /// is sharp, and together they use all classes.
  @Test
  void bothEntropiesAreNeeded() {
    double[] both = entropies(1, 1, true);
    double[] narrow = entropies(1, 0, false);
    double[] flat = entropies(0, 1, true);
    String seen = Arrays.toString(both) + Arrays.toString(narrow) + Arrays.toString(flat);
    assertTrue(both[0] > 0.9 && both[1] < 0.75, seen);
    assertTrue(narrow[0] < 0.4, seen);
    assertTrue(flat[1] > 0.9, seen);
  }

  /// Agreement alone is free for a network that tells nothing apart: what its classes say of the
  /// image, entropy of the mean less mean entropy, is lost; both entropies keep it.
  @Test
  void agreementAloneIsTrivial() {
    double[] alone = entropies(0, 0, false);
    double[] both = entropies(1, 1, false);
    assertTrue(both[0] - both[1] > 0.2, Arrays.toString(both));
    assertTrue(alone[0] - alone[1] < 0.1, Arrays.toString(alone));
  }

  @Test
  void smallPrint() {
    try (Method method = create(CONFIG)) {
      assertEquals((0.8 - 1.2) * -Math.log(0.25 + 1e-5), method.collapseValue(), 1e-12);
      assertEquals(3, method.viewCount());
      assertEquals(Map.of("believed", -1.0), method.scalars(3));
      assertEquals(Map.of("believed", 3.0), method.scalars(4));
      assertEquals(1, method.groups().size());
      assertTrue(method.state().keySet().stream().noneMatch(name -> name.contains("target")));
    }
  }

  @Test
  void rangesAreChecked() {
    rejects(
        "[config] classes must be at least 2; got 1",
        () -> new TwistConfig(1, 1, 1, 1, true, 0, 0, 0.5, 0.6));
    rejects(
        "[config] sharpness must be a number of at least 0; got NaN",
        () -> new TwistConfig(1, 2, Double.NaN, 1, true, 0, 0, 0.5, 0.6));
    rejects(
        "[config] quantile_end must be in [0, 1]; got 2.0",
        () -> new TwistConfig(1, 2, 1, 1, true, 0, 0, 0.5, 2));
    rejects(
        "[config] self_label_epochs must be below the 3 epochs of the run; got 3",
        () -> create(new TwistConfig(5, 4, 1, 1, true, 1, 3, 0.5, 0.6)));
  }

  @Test
  void presets() {
    TwistFactory factory = new TwistFactory();
    TwistConfig paper = factory.defaults(Preset.IMAGENET);
    assertEquals(new TwistConfig(4096, 4096, 1, 1, true, 12, 50, 0.5, 0.6), paper);
    assertEquals(
        Recipe.lars(0.5, 1.5e-6, 256, 850, 10).endingAt(1e-3), factory.recipe(Preset.IMAGENET));
    List<View> views = factory.views(paper, Preset.IMAGENET);
    assertEquals(14, views.size());
    assertEquals(Views.byolView(1, 0).cropped(0.4, 1), views.getFirst());
    assertEquals(Views.byolView(0.5, 0).cropped(0.05, 0.4).sized(96), views.getLast());
  }
}
