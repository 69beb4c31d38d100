package ibrik.kernels.cpu;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.op.Linear;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Matrix product of bf16 operands: widened matrix by matrix, summed in f32 by [Gemm], rounded
/// once.
final class HalfMatMul {
  private HalfMatMul() {}

  static void run(CpuPool pool, Linear.MatMul op, Tensor a, Tensor b, Tensor out) {
    int m = (int) out.dim(-2);
    int n = (int) out.dim(-1);
    int k = (int) a.dim(op.transposeA() ? -2 : -1);
    Shape batch = Linear.MatMul.batch(out.shape());
    List<Long> startA = Broadcast.starts(Linear.MatMul.batch(a.shape()), batch);
    List<Long> startB = Broadcast.starts(Linear.MatMul.batch(b.shape()), batch);
    MemorySegment wideA = Scratch.floats(Scratch.Slot.IMAGE, Math.max(1, (long) m * k));
    MemorySegment wideB = Scratch.floats(Scratch.Slot.WEIGHTS, Math.max(1, (long) k * n));
    MemorySegment wide = Scratch.floats(Scratch.Slot.GRADIENT, Math.max(1, (long) m * n));
    for (int i = 0; i < batch.elems(); i++) {
      widen(pool, a, startA.get(i) * m * k, (long) m * k, wideA);
      widen(pool, b, startB.get(i) * k * n, (long) k * n, wideB);
      Gemm.run(
          pool,
          new Gemm.Operand(wideA, 0, m, k, op.transposeA()),
          new Gemm.Operand(wideB, 0, k, n, op.transposeB()),
          wide,
          0);
      MemorySegment to = out.data().asSlice((long) i * m * n * 2, (long) m * n * 2);
      Chunks.run(pool, (long) m * n, (from, end) -> HalfLoops.narrow(wide, to, from, end));
    }
  }

  private static void widen(CpuPool pool, Tensor x, long first, long count, MemorySegment to) {
    MemorySegment from = x.data().asSlice(first * 2, count * 2);
    Chunks.run(pool, count, (start, end) -> HalfLoops.widen(from, to, start, end));
  }
}
