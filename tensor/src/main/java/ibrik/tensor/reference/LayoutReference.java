package ibrik.tensor.reference;

import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Layout;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Scalar meaning of [Layout]. Free views never come here; they are kept so that the table is
/// whole.
final class LayoutReference {
  private LayoutReference() {}

  static Kernel kernel(Layout op) {
    return (in, outs) -> {
      Tensor x = in.getFirst();
      Tensor out = outs.getFirst();
      switch (op) {
        case Layout.Reshape _, Layout.Detach _, Layout.ToDevice _ ->
            MemorySegment.copy(x.data(), 0, out.data(), 0, x.spec().bytes());
        case Layout.Narrow narrow -> shift(x, out, narrow.axis(), narrow.start(), out);
        case Layout.Pad pad -> {
          for (long i = 0; i < out.elems(); i++) {
            Elements.setLong(out.data(), out.dtype(), i, 0);
          }
          shift(x, out, pad.axis(), -pad.before(), x);
        }
        case Layout.Transpose transpose -> transpose(transpose, x, out);
        case Layout.BroadcastTo _ -> {
          Strider source = new Strider(x.shape(), out.shape());
          for (long i = 0; i < out.elems(); i++) {
            Cells.copy(x, source.at(i), out, i);
          }
        }
        case Layout.Concat concat -> concat(concat, in, out);
      }
    };
  }

  /// Copies every element of `walk` (x or out), `start` further along the axis in x than in out.
  private static void shift(Tensor x, Tensor out, int axis, long start, Tensor walk) {
    long after = walk.shape().elemsAfter(axis);
    long length = walk.shape().dim(axis);
    for (long i = 0; i < walk.elems(); i++) {
      long before = i / (length * after);
      long place = i / after % length;
      long inX = walk == x ? place : place + start;
      long inOut = walk == x ? place - start : place;
      Cells.copy(
          x,
          (before * x.shape().dim(axis) + inX) * after + i % after,
          out,
          (before * out.shape().dim(axis) + inOut) * after + i % after);
    }
  }

  private static void transpose(Layout.Transpose op, Tensor x, Tensor out) {
    long[] strides = x.shape().strides();
    long[] dims = out.shape().dims();
    for (long i = 0; i < out.elems(); i++) {
      long rest = i;
      long source = 0;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        source += rest % dims[axis] * strides[op.order().get(axis)];
        rest /= dims[axis];
      }
      Cells.copy(x, source, out, i);
    }
  }

  private static void concat(Layout.Concat op, List<Tensor> in, Tensor out) {
    long start = 0;
    for (Tensor x : in) {
      shift(x, out, op.axis(), -start, x);
      start += x.shape().dim(op.axis());
    }
  }
}
