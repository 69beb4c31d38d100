package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Module;
import ibrik.nn.Parameter;
import ibrik.ssl.method.MethodFactory.Setting;
import ibrik.ssl.method.mocov2.MoCoV2Config;
import ibrik.ssl.method.mocov2.MoCoV2Factory;
import ibrik.ssl.method.simclr.SimClrConfig;
import ibrik.ssl.method.simclr.SimClrFactory;
import ibrik.ssl.method.swav.SwavConfig;
import ibrik.ssl.method.swav.SwavFactory;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Summed over the devices, gradients are those of the loss of all embeddings, which is written
/// down here once more in one tape, with batch norms that see the images of one device at a time.
class UnionGradientTest extends MethodTest {
  private static final int DEVICES = 2;
  private static final int BATCH = 4;
  private static final int UNION = DEVICES * BATCH;

  private static Setting setting(Gather gather) {
    return new Setting(Build.cpu(11), Pooled::new, 0, BATCH, 4, 4 * UNION, gather);
  }

  private static <C extends Record> Method create(
      MethodFactory<C> factory, C config, Gather gather) {
    return factory.create(config, setting(gather));
  }

  /// Others on each device.
  private static List<Tensor> views(int device, int... sides) {
    return crops(BATCH, 50 + device, sides);
  }

  /// Loss, then the gradient of each trained parameter.
  private static List<double[]> lossAndGradients(Method method, Function<Method, Tensor> loss) {
    List<double[]> numbers = new ArrayList<>();
    try (TensorScope _ = TensorScope.open();
        Tape.Run run = Tape.record(() -> loss.apply(method))) {
      numbers.add(run.value().toDoubles());
      run.gradients(method.trainable().stream().map(Parameter::value).toList())
          .forEach(gradient -> numbers.add(gradient.toDoubles()));
      return numbers;
    }
  }

  private static <C extends Record> void check(
      MethodFactory<C> factory, C config, int[] sides, Function<Method, Tensor> straight) {
    List<List<double[]>> shards =
        Devices.run(
            DEVICES,
            device -> {
              try (Method method = create(factory, config, device)) {
                method.beforeStep(0);
                return lossAndGradients(
                    method, m -> m.forward(views(device.index(), sides), noLabels(BATCH)).loss());
              }
            });
    try (Method method = create(factory, config, Gather.alone())) {
      List<double[]> want = lossAndGradients(method, straight);
      List<Parameter> trained = method.trainable();
      assertEquals(1 + trained.size(), want.size());
      assertEquals(want.getFirst()[0], shards.getFirst().getFirst()[0], 1e-5);
      assertEquals(want.getFirst()[0], shards.getLast().getFirst()[0], 1e-5);
      for (int p = 0; p < trained.size(); p++) {
        double[] one = shards.getFirst().get(1 + p);
        double[] other = shards.getLast().get(1 + p);
        double[] sum = IntStream.range(0, one.length).mapToDouble(i -> one[i] + other[i]).toArray();
        String name = trained.get(p).name();
        assertArrayEquals(want.get(1 + p), sum, 1e-5, name);
        boolean learns = Arrays.stream(sum).anyMatch(x -> Math.abs(x) > 1e-3);
        assertTrue(learns || trained.get(p).role() != Parameter.Role.WEIGHT, name);
      }
    }
  }

  private static Tensor through(Tensor x, Method method, String... names) {
    for (String name : names) {
      Module network = method.networks().get(name);
      x = network.forward(x);
    }
    return x;
  }

  /// Rows of view `view` of all devices.
  private static Tensor viewOfAll(List<Tensor> perDevice, int view) {
    return LayoutOps.concat(
        0, perDevice.stream().map(rows -> rows.narrow(0, (long) view * BATCH, BATCH)).toList());
  }

  private static Tensor simClr(Method method) {
    List<Tensor> z =
        IntStream.range(0, DEVICES)
            .mapToObj(d -> LayoutOps.concat(0, views(d, 4, 4)))
            .map(x -> through(x, method, "encoder", "projector"))
            .toList();
    Tensor n = LayoutOps.concat(0, List.of(viewOfAll(z, 0), viewOfAll(z, 1))).l2Normalize();
    int rows = 2 * UNION;
    float[] self = new float[rows * rows];
    float[] pair = new float[rows * rows];
    for (int i = 0; i < rows; i++) {
      self[i * rows + i] = -1e9f;
      pair[i * rows + (i + UNION) % rows] = 1;
    }
    Tensor logits = n.matMul(n, false, true).div(0.5).add(Tensor.of(self, rows, rows));
    return logits.logSoftmax().mul(Tensor.of(pair, rows, rows)).sum().div(-rows);
  }

