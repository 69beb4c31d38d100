package ibrik.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Adds two columns to a benchmark: GFLOP/s and GB/s of the work that the op's definition needs.
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Rates {
  /// 10^9 operations; JMH divides by the seconds of the iteration.
  public double gflop;

  /// 10^9 bytes; JMH divides by the seconds of the iteration.
  public double gbyte;

  /// JMH makes it.
  public Rates() {}

  /// Starts an iteration.
  @Setup(Level.Iteration)
  public void reset() {
    gflop = 0;
    gbyte = 0;
  }

  /// Counts one run.
  void add(Work work) {
    gflop += work.flops() * 1e-9;
    gbyte += work.bytes() * 1e-9;
  }
}
