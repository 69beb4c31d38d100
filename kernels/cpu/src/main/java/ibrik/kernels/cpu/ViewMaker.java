package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.FLOAT;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.ImageOp.Augment;
import ibrik.tensor.op.ImageOp.Jitter;
import ibrik.tensor.op.ViewParameters;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// Makes one view after the other. Keeps its buffers: one per thread.
///
/// ```
/// op        augment                               family image
/// math      resize as two sparse products, colour in place, blur as two sums, x (1 / std) - ...
/// shapes    images [N,H,W,C] u8, parameters [N,13], subject [N,H,W] bool; out [N,h,w,K] f32
/// traffic   read the window once, write the view once; between the two a view stays in the caches
/// order     rows of the window first, then columns; means: f32 down the columns, f64 across; no sum
///           depends on the lanes, so all machines make the same bits
/// ```
///
/// Two passes. The first takes bytes to floats, sums rows of the window (lanes: neighbouring
/// columns), turns the result so that the columns of the view are rows of memory, and sums these
/// (lanes: neighbouring rows of the view):
///
/// ```
/// window [hw][ww K] --rows--> [h][ww K] --turn--> [K][ww][h] --columns--> planes [K][w][h]
/// ```
///
/// The second changes colours, blurs, and writes planes back as pixels. The columns of planes are
/// padded to whole vectors, so none of its loops has a tail; what stands in the padding is never
/// read. What needs no mean is done band by band, while a band lies in the first cache.
final class ViewMaker {
  private static final ThreadLocal<ViewMaker> OWN = ThreadLocal.withInitial(ViewMaker::new);

  /// Floats of a band in one plane.
  private static final int BAND = 2048;

  /// Rows of pixels that are written at a time.
  private static final int ROWS = 16;

  private static final int BRIGHTNESS = 0;
  private static final int CONTRAST = 1;
  private static final int SATURATION = 2;

  private final ResizeWeights down = new ResizeWeights();
  private final ResizeWeights across = new ResizeWeights();
  private final double[] means = new double[3];
  private float[] window = {};
  private float[] rows = {};
  private float[] turned = {};
  private float[] planes = {};
  private float[] blurred = {};
  private float[] rim = {};
  private float[] taps = {};
  private float[] pixels = {};

  private ViewMaker() {}

  /// That of this thread.
  static ViewMaker own() {
    return OWN.get();
  }

  /// Writes view `n` of `out`.
  void make(Augment op, List<Tensor> in, Tensor out, int n) {
    ViewParameters drawn = ViewParameters.read(in.get(1).data(), n);
    load(op, in, drawn, n);
    resize(op, drawn);
    colour(op, drawn);
    if (drawn.sigma() >= 0 && op.radius() > 0) {
      blur(op, drawn.sigma());
    }
    finish(op, drawn.threshold());
    write(op, out.data(), n);
  }

  /// `count` rounded up to whole vectors.
  private static int padded(int count) {
    return Math.ceilDiv(count, COUNT) * COUNT;
  }

  private static float[] room(float[] kept, int floats) {
    return kept.length >= floats ? kept : new float[floats];
  }

  // ---- first pass: bytes to planes

  private void load(Augment op, List<Tensor> in, ViewParameters drawn, int n) {
    Tensor images = in.getFirst();
    int imageHeight = (int) images.dim(1);
    int imageWidth = (int) images.dim(2);
    int depth = (int) images.dim(3);
    int channels = op.channels();
    int line = padded(drawn.width() * channels);
    window = room(window, Math.multiplyExact(drawn.height(), line));
    int first = Math.clamp(-(long) drawn.left(), 0, drawn.width());
    int last = Math.clamp((long) imageWidth - drawn.left(), first, drawn.width());
    MemorySegment bytes = images.data();
    for (int y = 0; y < drawn.height(); y++) {
      int row = drawn.top() + y;
      int to = y * line;
      boolean outside = row < 0 || row >= imageHeight || first == last;
      int begin = outside ? drawn.width() : first;
      int end = outside ? drawn.width() : last;
      Arrays.fill(window, to, to + begin * channels, 0);
      Arrays.fill(window, to + end * channels, to + line, 0);
      if (!outside) {
        long at = ((long) n * imageHeight + row) * imageWidth + drawn.left() + begin;
        int start = to + begin * channels;
        ViewLoops.load(bytes, at * depth, depth, window, start, channels, end - begin);
        if (in.size() == 3) {
          ViewLoops.greyOut(in.get(2).data(), at, window, start, channels, end - begin);
        }
      }
    }
  }

  private void resize(Augment op, ViewParameters drawn) {
    int channels = op.channels();
    int line = padded(drawn.width() * channels);
    int stride = padded(op.height());
    down.plan(drawn.height(), op.height(), op.filter());
    across.plan(drawn.width(), op.width(), op.filter());
    rows = room(rows, Math.multiplyExact(op.height(), line));
    for (int y = 0; y < op.height(); y++) {
      int from = down.first(y) * line;
      ViewLoops.sum(
          window, from, line, down.weights(), down.at(y), down.count(y), rows, y * line, line);
    }
    int sourceColumns = channels * drawn.width();
    turned = room(turned, Math.multiplyExact(sourceColumns, stride));
    ViewLoops.turn(rows, line, op.height(), channels, drawn.width(), turned, stride);
    int plane = op.width() * stride;
    planes = room(planes, Math.multiplyExact(channels, plane));
    for (int c = 0; c < channels; c++) {
      for (int x = 0; x < op.width(); x++) {
        int from = (c * drawn.width() + across.first(x)) * stride;
        int to = c * plane + (drawn.flip() ? op.width() - 1 - x : x) * stride;
        ViewLoops.sumClipped(
            turned,
            from,
            stride,
            across.weights(),
            across.at(x),
            across.count(x),
            planes,
            to,
            stride);
      }
    }
  }

