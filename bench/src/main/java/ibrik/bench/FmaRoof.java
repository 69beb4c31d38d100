package ibrik.bench;

import ibrik.kernels.cpu.Roofs;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// How fast this machine multiplies and adds f32 vectors in registers: the roof of kernels that
/// compute.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC"})
public class FmaRoof {
  private static final int STEPS = 10_000;

  /// Not a constant for the compiler.
  private float factor = 0.5f;

  private final Work work = new Work(STEPS * Roofs.flopsPerStep(), 0);

  /// JMH makes it.
  public FmaRoof() {}

  /// Ten thousand steps.
  @Benchmark
  public float multiplyAdd(Rates rates) {
    factor = factor == 0.5f ? 0.25f : 0.5f;
    rates.add(work);
    return Roofs.multiplyAdd(STEPS, factor);
  }
}
