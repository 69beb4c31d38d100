package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuPoolTest {
  @ParameterizedTest
  @CsvSource({"1", "2", "3", "5"})
  void everyTaskRunsOnce(int threads) {
    try (CpuPool pool = new CpuPool(threads)) {
      for (int tasks : new int[] {0, 1, 2, 3, 7, 16, 1000}) {
        for (boolean back : new boolean[] {false, true}) {
          AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
          pool.run(tasks, back, runs::incrementAndGet);
          for (int i = 0; i < tasks; i++) {
            assertEquals(1, runs.get(i), "task " + i + " of " + tasks);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3"})
  void aFailureComesAfterTheOthersAreDone(int threads) {
    try (CpuPool pool = new CpuPool(threads)) {
      AtomicInteger done = new AtomicInteger();
      IllegalStateException failure = new IllegalStateException("task 3");
      IllegalStateException seen =
          assertThrows(
              IllegalStateException.class,
              () ->
                  pool.run(
                      40,
                      i -> {
                        if (i == 3) {
                          throw failure;
                        }
                        done.incrementAndGet();
                      }));
      assertSame(failure, seen);
      assertEquals(threads == 1 ? 3 : 39, done.get(), "one thread stops where it fails");
      pool.run(10, _ -> done.addAndGet(100));
      assertEquals(10, done.get() / 100, "the pool goes on");
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aLoneThreadKeepsTheOrder(boolean back) {
    try (CpuPool pool = new CpuPool(1)) {
      List<Integer> order = new ArrayList<>();
      pool.run(5, back, order::add);
      List<Integer> want = IntStream.range(0, 5).boxed().toList();
      assertEquals(back ? want.reversed() : want, order);
    }
  }

  @ParameterizedTest
  @CsvSource({"2", "3"})
  void aThreadHelpsWithTheSharesOfOthers(int threads) {
    try (CpuPool pool = new CpuPool(threads)) {
      AtomicInteger others = new AtomicInteger();
      // The first task waits until all others are done, so they need another thread's help.
      pool.run(
          30,
          i -> {
            if (i > 0) {
              others.incrementAndGet();
            }
            while (i == 0 && others.get() < 29) {
              Thread.onSpinWait();
            }
          });
      assertEquals(29, others.get());
    }
  }
}
