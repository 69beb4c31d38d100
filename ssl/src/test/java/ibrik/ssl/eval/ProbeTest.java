package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.optim.WeightDecay;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProbeTest extends EvalTest {
  private static final LinearProbe.Config QUICK =
      new LinearProbe.Config(
          Scaler.Kind.NONE, List.of(0.01, 0.1, 1.0), 20, 64, 0.9, true, 0, 0.2, 0);

  @Test
  void sgdComesCloseToTheOptimum() {
    FeatureBank train = clusters(1200, 12, 5, 1, 1);
    FeatureBank test = train.select(range(800, 1200));
    FeatureBank fitted = train.select(range(0, 800));
    LinearProbe.Result sgd = LinearProbe.run(fitted, test, QUICK, Device.CPU);
    double optimum =
        LogisticRegression.fit(fitted, Scaler.Kind.NONE, 1, 200, 1e-6, Device.CPU)
            .classifier()
            .predict(test, Device.CPU)
            .accuracy();
    assertTrue(optimum > 0.8 && optimum < 1, () -> "neither trivial nor hopeless: " + optimum);
    assertEquals(optimum, sgd.accuracy(), 0.01);
    assertEquals(20, sgd.epochAccuracy().size());
    assertEquals(sgd.accuracy(), sgd.epochAccuracy().getLast());
    assertEquals(3, sgd.heldOutAccuracy().size());
    double best = sgd.heldOutAccuracy().stream().mapToDouble(x -> x).max().orElseThrow();
    assertEquals(QUICK.rates().get(sgd.heldOutAccuracy().indexOf(best)), sgd.rate());
  }

  /// Two whole-set steps by hand: Nesterov momentum, half a cosine, rate per 256 rows, decay of
  /// weights only.
  @Test
  void sgdByHand() {
    FeatureBank bank = clusters(64, 3, 4, 1, 8);
    LinearProbe.Config config =
        new LinearProbe.Config(Scaler.Kind.NONE, List.of(2.0), 2, 100, 0.9, true, 0.01, 0.2, 5);
    LinearClassifier start;
    try (LinearHead head =
        new LinearHead(3, 4, 0, 0, false, WeightDecay.weights(0), 5, Device.CPU)) {
      start = head.classifier(Scaler.fit(Scaler.Kind.NONE, bank));
    }
    double[] theta = java.util.Arrays.copyOf(start.weight(), 16);
    double[] momentum = new double[16];
    for (double lr : new double[] {2.0 * 64 / 256, 2.0 * 64 / 256 / 2}) {
      double[] g = new double[16];
      for (int i = 0; i < 12; i++) {
        g[i] = 0.01 * theta[i];
      }
      for (int i = 0; i < 64; i++) {
        double[] p = new double[4];
        for (int c = 0; c < 4; c++) {
          p[c] = theta[12 + c];
          for (int j = 0; j < 3; j++) {
            p[c] += theta[3 * c + j] * bank.at(i, j);
          }
        }
        LogSumExp.softmax(p, 0, 4);
        p[bank.labels()[i]] -= 1;
        for (int c = 0; c < 4; c++) {
          g[12 + c] += p[c] / 64;
          for (int j = 0; j < 3; j++) {
            g[3 * c + j] += p[c] * bank.at(i, j) / 64;
          }
        }
      }
      for (int i = 0; i < 16; i++) {
        momentum[i] = 0.9 * momentum[i] + g[i];
        theta[i] -= lr * (g[i] + 0.9 * momentum[i]);
      }
    }
    LinearProbe.Result result = LinearProbe.run(bank, bank, config, Device.CPU);
    assertClose(1e-5, java.util.Arrays.copyOf(theta, 12), result.classifier().weight());
    assertClose(1e-5, java.util.Arrays.copyOfRange(theta, 12, 16), result.classifier().bias());
    assertTrue(result.heldOutAccuracy().isEmpty());
  }

  private static int[] range(int from, int to) {
    return java.util.stream.IntStream.range(from, to).toArray();
  }

  @Test
  void sgdIsTheSameForAnyNumberOfThreads() {
    FeatureBank train = clusters(300, 100, 5, 2, 2);
    try {
      Backends.threads(1);
      LinearProbe.Result one = LinearProbe.run(train, train, QUICK, Device.CPU);
      Backends.threads(3);
      LinearProbe.Result three = LinearProbe.run(train, train, QUICK, Device.CPU);
      assertArrayEquals(one.classifier().weight(), three.classifier().weight());
    } finally {
      Backends.threads(Runtime.getRuntime().availableProcessors());
    }
  }

  /// The first step against its formula: `W - lr (p - y)^T x`.
  @Test
  void onlineStepByHand() {
    try (TensorScope _ = TensorScope.open();
        OnlineProbe probe = new OnlineProbe(2, 3, 0.5, 3)) {
      double[] w = probe.classifier().weight();
      double[] x = {1, 2, -1, 0.5};
      int[] y = {2, 0};
      double loss = 0;
      double[] expected = w.clone();
      double[] bias = new double[3];
      for (int i = 0; i < 2; i++) {
        double[] p = new double[3];
        for (int c = 0; c < 3; c++) {
          p[c] = w[2 * c] * x[2 * i] + w[2 * c + 1] * x[2 * i + 1];
        }
        double own = p[y[i]];
        loss += (LogSumExp.softmax(p, 0, 3) - own) / 2;
        for (int c = 0; c < 3; c++) {
          double r = (p[c] - (y[i] == c ? 1 : 0)) / 2;
          expected[2 * c] -= 0.5 * r * x[2 * i];
          expected[2 * c + 1] -= 0.5 * r * x[2 * i + 1];
          bias[c] -= 0.5 * r;
        }
      }
      OnlineProbe.Step step =
          probe.step(Tensor.of(new float[] {1, 2, -1, 0.5f}, 2, 2), Tensor.of(y, 2));
      assertEquals(loss, step.loss(), 1e-6);
      assertClose(1e-6, expected, probe.classifier().weight());
      assertClose(1e-6, bias, probe.classifier().bias());
    }
  }

  @Test
  void onlineProbeLearns() {
    FeatureBank bank = clusters(400, 8, 4, 0.7, 4);
    try (TensorScope _ = TensorScope.open();
        OnlineProbe probe = new OnlineProbe(8, 4, 0.1, 0)) {
      Tensor x = bank.tensor(Device.CPU);
      Tensor y = bank.labelTensor(Device.CPU);
      double before = probe.accuracy(bank);
      OnlineProbe.Step last = new OnlineProbe.Step(0, 0);
      for (int i = 0; i < 60; i++) {
        last = probe.step(x, y);
      }
      double after = probe.accuracy(bank);
      assertTrue(after > 0.95 && after > before, () -> before + " to " + after);
      assertEquals(after, last.accuracy(), 0.02);
    }
  }

  /// Beside a taped loss: the gradients of the encoder have the same bits with and without, and
  /// nothing of the probe is on the tape.
  @Test
  void onlineProbeLeavesTheEncoderAlone() {
    assertArrayEquals(encoderGradient(false), encoderGradient(true));
  }

  private static double[] encoderGradient(boolean probed) {
    try (TensorScope _ = TensorScope.open();
        OnlineProbe probe = new OnlineProbe(3, 4, 0.1, 0)) {
      FeatureBank bank = clusters(32, 5, 4, 1, 5);
      FeatureBank weights = clusters(5, 3, 4, 1, 6);
      Tensor w = weights.tensor(Device.CPU);
      Tensor x = bank.tensor(Device.CPU);
      Tensor y = bank.labelTensor(Device.CPU);
      int[] nodes = new int[1];
      try (Tape.Run run =
          Tape.record(
              () -> {
                Tensor features = x.matMul(w).tanh();
                if (probed) {
                  probe.step(features, y);
                }
                return features.square().mean();
              })) {
        nodes[0] = run.nodes().size();
        assertEquals(4, nodes[0]);
        return run.gradients(List.of(w)).getFirst().toDoubles();
      }
    }
  }

  @Test
  void onlineProbeResumesBitForBit() {
    FeatureBank bank = clusters(64, 6, 3, 1, 7);
    try (TensorScope _ = TensorScope.open();
        OnlineProbe straight = new OnlineProbe(6, 3, 0.2, 1);
        OnlineProbe first = new OnlineProbe(6, 3, 0.2, 1);
        OnlineProbe second = new OnlineProbe(6, 3, 0.2, 99)) {
      Tensor x = bank.tensor(Device.CPU);
      Tensor y = bank.labelTensor(Device.CPU);
      for (int i = 0; i < 6; i++) {
        straight.update(x, y);
        (i < 3 ? first : second).update(x, y);
        if (i == 2) {
          Map<String, Variable> saved = first.state();
          assertEquals(new ArrayList<>(saved.keySet()), new ArrayList<>(second.state().keySet()));
          assertEquals(4, saved.size());
          second.state().forEach((name, v) -> v.set(saved.get(name).value()));
        }
      }
      assertArrayEquals(straight.classifier().weight(), second.classifier().weight());
      assertArrayEquals(straight.classifier().bias(), second.classifier().bias());
    }
  }

  @Test
  void errors() {
    try (TensorScope _ = TensorScope.open();
        OnlineProbe probe = new OnlineProbe(6, 3, 0.2, 1)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> probe.update(Tensor.of(new float[4], 2, 2), Tensor.of(new int[2], 2)));
      assertThrows(IllegalArgumentException.class, () -> probe.accuracy(clusters(9, 6, 2, 1, 1)));
    }
  }
}
