package ibrik.nn.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.NoLeaks;
import ibrik.nn.Parameter;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class GroupsTest {
  private static Sgd plain(List<Parameter> parameters, Variable lr) {
    return new Sgd(parameters, lr, 0, false, WeightDecay.weights(0));
  }

  @Test
  void eachGroupTakesItsGradientsAtItsRate() {
    try (Toy toy = new Toy(DType.F64);
        Variable fast = Variable.scalar("fast", 2, Device.CPU);
        Groups groups =
            new Groups(
                List.of(
                    plain(toy.parameters.subList(0, 2), toy.lr),
                    plain(toy.parameters.subList(2, 3), fast)))) {
      toy.lr.set(0.5);
      try (TensorScope _ = TensorScope.open()) {
        groups.step(toy.gradients(0));
      }
      double[][] w = Toy.start();
      for (int p = 0; p < w.length; p++) {
        for (int i = 0; i < w[p].length; i++) {
          w[p][i] -= (p < 2 ? 0.5 : 2) * Toy.gradient(0, p, i);
        }
      }
      toy.check(w, "parameter");
      assertEquals(toy.parameters, groups.parameters());
      assertEquals(
          List.of("group0.momentum.p0", "group0.momentum.p1", "group1.momentum.p2"),
          List.copyOf(groups.state().keySet()));
    }
  }

  @Test
  void saysWhatIsWrong() {
    try (TensorScope _ = TensorScope.open();
        Toy toy = new Toy(DType.F64);
        Sgd one = plain(toy.parameters, toy.lr);
        Sgd two = plain(toy.parameters.subList(0, 1), toy.lr)) {
      assertEquals(
          "[optimizer] each parameter belongs to one group; got [p0, p1, p2, p0]",
          assertThrows(IllegalArgumentException.class, () -> new Groups(List.of(one, two)))
              .getMessage());
      assertEquals(
          "[optimizer] needs one gradient per parameter; got 1 for 3",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new Groups(List.of(one)).step(toy.gradients(0).subList(0, 1)))
              .getMessage());
    }
  }
}
