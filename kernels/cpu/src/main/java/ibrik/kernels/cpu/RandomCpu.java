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
            float[] block = new float[4];
            for (long start = from; start < to; start += 4) {
              Philox.block(seed, start / 4, stream, words);
              fill(op, words, block);
              for (int k = 0; k < 4 && start + k < to; k++) {
                y.set(Lanes.FLOAT, (start + k) * 4, block[k]);
              }
            }
          });
    };
  }

  private static void fill(RandomOp op, int[] words, float[] block) {
    for (int k = 0; k < 4; k += 2) {
      double u = Philox.toUnitFloat(words[k]);
      double v = Philox.toUnitFloat(words[k + 1]);
      switch (op) {
        case RandomOp.RandomUniform(_, double low, double high) -> {
          block[k] = (float) (low + (high - low) * u);
          block[k + 1] = (float) (low + (high - low) * v);
        }
        case RandomOp.RandomBernoulli(_, double p) -> {
          block[k] = u < p ? 1 : 0;
          block[k + 1] = v < p ? 1 : 0;
        }
        case RandomOp.RandomNormal(_, double mean, double std) -> {
          double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - u));
          double angle = 2 * Math.PI * v;
          block[k] = (float) (mean + std * (radius * StrictMath.cos(angle)));
          block[k + 1] = (float) (mean + std * (radius * StrictMath.sin(angle)));
        }
      }
    }
  }
}
