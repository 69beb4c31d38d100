package ibrik.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import ibrik.tensor.backend.Backends;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TapeTest {
  private long before;

  private static long liveBytes() {
    return Backends.of(Device.CPU).memory(0).liveBytes();
  }

  @BeforeEach
  void countBytes() {
    before = liveBytes();
  }

  @AfterEach
  void nothingLeaked() {
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  private static Tensor vector(double... values) {
    return Tensor.of(values, values.length);
  }

  // ---- what is recorded ----

  @Test
  void recordsEachOpWithInputsAndOutputs() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, 3);
      try (Tape.Run run = Tape.record(() -> x.square().sum())) {
        assertEquals(
            List.of("square", "sum"), run.nodes().stream().map(n -> n.op().tag()).toList());
        assertEquals(List.of(x), run.nodes().getFirst().in());
        assertEquals(run.nodes().getFirst().out(), run.nodes().getLast().in());
        assertEquals(run.value(), run.nodes().getLast().out().getFirst());
        assertEquals(14, run.value().item());
      }
    }
  }

  @Test
  void recordingEndsWithTheLambda() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      assertFalse(Tape.recording());
      try (Tape.Run run =
          Tape.record(
              () -> {
                assertTrue(Tape.recording());
                return x.sum();
              })) {
        assertFalse(Tape.recording());
        assertEquals(8, x.mul(2).square().sum().item() / 2.5);
        assertEquals(1, run.nodes().size());
      }
    }
  }

  @Test
  void pauseRecordsNothing() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, 3);
      try (Tape.Run run =
          Tape.record(
              () -> {
                Tensor target =
                    Tape.pause(
                        () -> {
                          assertFalse(Tape.recording());
                          return x.square();
                        });
                return x.mul(target).sum();
              })) {
        // d/dx (x * c) = c, though c was made from x.
        assertArrayEquals(new double[] {1, 4, 9}, run.gradients(List.of(x)).getFirst().toDoubles());
        assertEquals(2, run.nodes().size());
      }
    }
  }

  @Test
  void pauseReachesBelowTheLowestOfSeveralTapes() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, 3);
      try (Tape.Run outer =
          Tape.record(
              () -> {
                try (Tape.Run inner =
                    Tape.record(() -> x.mul(Tape.pause(() -> x.exp().add(1))).sum())) {
                  assertEquals(2, inner.nodes().size());
                  return inner.keep(inner.value());
                }
              })) {
        assertEquals(2, outer.nodes().size());
      }
    }
  }

  @Test
  void pauseWithoutATapeJustRuns() {
    try (TensorScope _ = TensorScope.open()) {
      assertEquals(3, Tape.pause(() -> vector(1, 2).sum()).item());
    }
  }

  @Test
  void otherThreadsDoNotRecord() throws InterruptedException {
    AtomicBoolean recorded = new AtomicBoolean(true);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      try (Tape.Run run =
          Tape.record(
              () -> {
                Thread loader =
                    new Thread(
                        () -> {
                          try (TensorScope _ = TensorScope.open()) {
                            recorded.set(Tape.recording());
                            x.square();
                          } catch (RuntimeException | Error thrown) {
                            failure.set(thrown);
                          }
                        });
                loader.start();
                try {
                  loader.join();
                } catch (InterruptedException interrupted) {
                  throw new AssertionError(interrupted);
                }
                return x.sum();
              })) {
        assertEquals(1, run.nodes().size());
      }
    }
    assertFalse(recorded.get());
    assertEquals(null, failure.get());
  }

  // ---- gradients ----

  @Test
  void contributionsOfAllUsesAreSummed() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, 3);
      // x^2 + x*3 + x  ->  2x + 4
      try (Tape.Run run = Tape.record(() -> x.square().add(x.mul(3)).add(x).sum())) {
        assertArrayEquals(
            new double[] {6, 8, 10}, run.gradients(List.of(x)).getFirst().toDoubles());
      }
    }
  }

  @Test
  void oneTensorInBothPlacesCountsTwice() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, 3);
      try (Tape.Run run = Tape.record(() -> x.mul(x).add(x.sub(x)).sum())) {
        assertArrayEquals(new double[] {2, 4, 6}, run.gradients(List.of(x)).getFirst().toDoubles());
      }
    }
  }

  @Test
  void aVariableWithoutInfluenceHasZeroGradient() {
    try (TensorScope _ = TensorScope.open();
        Variable used = Variable.of("used", vector(1, 2));
        Variable unused = Variable.of("unused", vector(3, 4, 5))) {
      try (Tape.Run run = Tape.record(() -> used.value().square().sum())) {
        List<Tensor> gradients = run.gradientsOf(List.of(unused, used));
        assertEquals("f64[3]", gradients.get(0).spec().toString());
        assertArrayEquals(new double[3], gradients.get(0).toDoubles());
        assertArrayEquals(new double[] {2, 4}, gradients.get(1).toDoubles());
      }
    }
  }

  @Test
  void whatLeadsNowhereHasNoInfluence() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      try (Tape.Run run =
          Tape.record(
              () -> {
                var _ = x.exp().mul(100);
                return x.detach().mul(x).sum();
              })) {
        assertArrayEquals(new double[] {1, 2}, run.gradients(List.of(x)).getFirst().toDoubles());
      }
    }
  }

  @Test
  void gradientsOfResultsInsideTheRecording() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      AtomicReference<Tensor> hidden = new AtomicReference<>();
      try (Tape.Run run =
          Tape.record(
              () -> {
                hidden.set(x.mul(3));
                return hidden.get().square().sum();
              })) {
        List<Tensor> gradients = run.gradients(List.of(hidden.get(), x, run.value()));
        assertArrayEquals(new double[] {6, 12}, gradients.get(0).toDoubles());
        assertArrayEquals(new double[] {18, 36}, gradients.get(1).toDoubles());
        assertEquals(1, gradients.get(2).item());
      }
    }
  }

  @Test
  void askingTwiceForOneTensorGivesTwoTensors() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      try (Tape.Run run = Tape.record(() -> x.square().sum())) {
        List<Tensor> gradients = run.gradients(List.of(x, x));
        assertNotSame(gradients.get(0), gradients.get(1));
        gradients.get(0).close();
        assertArrayEquals(new double[] {2, 4}, gradients.get(1).toDoubles());
      }
    }
  }

  @Test
  void tensorsThatShareOneCotangentGetTheirOwn() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = vector(1, 2);
      Tensor b = vector(3, 4);
      // The rule of add hands one tensor to both.
      try (Tape.Run run = Tape.record(() -> a.add(b).square().sum())) {
        List<Tensor> gradients = run.gradients(List.of(a, b));
        assertNotSame(gradients.get(0), gradients.get(1));
        gradients.get(0).close();
        assertArrayEquals(new double[] {8, 12}, gradients.get(1).toDoubles());
      }
    }
  }

  @Test
  void theCotangentOfAPullbackStaysTheCallers() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      Tensor seed = vector(10, 20);
      try (Tape.Run run = Tape.record(() -> x.add(x.square()))) {
        Tensor gradient = run.pullback(seed, List.of(x)).getFirst();
        assertArrayEquals(new double[] {30, 100}, gradient.toDoubles());
        Tensor same = run.pullback(seed, List.of(run.value())).getFirst();
        assertNotSame(seed, same);
        assertArrayEquals(new double[] {10, 20}, seed.toDoubles());
      }
    }
  }

  @Test
  void aRunCanBePulledBackMoreThanOnce() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      try (Tape.Run run = Tape.record(() -> x.exp().mul(x))) {
        double[] first = run.pullback(vector(1, 0), List.of(x)).getFirst().toDoubles();
        double[] second = run.pullback(vector(0, 1), List.of(x)).getFirst().toDoubles();
        assertArrayEquals(new double[] {2 * Math.E, 0}, first, 1e-12);
        assertArrayEquals(new double[] {0, 3 * Math.E * Math.E}, second, 1e-12);
      }
    }
  }

  @Test
  void severalOutputsOfOneOpAreJoined() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {3, 1, 2}, 1, 3);
      try (Tape.Run run =
          Tape.record(
              () -> {
                List<Tensor> best = x.topK(2);
                return LayoutOps.concat(0, List.of(best.getFirst(), best.getFirst().mul(2))).sum();
              })) {
        assertArrayEquals(new double[] {3, 0, 3}, run.gradients(List.of(x)).getFirst().toDoubles());
      }
    }
  }

  @Test
  void secondDerivativesByATapeOverATape() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2, -3);
      try (Tape.Run outer =
          Tape.record(
              () -> {
                try (Tape.Run inner = Tape.record(() -> x.pow(4).sum())) {
                  return inner.keep(inner.gradients(List.of(x)).getFirst()).sum();
                }
              })) {
        assertEquals(4 * (1 + 8 - 27), outer.value().item(), 1e-9);
        // 12 x^2
        assertArrayEquals(
            new double[] {12, 48, 108}, outer.gradients(List.of(x)).getFirst().toDoubles(), 1e-9);
      }
    }
  }

  @Test
  void thirdDerivatives() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(0.5);
      try (Tape.Run third =
          Tape.record(
              () -> {
                try (Tape.Run second =
                    Tape.record(
                        () -> {
                          try (Tape.Run first = Tape.record(() -> x.sin().sum())) {
                            return first.keep(first.gradients(List.of(x)).getFirst());
                          }
                        })) {
                  return second.keep(second.gradients(List.of(x)).getFirst());
                }
              })) {
        assertEquals(-Math.sin(0.5), third.value().item(), 1e-12);
        assertEquals(-Math.cos(0.5), third.gradients(List.of(x)).getFirst().item(), 1e-12);
      }
    }
  }

  // ---- lifetimes ----

  @Test
  void closingFreesWhatWasRecorded() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      Tensor value;
      Tensor gradient;
      try (Tape.Run run = Tape.record(() -> x.exp().sum())) {
        value = run.value();
        gradient = run.gradients(List.of(x)).getFirst();
      }
      for (Tensor gone : List.of(value, gradient)) {
        IllegalStateException used = assertThrows(IllegalStateException.class, gone::toDoubles);
        assertTrue(used.getMessage().startsWith("[tensor] used after its scope closed"));
      }
      assertEquals(2, x.toDoubles()[1]);
    }
  }

  @Test
  void keepMovesAResultOut() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      Tensor value;
      Tensor gradient;
      try (Tape.Run run = Tape.record(() -> x.square().sum())) {
        value = run.keep(run.value());
        gradient = run.keep(run.gradients(List.of(x)).getFirst());
      }
      assertEquals(5, value.item());
      assertArrayEquals(new double[] {2, 4}, gradient.toDoubles());
    }
  }

  @Test
  void aFailingBodyFreesEverything() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = vector(1, 2);
      long held = scope.liveBytes();
      assertThrows(
          ArithmeticException.class,
          () -> {
            try (Tape.Run _ =
                Tape.record(
                    () -> {
                      x.exp();
                      throw new ArithmeticException("on purpose");
                    })) {}
          });
      assertEquals(held, scope.liveBytes());
      assertFalse(Tape.recording());
      assertEquals(3, x.sum().item());
    }
  }

  @Test
  void gradientsLeaveNothingElseBehind() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = vector(1, 2, 3, 4);
      try (Tape.Run run = Tape.record(() -> x.exp().mul(x).tanh().add(x).square().sum())) {
        long saved = scope.liveBytes();
        Tensor gradient = run.gradients(List.of(x)).getFirst();
        assertEquals(saved + gradient.buffer().bytes(), scope.liveBytes());
      }
    }
  }

  @Test
  void savedBytesAreReportedByOp() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensors.onesLike(Tensor.of(new double[600], 600));
      try (Tape.Run run = Tape.record(() -> x.exp().tanh().add(x.exp()).sum())) {
        // exp, tanh, exp, add: 4800 bytes each; the sum is one number. Buffers are rounded up.
        assertTrue(run.savedBytes() >= 4 * 4800 + 8, () -> "" + run.savedBytes());
        assertTrue(run.savedBytes() < 4 * 4800 + 5 * 256, () -> "" + run.savedBytes());
        List<String> lines = run.savedReport().lines().toList();
        assertTrue(lines.getFirst().startsWith("5 tensors, " + run.savedBytes() + " B"));
        assertTrue(lines.get(1).endsWith("2 x exp f64[600]"), run.savedReport());
        assertTrue(lines.getLast().endsWith("1 x sum f64[]"), run.savedReport());
      }
    }
  }

  // ---- wrong use ----

  @Test
  void aValueWithSeveralElementsNeedsACotangent() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      try (Tape.Run run = Tape.record(x::square)) {
        IllegalStateException thrown =
            assertThrows(IllegalStateException.class, () -> run.gradients(List.of(x)));
        assertEquals(
            "[tape] gradients need a value with one element; got f64[2]; reduce it with sum() or"
                + " mean(), or call pullback(cotangent, wrt)",
            thrown.getMessage());
        IllegalArgumentException wrong =
            assertThrows(
                IllegalArgumentException.class, () -> run.pullback(vector(1, 2, 3), List.of(x)));
        assertEquals("[tape] cotangent must be f64[2]; got f64[3]", wrong.getMessage());
      }
    }
  }

  @Test
  void updatesCannotBeRecorded() {
    try (TensorScope _ = TensorScope.open();
        Variable weight = Variable.of("weight", vector(1, 2))) {
      Tensor next = vector(3, 4);
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () -> {
                try (Tape.Run _ =
                    Tape.record(
                        () -> {
                          weight.set(next);
                          return weight.value().sum();
                        })) {}
              });
      assertTrue(thrown.getMessage().startsWith("[assign] update ops cannot be recorded"));
      assertArrayEquals(new double[] {1, 2}, weight.value().toDoubles());
      try (Tape.Run run =
          Tape.record(
              () -> {
                Tape.pause(
                    () -> {
                      weight.set(next);
                      return null;
                    });
                return weight.value().square().sum();
              })) {
        assertArrayEquals(
            new double[] {6, 8}, run.gradientsOf(List.of(weight)).getFirst().toDoubles());
      }
    }
  }

  @Test
  void anUpdateBetweenRecordAndGradientIsNoticed() {
    try (TensorScope _ = TensorScope.open();
        Variable weight = Variable.of("weight", vector(1, 2))) {
      try (Tape.Run run = Tape.record(() -> weight.value().square().sum())) {
        weight.set(vector(3, 4));
        IllegalStateException thrown =
            assertThrows(IllegalStateException.class, () -> run.gradientsOf(List.of(weight)));
        assertEquals(
            "[tape] weight f64[2] was updated after square recorded it; take gradients before"
                + " updating variables",
            thrown.getMessage());
      }
    }
  }

  @Test
  void gradientsAfterCloseSaySo() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = vector(1, 2);
      Tape.Run kept;
      try (Tape.Run run = Tape.record(x::sum)) {
        kept = run;
      }
      IllegalStateException thrown =
          assertThrows(IllegalStateException.class, () -> kept.gradients(List.of(x)));
      assertEquals(
          "[tape] the run is closed and its tensors are freed; take gradients inside its"
              + " try block",
          thrown.getMessage());
    }
  }
}
