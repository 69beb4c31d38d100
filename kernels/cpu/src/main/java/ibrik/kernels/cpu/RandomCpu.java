package ibrik.kernels.cpu;

import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.RandomOp;
import ibrik.tensor.random.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Binds [RandomOp] for f32: the same bits as the reference, blocks in parallel.
final class RandomCpu {
  private RandomCpu() {}

  static Kernel kernel(RandomOp op, CpuPool pool) {
    return (in, out) -> {
      long seed = in.getFirst().data().get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
      long stream = in.getFirst().data().get(ValueLayout.JAVA_LONG_UNALIGNED, 8);
      MemorySegment y = out.getFirst().data();
      Chunks.run(
          pool,
          out.getFirst().elems(),
          (from, to) -> {
            int[] words = new int[4];
            for (long start = from; start < to; start += 4) {
              Philox.block(seed, start / 4, stream, words);
              for (int k = 0; k < 4 && start + k < to; k++) {
                y.set(Lanes.FLOAT, (start + k) * 4, (float) value(op, words, k));
              }
            }
          });
    };
  }

  private static double value(RandomOp op, int[] words, int k) {
    double unit = Philox.toUnitFloat(words[k]);
    return switch (op) {
      case RandomOp.RandomUniform uniform ->
          uniform.low() + (uniform.high() - uniform.low()) * unit;
      case RandomOp.RandomBernoulli bernoulli -> unit < bernoulli.p() ? 1 : 0;
      case RandomOp.RandomNormal normal -> {
        double u = Philox.toUnitFloat(words[k & ~1]);
        double v = Philox.toUnitFloat(words[k | 1]);
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - u));
        double angle = 2 * Math.PI * v;
        double z = radius * ((k & 1) == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle));
        yield normal.mean() + normal.std() * z;
      }
    };
  }
}
