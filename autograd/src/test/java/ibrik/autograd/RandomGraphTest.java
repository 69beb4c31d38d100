package ibrik.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// Gradients of random expressions: whatever the shape of the graph, with fan-out, dead ends and
/// shared cotangents, the tape agrees with central differences.
class RandomGraphTest {
  /// `ops` random smooth ops over two inputs `[2,3]`; each reads any of the results so far. The
  /// same seed gives the same expression.
  private static Tensor expression(List<Tensor> in, long seed, int ops) {
    PhiloxStream random = new PhiloxStream(seed, 1);
    List<Tensor> results = new ArrayList<>(in);
    for (int i = 0; i < ops; i++) {
      Tensor a = results.get(random.nextInt(results.size()));
      Tensor b = results.get(random.nextInt(results.size()));
      results.add(
          switch (random.nextInt(11)) {
            case 0 -> a.add(b);
            case 1 -> a.sub(b);
            case 2 -> a.mul(b).tanh();
            case 3 -> a.square().sigmoid();
            case 4 -> a.neg();
            case 5 -> a.mul(0.7);
            case 6 -> a.sum(List.of(0), true).broadcastTo(a.shape()).mul(0.3);
            case 7 -> a.softmax();
            case 8 -> a.matMul(b, false, true).matMul(b).tanh();
            case 9 -> a.reshape(3, 2).transpose(1, 0);
            default -> a.detach();
          });
    }
    return results.getLast().mul(results.get(results.size() / 2));
  }

  /// Detach is not what differences see: it is left out where they are compared.
  private static boolean detaches(long seed, int ops) {
    PhiloxStream random = new PhiloxStream(seed, 1);
    for (int i = 0; i < ops; i++) {
      random.nextInt(2 + i);
      random.nextInt(2 + i);
      if (random.nextInt(11) == 10) {
        return true;
      }
    }
    return false;
  }

  @Property(tries = 60)
  void agreesWithDifferences(
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed,
      @ForAll @IntRange(min = 1, max = 12) int ops) {
    if (detaches(seed, ops)) {
      return;
    }
    long before = Backends.of(Device.REFERENCE).memory(0).liveBytes();
    try (TensorScope _ = TensorScope.open()) {
      GradCheck.of(in -> expression(in, seed, ops)).firstOrder(inputs(seed), seed).orThrow();
    }
    assertEquals(before, Backends.of(Device.REFERENCE).memory(0).liveBytes(), "bytes leaked");
  }

  @Property(tries = 60)
  void leaksNothingAndChangesNothing(
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed,
      @ForAll @IntRange(min = 1, max = 40) int ops) {
    long before = Backends.of(Device.CPU).memory(0).liveBytes();
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> in = inputs(seed);
      try (Tape.Run run = Tape.record(() -> expression(in, seed, ops).sum())) {
        List<double[]> recorded =
            run.nodes().stream().flatMap(n -> n.out().stream()).map(Tensor::toDoubles).toList();
        long scoped = scope.liveBytes();
        long pooled = Backends.of(Device.CPU).memory(0).liveBytes();
        List<Tensor> gradients = run.gradients(in);
        gradients.forEach(Tensor::close);
        // Nothing but the gradients was new, and every recorded number is as it was.
        assertEquals(scoped, scope.liveBytes());
        assertEquals(pooled, Backends.of(Device.CPU).memory(0).liveBytes());
        List<double[]> after =
            run.nodes().stream().flatMap(n -> n.out().stream()).map(Tensor::toDoubles).toList();
        for (int i = 0; i < after.size(); i++) {
          assertArrayEquals(recorded.get(i), after.get(i));
        }
      }
    }
    assertEquals(before, Backends.of(Device.CPU).memory(0).liveBytes(), "bytes leaked");
  }

  private static List<Tensor> inputs(long seed) {
    PhiloxStream random = new PhiloxStream(seed, 2);
    List<Tensor> in = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      double[] values = new double[6];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextGaussian();
      }
      in.add(Tensor.of(values, 2, 3));
    }
    return in;
  }
}
