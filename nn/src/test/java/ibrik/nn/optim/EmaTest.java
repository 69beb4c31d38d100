package ibrik.nn.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.BatchNorm;
import ibrik.nn.Build;
import ibrik.nn.Linear;
import ibrik.nn.Module;
import ibrik.nn.NoLeaks;
import ibrik.nn.Sequential;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class EmaTest {
  private static Sequential net(String path, long seed, int width) {
    return new Sequential(new Build(DType.F64, Device.CPU, seed, path))
        .add(b -> new Linear(b, 2, width, true))
        .add(b -> new BatchNorm(b, width));
  }

  private static double[] weight(Module net) {
    return net.parameters().getFirst().value().toDoubles();
  }

  @Test
  void theTargetFollowsTheOnlineNetwork() {
    try (Module target = net("target", 1, 3);
        Module online = net("online", 2, 3);
        Variable tau = Variable.scalar("tau", 0.75, Device.CPU)) {
      Ema ema = new Ema(tau).add(target, online);
      double[] want = weight(target);
      double[] source = weight(online);
      for (double rate : new double[] {0.75, 0.5, 1, 0}) {
        tau.set(rate);
        ema.step();
        for (int i = 0; i < want.length; i++) {
          want[i] = rate * want[i] + (1 - rate) * source[i];
        }
        assertArrayEquals(want, weight(target), 1e-14);
        assertArrayEquals(source, weight(online), "the online network stays");
      }
    }
  }

  @Test
  void runningStatisticsAreLeftAlone() {
    try (TensorScope _ = TensorScope.open();
        Module target = net("target", 1, 3);
        Module online = net("online", 2, 3);
        Variable tau = Variable.scalar("tau", 0, Device.CPU)) {
      online.buffers().getFirst().set(Tensor.of(new double[] {7, 8, 9}));
      new Ema(tau).add(target, online).step();
      assertArrayEquals(new double[3], target.buffers().getFirst().value().toDoubles());
      assertArrayEquals(weight(online), weight(target), 1e-14);
    }
  }

  @Test
  void bothHaveTheSameParameters() {
    try (Module target = net("", 1, 3);
        Module wider = net("", 1, 4);
        Module shorter = new Sequential(Build.cpu(1));
        Variable tau = Variable.scalar("tau", 0, Device.CPU)) {
      assertEquals(
          "[ema] target and online must have the same parameters; got 0.weight: f64[3,2] and"
              + " f64[4,2]",
          assertThrows(IllegalArgumentException.class, () -> new Ema(tau).add(target, wider))
              .getMessage());
      assertEquals(
          "[ema] target and online must have the same parameters; got 0.weight: none and f64[3,2]",
          assertThrows(IllegalArgumentException.class, () -> new Ema(tau).add(shorter, target))
              .getMessage());
    }
  }
}
