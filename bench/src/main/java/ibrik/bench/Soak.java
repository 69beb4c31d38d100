package ibrik.bench;

import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;

/// Trains for many steps and watches memory: what a step needs is given back by its end, so that
/// the ten thousandth needs no more than the thousandth. Started with a small heap and a cap on
/// native memory; ends with an error where either grows.
///
/// ```
/// java -Xmx40m --add-modules jdk.incubator.vector -cp bench/target/benchmarks.jar ibrik.bench.Soak
/// ```
public final class Soak {
  private static final int STEPS = 10_000;

  /// Of them, until caches are full and code is compiled.
  private static final int SETTLED = 2_000;

  /// What the heap may grow after that: less than a hundred bytes a step, a leak of a single
  /// object.
  private static final long GROWTH_BYTES = 512 << 10;

  /// What the pool may take from the system: a few times what a step of this size needs.
  private static final long NATIVE_CAP_BYTES = 32L << 20;

  private final int steps;
  private final int settled;
  private final long growthBytes;

  /// @param steps in all, half of them eager, half replayed
  /// @param settled after how many the heap is measured first
  /// @param growthBytes that the heap may grow from then on
  Soak(int steps, int settled, long growthBytes) {
    this.steps = steps;
    this.settled = settled;
    this.growthBytes = growthBytes;
  }

  /// Ten thousand steps.
  public static void main(String[] args) throws Exception {
    System.out.println(new Soak(STEPS, SETTLED, GROWTH_BYTES).run(_ -> {}));
  }

  /// What else is done in each step; tests put a leak there.
  interface Besides {
    void step(int number);
  }

  /// Runs the steps and returns a line about them.
  ///
  /// @throws IllegalStateException if the heap or native memory grew
  String run(Besides besides) throws Exception {
    Backends.of(Device.CPU).memory(0).trim(); // what others left
    long nativeBefore = nativeBytes();
    StepBench training = new StepBench();
    training.model = "resnet8";
    training.batch = "2x8x1";
    training.open();
    long nativeSettled = 0;
    long heapSettled = 0;
    try {
      for (int step = 0; step < steps; step++) {
        if (step == settled) {
          heapSettled = heapBytes();
          nativeSettled = nativeBytes();
        }
        double loss = step % 2 == 0 ? training.eager(new Rates()) : training.replay(new Rates());
        if (!Double.isFinite(loss)) {
          throw new IllegalStateException("[soak] the loss of step " + step + " is " + loss);
        }
        besides.step(step);
      }
      grown("heap", heapSettled, heapBytes(), growthBytes);
      grown("native memory", nativeSettled, nativeBytes(), 0);
      long reserved = Backends.of(Device.CPU).memory(0).reservedBytes();
      if (reserved > NATIVE_CAP_BYTES) {
        throw new IllegalStateException(
            "[soak] the pool must not take more than "
                + NATIVE_CAP_BYTES
                + " bytes; got "
                + reserved);
      }
    } finally {
      training.close();
    }
    grown("native memory after closing", nativeBefore, nativeBytes(), 0);
    return "soak: "
        + steps
        + " steps, heap "
        + heapSettled / 1024
        + " KiB, native "
        + nativeSettled / 1024
        + " KiB, no growth";
  }

  private void grown(String what, long before, long after, long allowed) {
    if (after - before > allowed) {
      throw new IllegalStateException(
          "[soak] "
              + what
              + " must not grow by more than "
              + allowed
              + " bytes from step "
              + settled
              + " to "
              + steps
              + "; got "
              + before
              + " and "
              + after);
    }
  }

  private static long nativeBytes() {
    return Backends.of(Device.CPU).memory(0).liveBytes();
  }

  /// What is reachable: the least of several looks, for a collection may leave something.
  private static long heapBytes() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      memory.gc();
      least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
