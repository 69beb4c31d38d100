package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The tree: names, order, mode, printing, and who frees what.
@ExtendWith(NoLeaks.class)
class ModuleTest {
  private static Sequential net(Build build) {
    return new Sequential(build)
        .add(b -> new Linear(b, 2, 3, true))
        .add(b -> new BatchNorm(b, 3))
        .add(Relu::new);
  }

  /// Registers a layer, then fails as `name` says.
  private static final class Failing extends Module {
    Failing(Build build, String name) {
      super(build);
      child("first", b -> new Linear(b, 2, 2, true));
      buffer("count", 0);
      child(name, b -> new Linear(b, 0, 2, true));
    }

    @Override
    public Tensor forward(Tensor x) {
      return x;
    }
  }

  @Test
  void namesAreDottedPathsInTheOrderOfRegistration() {
    try (Module net = net(Build.cpu(1).child("head"))) {
      assertEquals(
          List.of("head.0.weight", "head.0.bias", "head.1.gamma", "head.1.beta"),
          net.parameters().stream().map(Parameter::name).toList());
      assertEquals(
          List.of("head.1.running_mean", "head.1.running_variance"),
          net.buffers().stream().map(v -> v.name()).toList());
      assertEquals("0.bias", net.localName(net.parameters().get(1).variable()));
      assertEquals(6, net.stateDict().size());
      assertEquals("head.1.beta", List.copyOf(net.stateDict().keySet()).get(3));
    }
  }

  @Test
  void countsWhatIsTrained() {
    try (Module net = net(Build.cpu(1))) {
      assertEquals(2 * 3 + 3 + 3 + 3, net.parameterCount());
    }
  }

  @Test
  void theModeReachesEveryChild() {
    try (Sequential net = net(Build.cpu(1))) {
      Linear[] inner = new Linear[1];
      net.add(b -> inner[0] = new Linear(b, 3, 1, false));
      assertTrue(inner[0].training());
      assertEquals(net, net.eval());
      assertFalse(net.training() || inner[0].training());
      net.train();
      assertTrue(inner[0].training());
    }
  }

  @Test
  void printsTheTree() {
    try (Module net = net(Build.cpu(1))) {
      assertEquals(
          """
          Sequential  15 parameters
            0: Linear(2 -> 3)  weight[3,2]  bias[3]  9 parameters
            1: BatchNorm(3)  gamma[3]  beta[3]  6 parameters
            2: Relu""",
          net.toString());
    }
  }

  @Test
  void aConstructorThatFailsFreesWhatItMade() {
    assertEquals(
        "[linear] in must be at least 1; got 0",
        assertThrows(IllegalArgumentException.class, () -> new Failing(Build.cpu(1), "second"))
            .getMessage());
    for (String name : List.of("first", "count", "", "a.b")) {
      assertEquals(
          "[module] names must be new and without dots; got '" + name + "' in 'net'",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new Failing(Build.cpu(1).child("net"), name))
              .getMessage());
    }
  }

  @Test
  void aSecondCloseDoesNothing() {
    Module net = net(Build.cpu(1));
    net.close();
    net.close();
    assertTrue(net.parameters().getFirst().value().isClosed());
  }

  @Test
  void aChainIsTheCompositionOfItsSteps() {
    try (TensorScope _ = TensorScope.open();
        Sequential empty = new Sequential(Build.cpu(1))) {
      Tensor x = Tensor.of(new float[] {-1, 2}, 1, 2);
      assertEquals(x, empty.forward(x));
      empty.add(Relu::new).add(b -> new Linear(b, 2, 1, false));
      empty.parameters().getFirst().variable().set(Tensor.of(new float[] {5, 7}, 1, 2));
      assertArrayEquals(new float[] {14}, empty.forward(x).toFloats());
    }
  }
}
