package ibrik.tensor.op;

import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// One tap in time and the frames where it reads the video: outputs `out ... out+count-1` read
/// inputs `in, in + stride, ...`.
record TimeTap(int number, long in, long out, long count, int stride) {
  /// The taps that read any frame.
  static List<TimeTap> of(Conv3dGeometry g, long frames, long taps, long outFrames) {
    List<TimeTap> found = new ArrayList<>();
    for (int t = 0; t < taps; t++) {
      long shift = (long) t * g.dilation() - g.pad();
      long first = Math.max(0, Math.ceilDiv(-shift, g.stride()));
      long last = Math.min(outFrames - 1, Math.floorDiv(frames - 1 - shift, g.stride()));
      if (first <= last) {
        long in = first * g.stride() + shift;
        found.add(new TimeTap(t, in, first, last - first + 1, g.stride()));
      }
    }
    return found;
  }

  /// Frames from the first to the last that is read.
  private long span() {
    return (count - 1) * stride + 1;
  }

  /// The frames of a video that are read.
  Tensor inputs(Tensor x) {
    Tensor span = x.narrow(1, in, span());
    if (stride == 1) {
      return span;
    }
    return span.pad(1, 0, stride - 1)
        .reshape(x.dim(0), count, stride, x.shape().elemsAfter(1))
        .narrow(2, 0, 1)
        .reshape(x.shape().with(1, count));
  }

  /// The output frames that read something.
  Tensor outputs(Tensor y) {
    return y.narrow(1, out, count);
  }

  /// These output frames among `frames`.
  Tensor among(Tensor y, long frames) {
    return y.pad(1, out, frames - out - count);
  }

  /// The frames that are read, back in their places among `frames`.
  Tensor back(Tensor dx, long frames) {
    Tensor span = dx;
    if (stride > 1) {
      span =
          dx.reshape(dx.dim(0), count, 1, dx.shape().elemsAfter(1))
              .pad(2, 0, stride - 1)
              .reshape(dx.shape().with(1, count * stride))
              .narrow(1, 0, span());
    }
    return span.pad(1, in, frames - in - span());
  }

  /// This tap's kernels `[K,R,S,C/groups]`.
  Tensor weight(Tensor w) {
    return w.narrow(1, number, 1).reshape(w.shape().without(1));
  }
}
