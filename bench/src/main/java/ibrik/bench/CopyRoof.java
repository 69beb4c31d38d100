package ibrik.bench;

import ibrik.kernels.cpu.Roofs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How fast this machine copies, by the size of what is copied: the roof of kernels that wait for
/// memory. Each thread copies numbers of its own; a byte read and written counts twice.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-XX:+UseParallelGC"
    })
public class CopyRoof {
  /// Bytes that a thread reads and writes in a run.
  @Param({Sizes.L1, Sizes.L2, Sizes.L3, Sizes.MEMORY})
  public String bytes = Sizes.L2;

  private Arena arena = Arena.ofAuto();
  private CopyPair pair = new CopyPair(MemorySegment.NULL, MemorySegment.NULL);
  private Work work = new Work(0, 0);

  /// JMH makes it.
  public CopyRoof() {}

  /// Touches every page.
  @Setup(Level.Trial)
  @SuppressWarnings("MustBeClosedChecker") // close() does
  public void open() {
    arena = Arena.ofShared();
    pair = CopyPair.of(arena, Sizes.bytes(bytes));
    work = new Work(0, 2 * pair.from().byteSize());
  }

  /// As kernels move floats.
  @Benchmark
  public byte loop(Rates rates) {
    Roofs.copy(pair.from(), pair.to(), pair.from().byteSize());
    rates.add(work);
    return pair.to().get(ValueLayout.JAVA_BYTE, 0);
  }

  /// By the library, which may write past the caches.
  @Benchmark
  public byte library(Rates rates) {
    pair.to().copyFrom(pair.from());
    rates.add(work);
    return pair.to().get(ValueLayout.JAVA_BYTE, 0);
  }

  /// Frees the memory.
  @TearDown(Level.Trial)
  public void close() {
    arena.close();
  }
}
