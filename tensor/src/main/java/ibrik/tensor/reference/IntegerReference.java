package ibrik.tensor.reference;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Scalar meaning of [IntegerOp].
final class IntegerReference {
  private IntegerReference() {}

  static Kernel kernel(IntegerOp op) {
    return (in, outs) -> {
      Tensor out = outs.getFirst();
      switch (op) {
        case IntegerOp.IntMatMul(int zero) -> matMul(in.get(0), in.get(1), out, zero);
        case IntegerOp.IntConv2d(Conv2dGeometry g, int zero) ->
            convolve(in.get(0), in.get(1), out, g, zero);
        case IntegerOp.Requantize requantize -> requantize(requantize, in, out);
        case IntegerOp.PackInt4() -> pack(in.getFirst(), out);
        case IntegerOp.UnpackInt4 _ -> unpack(in.getFirst(), out);
      }
    };
  }

  private static int i32(MemorySegment data, long index) {
    return data.get(ValueLayout.JAVA_INT_UNALIGNED, index * 4);
  }

  private static void matMul(Tensor x, Tensor w, Tensor y, int zero) {
    MemorySegment dx = x.data();
    MemorySegment dw = w.data();
    MemorySegment dy = y.data();
    long columns = w.dim(0);
    long depth = w.dim(1);
    for (long i = 0; i < y.elems(); i++) {
      long row = i / columns * depth;
      long column = i % columns * depth;
      int sum = 0;
      for (long k = 0; k < depth; k++) {
        sum +=
            (dx.get(ValueLayout.JAVA_BYTE, row + k) - zero)
                * dw.get(ValueLayout.JAVA_BYTE, column + k);
      }
      dy.set(ValueLayout.JAVA_INT_UNALIGNED, i * 4, sum);
    }
  }

  private static void convolve(Tensor x, Tensor w, Tensor y, Conv2dGeometry g, int zero) {
    MemorySegment dx = x.data();
    MemorySegment dw = w.data();
    MemorySegment dy = y.data();
    long channels = x.dim(3);
    for (long i = 0; i < y.elems(); i++) {
      long k = i % y.dim(3);
      long q = i / y.dim(3) % y.dim(2);
      long p = i / (y.dim(3) * y.dim(2)) % y.dim(1);
      long n = i / (y.dim(3) * y.dim(2) * y.dim(1));
      int sum = 0;
      for (long r = 0; r < w.dim(1); r++) {
        long h = p * g.strideHeight() + r * g.dilationHeight() - g.padHeight();
        for (long s = 0; s < w.dim(2); s++) {
          long column = q * g.strideWidth() + s * g.dilationWidth() - g.padWidth();
          if (h < 0 || h >= x.dim(1) || column < 0 || column >= x.dim(2)) {
            continue;
          }
          long atX = ((n * x.dim(1) + h) * x.dim(2) + column) * channels;
          long atW = ((k * w.dim(1) + r) * w.dim(2) + s) * channels;
          for (long c = 0; c < channels; c++) {
            sum +=
                (dx.get(ValueLayout.JAVA_BYTE, atX + c) - zero)
                    * dw.get(ValueLayout.JAVA_BYTE, atW + c);
          }
        }
      }
      dy.set(ValueLayout.JAVA_INT_UNALIGNED, i * 4, sum);
    }
  }

  private static void pack(Tensor x, Tensor words) {
    long count = x.dim(-1);
    long perRow = words.dim(-1);
    for (long i = 0; i < words.elems(); i++) {
      long first = i % perRow * 8;
      int word = 0;
      for (int k = 0; k < 8 && first + k < count; k++) {
        int value = x.data().get(ValueLayout.JAVA_BYTE, i / perRow * count + first + k);
        word |= (value & 15) << (4 * k);
      }
      words.data().set(ValueLayout.JAVA_INT_UNALIGNED, i * 4, word);
    }
  }

  private static void unpack(Tensor words, Tensor x) {
    long count = x.dim(-1);
    long perRow = words.dim(-1);
    for (long i = 0; i < x.elems(); i++) {
      long place = i % count;
      int word = i32(words.data(), i / count * perRow + place / 8);
      int value = (word << (28 - 4 * (int) (place % 8))) >> 28; // sign and all
      x.data().set(ValueLayout.JAVA_BYTE, i, (byte) value);
    }
  }

  private static void requantize(IntegerOp.Requantize op, List<Tensor> in, Tensor out) {
    long channels = out.dim(-1);
    for (long i = 0; i < out.elems(); i++) {
      long c = i % channels;
      byte q =
          op.apply(
              i32(in.get(0).data(), i),
              i32(in.get(1).data(), c),
              i32(in.get(2).data(), c),
              i32(in.get(3).data(), c));
      out.data().set(ValueLayout.JAVA_BYTE, i, q);
    }
  }
}
