package ibrik.kernels.cpu;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Elementwise;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Binds [Elementwise] to its loops. Ops of no consequence for speed stay with the reference.
final class ElementwiseCpu {
  private ElementwiseCpu() {}

  static @Nullable Kernel kernel(Elementwise op, List<TensorSpec> in, CpuPool pool) {
    boolean floats = in.getFirst().dtype().wide() == DType.F32;
    return switch (op) {
      case Elementwise.Unary unary -> {
        Loop loop = floats ? loop(unary) : null;
        yield loop == null ? null : unary(loop, pool);
      }
      case Elementwise.Binary binary when in.getFirst().dtype() == DType.F32 ->
          binary(row(binary), pool);
      case Elementwise.Binary binary ->
          floats && in.get(0).equals(in.get(1)) ? halfBinary(row(binary), pool) : null;
      case Elementwise.Cast(DType to) -> cast(in.getFirst().dtype(), to, pool);
      case Elementwise.Compare compare -> compare(compare.how(), in.getFirst().dtype(), pool);
      case Elementwise.Where _ -> where(in, pool);
      case Elementwise.Not _, Elementwise.IsFinite _ -> null;
    };
  }

  private interface Loop {
    void run(MemorySegment x, MemorySegment y, long from, long to);
  }

  /// Chunks do not meet, and within one a vector is loaded before it is stored.
  private static Kernel unary(Loop loop, CpuPool pool) {
    Kernel kernel =
        (in, out) -> {
          FloatRows x = FloatRows.flat(in.getFirst(), Scratch.Slot.IMAGE);
          FloatRows y = FloatRows.flat(out.getFirst(), Scratch.Slot.PRODUCTS);
          Chunks.run(
              pool,
              in.getFirst().elems(),
              (from, to) ->
                  x.inBlocks(
                      from,
                      to,
                      (first, last) -> {
                        long start = x.place(first);
                        MemorySegment wide = x.read(first, last);
                        loop.run(wide, y.room(first, last), start, start + last - first);
                        y.done(first, last);
                      }));
        };
    return kernel.overwriting(0);
  }

  private static @Nullable Loop loop(Elementwise.Unary op) {
    return switch (op) {
      case Elementwise.Neg _ -> UnaryLoops::neg;
      case Elementwise.Abs _ -> UnaryLoops::abs;
      case Elementwise.Exp _ -> UnaryLoops::exp;
      case Elementwise.Log _ -> UnaryLoops::log;
      case Elementwise.Sqrt _ -> UnaryLoops::sqrt;
      case Elementwise.Rsqrt _ -> UnaryLoops::rsqrt;
      case Elementwise.Reciprocal _ -> UnaryLoops::reciprocal;
      case Elementwise.Square _ -> UnaryLoops::square;
      case Elementwise.Tanh _ -> UnaryLoops::tanh;
      case Elementwise.Sigmoid _ -> UnaryLoops::sigmoid;
      case Elementwise.Erf _ -> GeluLoops::erf;
      case Elementwise.Relu _ -> UnaryLoops::relu;
      case Elementwise.Round _ -> UnaryLoops::round;
      case Elementwise.Scale(double factor) ->
          (x, y, from, to) -> UnaryLoops.scale(x, y, from, to, (float) factor);
      case Elementwise.Offset(double term) ->
          (x, y, from, to) -> UnaryLoops.offset(x, y, from, to, (float) term);
      case Elementwise.Clamp(double low, double high) ->
          (x, y, from, to) -> UnaryLoops.clamp(x, y, from, to, (float) low, (float) high);
      case Elementwise.Sign _,
          Elementwise.Sin _,
          Elementwise.Cos _,
          Elementwise.Floor _,
          Elementwise.Pow _ ->
          null;
    };
  }

  private interface Row {
    void run(
        MemorySegment a,
        long aOff,
        int aStep,
        MemorySegment b,
        long bOff,
        int bStep,
        MemorySegment y,
        long yOff,
        long count);
  }