  // ---- second pass: colour, blur, pixels

  /// The changes of colour, from contrast to contrast: its means need all that came before.
  private void colour(Augment op, ViewParameters drawn) {
    int changes = drawn.changes();
    int next = 0;
    do {
      int first = next;
      if (first < changes && drawn.change(first) == CONTRAST) {
        average(op);
      }
      next = Math.min(first + 1, changes);
      while (next < changes && drawn.change(next) != CONTRAST) {
        next++;
      }
      int plane = op.width() * padded(op.height());
      for (int from = 0; from < plane; from += BAND) {
        int count = Math.min(BAND, plane - from);
        for (int i = first; i < next; i++) {
          change(op, drawn, drawn.change(i), from, count);
        }
        if (next == changes && drawn.gray() && op.channels() == 3) {
          ColorLoops.mixWithGrey(planes, from, plane, count, 0);
        }
      }
    } while (next < changes);
  }

  private void change(Augment op, ViewParameters drawn, int which, int from, int count) {
    int plane = op.width() * padded(op.height());
    boolean byol = op.jitter() == Jitter.BYOL;
    boolean colours = op.channels() == 3;
    switch (which) {
      case BRIGHTNESS -> {
        float factor = byol ? 1 : drawn.brightness();
        float term = byol ? drawn.brightness() : 0;
        for (int c = 0; c < op.channels(); c++) {
          ColorLoops.affine(planes, c * plane + from, count, factor, term);
        }
      }
      case CONTRAST -> contrast(op, drawn.contrast(), from, count);
      case SATURATION -> {
        float factor = drawn.saturation();
        if (colours && byol && factor != 1) {
          ColorLoops.saturate(planes, from, plane, count, factor);
        } else if (colours && !byol) {
          ColorLoops.mixWithGrey(planes, from, plane, count, factor);
        }
      }
      default -> {
        if (colours && drawn.hue() != 0) {
          ColorLoops.turnHue(planes, from, plane, count, drawn.hue());
        }
      }
    }
  }

  private void contrast(Augment op, float factor, int from, int count) {
    if (factor == 1) {
      return;
    }
    int plane = op.width() * padded(op.height());
    float grey =
        op.channels() == 1
            ? (float) means[0]
            : (float) (Augment.RED * means[0] + Augment.GREEN * means[1] + Augment.BLUE * means[2]);
    for (int c = 0; c < op.channels(); c++) {
      if (op.jitter() == Jitter.BYOL) {
        ColorLoops.around(planes, c * plane + from, count, (float) means[c], factor);
      } else {
        ColorLoops.affine(planes, c * plane + from, count, factor, grey * (1 - factor));
      }
    }
  }

  /// The mean of each plane.
  private void average(Augment op) {
    int stride = padded(op.height());
    rim = room(rim, stride);
    for (int c = 0; c < op.channels(); c++) {
      ViewLoops.sumColumns(planes, c * op.width() * stride, op.width(), stride, rim);
      double sum = 0;
      for (int y = 0; y < op.height(); y++) {
        sum += rim[y];
      }
      means[c] = sum / ((double) op.width() * op.height());
    }
  }

  private void blur(Augment op, float sigma) {
    int radius = op.radius();
    int stride = padded(op.height());
    int columns = op.width();
    taps = room(taps, 2 * radius + 1);
    gaussian(radius, Math.max(sigma, Augment.LEAST_SIGMA), taps);
    blurred = room(blurred, op.channels() * columns * stride);
    rim = room(rim, stride + 2 * radius);
    for (int c = 0; c < op.channels(); c++) {
      int plane = c * columns * stride;
      for (int x = 0; x < columns; x++) {
        ViewLoops.blurAcross(planes, plane, columns, stride, taps, radius, x, blurred);
      }
      for (int x = 0; x < columns; x++) {
        int at = plane + x * stride;
        ViewLoops.extend(blurred, at, op.height(), radius, rim, stride + 2 * radius);
        ViewLoops.sum(rim, 0, 1, taps, 0, 2 * radius + 1, planes, at, stride);
      }
    }
  }

  /// `exp(-k^2 / 2 sigma^2)` for `k = -radius ... radius`, divided by their sum.
  private static void gaussian(int radius, double sigma, float[] taps) {
    double sum = 0;
    for (int k = -radius; k <= radius; k++) {
      sum += StrictMath.exp(-k * k / (2 * sigma * sigma));
    }
    for (int k = -radius; k <= radius; k++) {
      taps[k + radius] = (float) (StrictMath.exp(-k * k / (2 * sigma * sigma)) / sum);
    }
  }

  private void finish(Augment op, float threshold) {
    int plane = op.width() * padded(op.height());
    for (int c = 0; c < op.channels(); c++) {
      ColorLoops.finish(planes, c * plane, plane, threshold, op.mean().get(c), 1 / op.std().get(c));
    }
  }

  private void write(Augment op, MemorySegment out, int n) {
    int channels = op.channels();
    int line = op.width() * channels;
    pixels = room(pixels, Math.multiplyExact(ROWS, line));
    for (int y = 0; y < op.height(); y += ROWS) {
      int count = Math.min(ROWS, op.height() - y);
      ViewLoops.interleave(planes, padded(op.height()), op.width(), channels, y, count, pixels);
      long at = ((long) n * op.height() + y) * line * Float.BYTES;
      MemorySegment.copy(pixels, 0, out, FLOAT, at, count * line);
    }
  }
}
