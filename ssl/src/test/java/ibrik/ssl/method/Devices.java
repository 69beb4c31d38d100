package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.autograd.Tape;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Several devices of a run, as threads of which one runs at a time. Who gathers waits until all
/// have done so, as with a collective; rows pass through the host, so that no gradient leaves a
/// device.
final class Devices {
  private final int count;
  private final List<double[]> arrived = new ArrayList<>();
  private List<double[]> latest = List.of();
  private int waiting;
  private long rounds;
  private boolean ended;

  private Devices(int count) {
    this.count = count;
    arrived.addAll(Collections.nCopies(count, new double[0]));
  }

  /// What each device's `body` gives, in their order.
  static <R> List<R> run(int count, Function<Device, R> body) {
    Devices all = new Devices(count);
    List<@Nullable R> results = new ArrayList<>(Collections.nCopies(count, null));
    List<Throwable> failures = new ArrayList<>();
    List<Thread> threads =
        IntStream.range(0, count)
            .mapToObj(
                i -> {
                  Device own = all.new Device(i);
                  return Thread.ofPlatform()
                      .start(
                          () -> {
                            synchronized (all) {
                              try {
                                results.set(i, body.apply(own));
                              } catch (Throwable failed) {
                                failures.add(failed);
                              }
                              all.ended = true;
                              all.notifyAll();
                            }
                          });
                })
            .toList();
    join(threads);
    if (!failures.isEmpty()) {
      throw new AssertionError("a device failed", failures.getFirst());
    }
    return results.stream().map(java.util.Objects::requireNonNull).toList();
  }

  private static void join(List<Thread> threads) {
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }

  private synchronized List<double[]> meet(int device, double[] numbers) {
    arrived.set(device, numbers);
    waiting++;
    if (waiting == count) {
      latest = List.copyOf(arrived);
      waiting = 0;
      rounds++;
      notifyAll();
      return latest;
    }
    for (long round = rounds; round == rounds; ) {
      if (ended) {
        throw new IllegalStateException("another device ended");
      }
      try {
        wait();
      } catch (InterruptedException stopped) {
        throw new IllegalStateException(stopped);
      }
    }
    return latest;
  }

  /// One of them.
  final class Device implements Gather {
    private final int index;

    private Device(int index) {
      this.index = index;
    }

    int index() {
      return index;
    }

    @Override
    public int devices() {
      return count;
    }

    @Override
    public Tensor rows(Tensor own) {
      List<double[]> all = meet(index, own.toDoubles());
      List<Tensor> parts = new ArrayList<>();
      for (int d = 0; d < count; d++) {
        double[] numbers = all.get(d);
        assertEquals(own.elems(), numbers.length, "all devices must gather one shape");
        parts.add(
            d == index
                ? own
                : Tape.pause(() -> Tensor.of(numbers, own.shape().dims()).cast(own.dtype())));
      }
      return LayoutOps.concat(0, parts);
    }

    /// The sum over all devices.
    Tensor sum(Tensor own) {
      double[] sum = new double[Math.toIntExact(own.elems())];
      for (double[] numbers : meet(index, own.toDoubles())) {
        for (int i = 0; i < sum.length; i++) {
          sum[i] += numbers[i];
        }
      }
      return Tensor.of(sum, own.shape().dims()).cast(own.dtype());
    }
  }
}