  @Test
  void simClrOfAllImages() {
    check(
        new SimClrFactory(),
        new SimClrConfig(6, 3, 0.5),
        new int[] {4, 4},
        UnionGradientTest::simClr);
  }

  private static final SwavConfig SWAV = new SwavConfig(5, 3, 7, 0.5, 0.3, 3, 0, 0, 0, 1);

  /// The steps of the paper's appendix in f64: columns to 1/K, rows to 1/B.
  private static Tensor codes(Tensor scores) {
    int rows = Math.toIntExact(scores.dim(0));
    int columns = Math.toIntExact(scores.dim(1));
    double[] q = scores.toDoubles();
    for (int i = 0; i < q.length; i++) {
      q[i] = Math.exp(q[i] / SWAV.epsilon());
    }
    for (int turn = 0; turn < SWAV.iterations(); turn++) {
      for (int k = 0; k < columns; k++) {
        double sum = 0;
        for (int b = 0; b < rows; b++) {
          sum += q[b * columns + k];
        }
        for (int b = 0; b < rows; b++) {
          q[b * columns + k] /= sum * columns;
        }
      }
      for (int b = 0; b < rows; b++) {
        double sum = 0;
        for (int k = 0; k < columns; k++) {
          sum += q[b * columns + k];
        }
        for (int k = 0; k < columns; k++) {
          q[b * columns + k] /= turn + 1 < SWAV.iterations() ? sum * rows : sum;
        }
      }
    }
    float[] codes = new float[q.length];
    for (int i = 0; i < q.length; i++) {
      codes[i] = (float) q[i];
    }
    return Tensor.of(codes, rows, columns);
  }

  private static Tensor swav(Method method) {
    List<Tensor> scores = new ArrayList<>();
    for (int d = 0; d < DEVICES; d++) {
      List<Tensor> views = views(d, 4, 4, 2);
      Tensor large = through(LayoutOps.concat(0, views.subList(0, 2)), method, "encoder");
      Tensor small = through(views.get(2), method, "encoder");
      Tensor z = through(LayoutOps.concat(0, List.of(large, small)), method, "projector");
      scores.add(through(z.l2Normalize(), method, "prototypes"));
    }
    List<Tensor> s = IntStream.range(0, 3).mapToObj(view -> viewOfAll(scores, view)).toList();
    List<Tensor> terms = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Tensor q = codes(s.get(i));
      for (int v = 0; v < 3; v++) {
        if (v != i) {
          terms.add(s.get(v).div(SWAV.temperature()).logSoftmax().mul(q).sum().div(-UNION));
        }
      }
    }
    return terms.stream().reduce(Tensor::add).orElseThrow().div(terms.size());
  }

  @Test
  void swavOfAllImages() {
    check(new SwavFactory(), SWAV, new int[] {4, 4, 2}, UnionGradientTest::swav);
  }

  /// The keys of all devices, device after device, where the oldest rows were.
  @Test
  void theQueueHoldsTheRowsOfAllDevices() {
    MoCoV2Config config = new MoCoV2Config(5, 3, 2 * UNION, 0.5, 0.9, 1, false);
    List<double[]> queues =
        Devices.run(
            DEVICES,
            device -> {
              try (Method method = create(new MoCoV2Factory(), config, device)) {
                method.beforeStep(0);
                try (TensorScope _ = TensorScope.open()) {
                  method.forward(views(device.index(), 4, 4), noLabels(BATCH));
                }
                method.afterStep();
                return method.state().get("queue.rows").value().toDoubles();
              }
            });
    try (TensorScope _ = TensorScope.open();
        Method method = create(new MoCoV2Factory(), config, Gather.alone())) {
      Tensor old = method.state().get("queue.rows").value();
      List<Tensor> want = new ArrayList<>();
      for (int d = 0; d < DEVICES; d++) {
        Tensor key = views(d, 4, 4).get(1);
        want.add(through(key, method, "target_encoder", "target_projector").l2Normalize());
      }
      want.add(old.narrow(0, UNION, UNION));
      for (double[] queue : queues) {
        assertArrayEquals(LayoutOps.concat(0, want).toDoubles(), queue, 1e-6);
      }
    }
  }
}