  private static Row row(Elementwise.Binary op) {
    return switch (op) {
      case Elementwise.Add _ -> BinaryLoops::add;
      case Elementwise.Sub _ -> BinaryLoops::sub;
      case Elementwise.Mul _ -> BinaryLoops::mul;
      case Elementwise.Div _ -> BinaryLoops::div;
      case Elementwise.Maximum _ -> BinaryLoops::maximum;
      case Elementwise.Minimum _ -> BinaryLoops::minimum;
      case Elementwise.ReluBackward _ -> BinaryLoops::reluBackward;
    };
  }

  /// An operand of the output's size is read at a place just before that place is written.
  private static Kernel binary(Row row, CpuPool pool) {
    Kernel kernel =
        (in, out) -> {
          Tensor a = in.get(0);
          Tensor b = in.get(1);
          Tensor y = out.getFirst();
          MemorySegment da = a.data();
          MemorySegment db = b.data();
          MemorySegment dy = y.data();
          Rows.run(
              pool,
              a.shape(),
              b.shape(),
              y.shape(),
              (aAt, aStep, bAt, bStep, yAt, count) ->
                  row.run(da, aAt * 4, aStep, db, bAt * 4, bStep, dy, yAt * 4, count));
        };
    return kernel.overwriting(0, 1);
  }

  /// Operands of one shape, of 16 bits. Others are left to [HalfKernels]: rows may be short.
  private static Kernel halfBinary(Row row, CpuPool pool) {
    Kernel kernel =
        (in, out) -> {
          FloatRows a = FloatRows.flat(in.get(0), Scratch.Slot.IMAGE);
          FloatRows b = FloatRows.flat(in.get(1), Scratch.Slot.PANEL);
          FloatRows y = FloatRows.flat(out.getFirst(), Scratch.Slot.PRODUCTS);
          Chunks.run(
              pool,
              out.getFirst().elems(),
              (from, to) ->
                  y.inBlocks(
                      from,
                      to,
                      (first, last) -> {
                        MemorySegment wideA = a.read(first, last);
                        MemorySegment wideB = b.read(first, last);
                        row.run(wideA, 0, 1, wideB, 0, 1, y.room(first, last), 0, last - first);
                        y.done(first, last);
                      }));
        };
    return kernel.overwriting(0, 1);
  }

  private static @Nullable Kernel compare(Elementwise.Comparison how, DType type, CpuPool pool) {
    if (type != DType.F32 && type != DType.I32) {
      return null;
    }
    boolean floats = type == DType.F32;
    return (in, out) -> {
      Tensor a = in.get(0);
      Tensor b = in.get(1);
      Tensor y = out.getFirst();
      MemorySegment da = a.data();
      MemorySegment db = b.data();
      MemorySegment dy = y.data();
      Rows.run(
          pool,
          a.shape(),
          b.shape(),
          y.shape(),
          (aAt, aStep, bAt, bStep, yAt, count) -> {
            for (long i = 0; i < count; i++) {
              long atA = (aAt + i * aStep) * 4;
              long atB = (bAt + i * bStep) * 4;
              boolean holds =
                  floats
                      ? holds(how, da.get(Lanes.FLOAT, atA), db.get(Lanes.FLOAT, atB))
                      : holds(how, da.get(Lanes.INT, atA), db.get(Lanes.INT, atB));
              dy.set(ValueLayout.JAVA_BYTE, yAt + i, (byte) (holds ? 1 : 0));
            }
          });
    };
  }

  /// Doubles hold every f32 and i32.
  private static boolean holds(Elementwise.Comparison how, double a, double b) {
    return switch (how) {
      case EQUAL -> a == b;
      case NOT_EQUAL -> a != b;
      case LESS -> a < b;
      case LESS_EQUAL -> a <= b;
      case GREATER -> a > b;
      case GREATER_EQUAL -> a >= b;
    };
  }

