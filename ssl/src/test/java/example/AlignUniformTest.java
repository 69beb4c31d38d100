package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.config.Request;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.EmbeddedSets;
import ibrik.ssl.method.Method;
import ibrik.ssl.method.MethodTest;
import ibrik.ssl.method.StraightLine;
import ibrik.ssl.train.Pretrainer;
import ibrik.ssl.train.RunFolder;
import ibrik.ssl.train.TrainListener;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlignUniformTest extends MethodTest {
  private static final int BATCH = 6;
  private static final AlignUniformConfig CONFIG = new AlignUniformConfig(5, 3, 0.5);

  /// Rows (1, 0) and (0, 1) are at squared distance 2: `ln exp(-4)`.
  @Test
  void byHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = Tensor.of(new double[] {3, 0, 0, 2}, 2, 2);
      assertEquals(-4, AlignUniformLoss.uniformity(z).item(), 1e-12);
      assertEquals(0, AlignUniformLoss.alignment(z, z.mul(2)).item(), 1e-12);
      assertEquals(4, AlignUniformLoss.alignment(z, z.neg()).item(), 1e-12);
    }
  }

  @Test
  void gradientCheckAndCollapse() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor z = normal64(0, 5, 3);
      gradientCheck(in -> AlignUniformLoss.uniformity(in.getFirst()), z);
      Tensor row = normal64(1, 1, 3);
      Tensor same = LayoutOps.concat(0, List.of(row, row, row));
      assertEquals(0, AlignUniformLoss.uniformity(same).item(), 1e-9);
      assertEquals(
          AlignUniformLoss.uniformity(z).item(),
          AlignUniformLoss.uniformity(reversed(z)).item(),
          1e-12);
    }
  }

  /// Distances one by one.
  private static Tensor uniformity(Tensor n) {
    Tensor sum = null;
    for (int i = 0; i < BATCH; i++) {
      for (int j = 0; j < BATCH; j++) {
        if (i != j) {
          Tensor e = n.narrow(0, i, 1).sub(n.narrow(0, j, 1)).square().sum().mul(-2).exp();
          sum = sum == null ? e : sum.add(e);
        }
      }
    }
    return java.util.Objects.requireNonNull(sum).div(BATCH * (BATCH - 1)).log();
  }

  @Test
  void trainsLikeTheStraightLine() {
    try (TensorScope _ = TensorScope.open();
        Method method = new AlignUniformFactory().create(CONFIG, setting(0, BATCH, 3));
        Trainer trainer = new Trainer(method, 0.05)) {
      StraightLine line = new StraightLine(method);
      for (int step = 0; step < 3; step++) {
        List<Tensor> views = views(BATCH, step);
        double want =
            line.step(
                () -> {
                  Tensor z1 = line.head("projector", line.encoder("encoder", views.get(0)));
                  Tensor z2 = line.head("projector", line.encoder("encoder", views.get(1)));
                  Tensor n1 = StraightLine.unit(z1);
                  Tensor n2 = StraightLine.unit(z2);
                  Tensor near = n1.sub(n2).square().sum().div(BATCH);
                  return near.add(uniformity(n1).add(uniformity(n2)).mul(0.25));
                },
                _ -> 0.05);
        assertEquals(want, trainer.step(step, views, noLabels(BATCH)), 1e-4);
        assertState(method, line);
      }
    }
  }

  /// The trainer runs it as it is; registered, the command line does.
  @Test
  void aRun(@TempDir Path folder) {
    DataSet data = EmbeddedSets.fashion().limit(64);
    RunConfig config =
        Request.of(new AlignUniformFactory())
            .set("train.batch_size", 16)
            .set("train.epochs", 2)
            .set("model.width", 0.25)
            .set("eval.monitor_every", 0)
            .resolve(data);
    List<Double> losses = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void stepped(long done, Map<String, Double> numbers) {
            losses.add(numbers.get("loss"));
          }
        };
    try (RunFolder run = RunFolder.create(folder.resolve("run"));
        Pretrainer pretrainer =
            new Pretrainer(config, data, run, new Pretrainer.Options(1, 0), listener)) {
      run.write("config.json", config.toJson());
      assertTrue(pretrainer.train(() -> false));
    }
    assertEquals(8, losses.size());
    assertTrue(losses.getLast() < losses.getFirst(), losses::toString);
  }
}
