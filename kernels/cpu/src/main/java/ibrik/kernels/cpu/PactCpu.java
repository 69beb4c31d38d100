package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.backend.Kernel;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Parameterised clipping: one streaming pass forward, one with a sum backward.
final class PactCpu {
  private PactCpu() {}

  static Kernel forward(int levels, CpuPool pool) {
    return (in, out) -> {
      MemorySegment x = in.get(0).data();
      float a = in.get(1).data().get(FLOAT, 0);
      MemorySegment y = out.getFirst().data();
      Chunks.run(
          pool,
          in.getFirst().elems(),
          (from, to) -> {
            long i = from;
            for (; i + COUNT <= to; i += COUNT) {
              FloatVector v = FloatVector.fromMemorySegment(F32, x, i * 4, ORDER);
              FloatVector clipped = // to [0, a); then a where x is not below
                  FloatVector.zero(F32)
                      .blend(
                          FloatVector.broadcast(F32, a).blend(v, v.compare(VectorOperators.LT, a)),
                          v.compare(VectorOperators.GT, 0f));
              Rounding.halfEven(clipped.mul(levels).div(a))
                  .mul(a)
                  .div(levels)
                  .intoMemorySegment(y, i * 4, ORDER);
            }
            for (; i < to; i++) {
              float v = x.get(FLOAT, i * 4);
              float clipped = v > 0 ? v < a ? v : a : 0;
              y.set(FLOAT, i * 4, (float) Math.rint(clipped * levels / a) * a / levels);
            }
          });
    };
  }

  static Kernel backward(CpuPool pool) {
    return (in, out) -> {
      MemorySegment x = in.get(0).data();
      float a = in.get(1).data().get(FLOAT, 0);
      MemorySegment dy = in.get(2).data();
      MemorySegment dx = out.get(0).data();
      long elems = in.getFirst().elems();
      double[] sums = new double[(int) Math.ceilDiv(elems, Chunks.SIZE)];
      Chunks.run(
          pool,
          elems,
          (from, to) -> sums[(int) (from / Chunks.SIZE)] = chunk(x, dy, dx, from, to, a));
      double total = 0;
      for (double sum : sums) {
        total += sum;
      }
      out.get(1).data().set(FLOAT, 0, (float) total);
    };
  }

  private static double chunk(
      MemorySegment x, MemorySegment dy, MemorySegment dx, long from, long to, float a) {
    double total = 0;
    for (long start = from; start < to; start += 64L * COUNT) {
      long end = Math.min(to, start + 64L * COUNT);
      FloatVector above = FloatVector.zero(F32);
      long i = start;
      for (; i + COUNT <= end; i += COUNT) {
        FloatVector v = FloatVector.fromMemorySegment(F32, x, i * 4, ORDER);
        FloatVector g = FloatVector.fromMemorySegment(F32, dy, i * 4, ORDER);
        VectorMask<Float> in =
            v.compare(VectorOperators.GE, 0f).and(v.compare(VectorOperators.LT, a));
        FloatVector passed = FloatVector.zero(F32).blend(g, in);
        passed.intoMemorySegment(dx, i * 4, ORDER);
        VectorMask<Float> over = v.compare(VectorOperators.GE, a);
        above = above.add(FloatVector.zero(F32).blend(g, over));
      }
      total += above.reduceLanes(VectorOperators.ADD);
      for (; i < end; i++) {
        float v = x.get(FLOAT, i * 4);
        float g = dy.get(FLOAT, i * 4);
        dx.set(FLOAT, i * 4, v >= 0 && v < a ? g : 0);
        total += v >= a ? g : 0;
      }
    }
    return total;
  }
}
