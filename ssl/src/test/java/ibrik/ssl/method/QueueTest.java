package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.nn.Build;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Program;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueueTest extends MethodTest {
  private static final int ROWS = 6;
  private static final int BATCH = 2;
  private static final int WIDTH = 3;

  private static Queue queue() {
    return new Queue("queue", ROWS, BATCH, WIDTH, Build.cpu(5));
  }

  private static Tensor batch(int step) {
    return Tensor.of(normals(BATCH * WIDTH, step), BATCH, WIDTH);
  }

  /// What a list of batches, oldest first, would hold after these pushes.
  private static double[] sorted(Deque<float[]> batches) {
    return batches.stream()
        .flatMapToDouble(b -> java.util.stream.IntStream.range(0, b.length).mapToDouble(i -> b[i]))
        .sorted()
        .toArray();
  }

  private static void push(Queue queue, Tensor batch) {
    queue.stage(batch);
    queue.push();
  }

  @Test
  void holdsTheLatestBatchesAndNothingElse() {
    try (TensorScope _ = TensorScope.open();
        Queue queue = queue()) {
      Deque<float[]> want = new ArrayDeque<>();
      float[] start = queue.rows().toFloats();
      for (int i = 0; i < ROWS / BATCH; i++) {
        want.add(Arrays.copyOfRange(start, i * BATCH * WIDTH, (i + 1) * BATCH * WIDTH));
      }
      for (int step = 0; step < 8; step++) {
        push(queue, batch(step));
        want.removeFirst();
        want.addLast(normals(BATCH * WIDTH, step));
        double[] got = queue.rows().toDoubles();
        Arrays.sort(got);
        assertArrayEquals(sorted(want), got, "after push " + step);
      }
      // The third ring position holds the batch of step 5, the next write goes there again.
      assertArrayEquals(batch(5).toDoubles(), queue.rows().narrow(0, 4, 2).toDoubles());
      assertArrayEquals(batch(7).toDoubles(), queue.rows().narrow(0, 2, 2).toDoubles());
    }
  }

  @Test
  void startsWithRandomRowsOfUnitLength() {
    try (TensorScope _ = TensorScope.open();
        Queue queue = queue();
        Queue same = queue();
        Queue other = new Queue("queue", ROWS, BATCH, WIDTH, Build.cpu(6))) {
      for (double square : queue.rows().square().sum(List.of(1), false).toDoubles()) {
        assertEquals(1, square, 1e-6);
      }
      assertArrayEquals(queue.rows().toDoubles(), same.rows().toDoubles());
      assertTrue(!Arrays.equals(queue.rows().toDoubles(), other.rows().toDoubles()));
    }
  }

  /// The forward pass of a step must not see the step's own embeddings.
  @Test
  void stagingChangesNothingYet() {
    try (TensorScope _ = TensorScope.open();
        Queue queue = queue()) {
      double[] before = queue.rows().toDoubles();
      queue.stage(batch(0));
      assertArrayEquals(before, queue.rows().toDoubles());
    }
  }

  /// While it fills, the mean age after n pushes is (n + 1) / 2; full, it stays at (K / B + 1) / 2.
  @Test
  void ageIsThatOfTheBatchesItHolds() {
    try (TensorScope _ = TensorScope.open();
        Queue queue = queue()) {
      assertEquals(0, queue.age());
      for (int pushes = 1; pushes <= 9; pushes++) {
        push(queue, batch(pushes));
        assertEquals((Math.min(pushes, ROWS / BATCH) + 1) / 2.0, queue.age());
      }
    }
  }

  /// One captured push, replayed, moves the position by itself.
  @Test
  void aReplayedPushIsAPush() {
    TensorSpec spec = new TensorSpec(DType.F32, Shape.of(BATCH, WIDTH));
    try (TensorScope _ = TensorScope.open();
        Variable fresh = Variable.zeros("fresh", spec, Device.CPU);
        Queue eager = queue();
        Queue replayed = queue();
        Program program =
            Program.capture(
                () -> {
                  push(replayed, fresh.value());
                  return List.of();
                })) {
      for (int step = 0; step < 5; step++) {
        push(eager, batch(step));
        fresh.set(batch(step));
        program.replay();
        assertArrayEquals(eager.rows().toDoubles(), replayed.rows().toDoubles());
        assertEquals(eager.age(), replayed.age());
      }
    }
  }

  @Test
  void theStateIsAllThereIs() {
    try (TensorScope _ = TensorScope.open();
        Queue first = queue();
        Queue second = queue()) {
      for (int step = 0; step < 4; step++) {
        push(first, batch(step));
      }
      assertEquals(
          List.of("queue.rows", "queue.position", "queue.ages"),
          List.copyOf(first.state().keySet()));
      second.state().forEach((name, variable) -> variable.set(first.state().get(name).value()));
      push(first, batch(4));
      push(second, batch(4));
      assertArrayEquals(first.rows().toDoubles(), second.rows().toDoubles());
      assertEquals(first.age(), second.age());
    }
  }

  @Test
  void theBatchMustDivideIt() {
    for (int rows : new int[] {1000, 100, 0}) {
      IllegalArgumentException thrown =
          assertThrows(
              IllegalArgumentException.class, () -> new Queue("queue", rows, 256, 8, Build.cpu(1)));
      assertEquals(
          "[queue] queue must hold a multiple of the 256 embeddings of a step; got "
              + rows
              + "; take "
              + (rows == 1000 ? 1024 : 256)
              + ", or another batch size",
          thrown.getMessage());
    }
  }
}