  /// A choice per element between tensors of the condition's shape and single numbers: what masks
  /// need. Other broadcasts stay with the reference.
  private static @Nullable Kernel where(List<TensorSpec> specs, CpuPool pool) {
    Shape shape = specs.getFirst().shape();
    for (TensorSpec choice : specs.subList(1, 3)) {
      boolean one = choice.elems() == 1 && choice.shape().rank() <= shape.rank();
      if (choice.dtype() != DType.F32 || !(one || choice.shape().equals(shape))) {
        return null;
      }
    }
    long stepA = specs.get(1).shape().equals(shape) ? 4 : 0;
    long stepB = specs.get(2).shape().equals(shape) ? 4 : 0;
    return (in, out) -> {
      MemorySegment condition = in.get(0).data();
      MemorySegment a = in.get(1).data();
      MemorySegment b = in.get(2).data();
      MemorySegment y = out.getFirst().data();
      Chunks.run(
          pool,
          out.getFirst().elems(),
          (from, to) -> {
            for (long i = from; i < to; i++) {
              boolean first = condition.get(ValueLayout.JAVA_BYTE, i) != 0;
              y.set(
                  Lanes.FLOAT,
                  i * 4,
                  first ? a.get(Lanes.FLOAT, i * stepA) : b.get(Lanes.FLOAT, i * stepB));
            }
          });
    };
  }

  /// u8 and bool to f32: image bytes and masks; and what inference in integers needs.
  private static @Nullable Kernel cast(DType from, DType to, CpuPool pool) {
    if (Int8Casts.serves(from, to)) {
      return Int8Casts.kernel(from, to, pool);
    }
    if (HalfLoops.serves(from, to)) {
      return HalfLoops.kernel(from, to, pool);
    }
    if (to != DType.F32 || (from != DType.U8 && from != DType.BOOL)) {
      return null;
    }
    return (in, out) -> {
      MemorySegment x = in.getFirst().data();
      MemorySegment y = out.getFirst().data();
      Chunks.run(
          pool,
          in.getFirst().elems(),
          (start, end) -> {
            for (long i = start; i < end; i++) {
              y.set(Lanes.FLOAT, i * 4, x.get(ValueLayout.JAVA_BYTE, i) & 0xFF);
            }
          });
    };
  }

  /// Walks a broadcast pair row by row: a row is the longest tail of axes along which each operand
  /// is either stepped through or constant.
  private static final class Rows {
    interface Body {
      void run(long a, int aStep, long b, int bStep, long y, long count);
    }

    static void run(CpuPool pool, Shape a, Shape b, Shape y, Body body) {
      if (y.elems() == 0) {
        return;
      }
      long[] aSteps = Broadcast.steps(a, y);
      long[] bSteps = Broadcast.steps(b, y);
      int axis = y.rank();
      long count = 1;
      int aStep = -1;
      int bStep = -1;
      while (axis > 0) {
        long size = y.dim(axis - 1);
        if (size != 1) {
          int aNext = aSteps[axis - 1] == 0 ? 0 : 1;
          int bNext = bSteps[axis - 1] == 0 ? 0 : 1;
          if ((aStep >= 0 && aStep != aNext) || (bStep >= 0 && bStep != bNext)) {
            break;
          }
          aStep = aNext;
          bStep = bNext;
          count *= size;
        }
        axis--;
      }
      int stepA = Math.max(aStep, 0);
      int stepB = Math.max(bStep, 0);
      long rows = y.elems() / count;
      if (rows == 1) {
        Chunks.run(
            pool,
            count,
            (from, to) -> body.run(from * stepA, stepA, from * stepB, stepB, from, to - from));
        return;
      }
      long length = count;
      int outer = axis;
      long rowsPerTask = Math.max(1, Chunks.SIZE / length);
      pool.run(
          (int) Math.ceilDiv(rows, rowsPerTask),
          task -> {
            long end = Math.min(rows, (task + 1) * rowsPerTask);
            for (long row = task * rowsPerTask; row < end; row++) {
              long rest = row;
              long atA = 0;
              long atB = 0;
              for (int i = outer - 1; i >= 0; i--) {
                long place = rest % y.dim(i);
                rest /= y.dim(i);
                atA += place * aSteps[i];
                atB += place * bSteps[i];
              }
              body.run(atA, stepA, atB, stepB, row * length, length);
            }
          });
    }
  }
}
