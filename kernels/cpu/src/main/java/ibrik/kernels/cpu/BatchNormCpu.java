package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Batch norm over `[rows, C]`, alone or with what follows it in a residual network: two passes of
/// sums, one of results. The pass of results goes down the columns of a block of rows, so that the
/// constants of a channel stay in registers. Activations of 16 bits are widened and rounded block
/// by block ([FloatRows]).
final class BatchNormCpu {
  private static final long BLOCK_FLOATS = 1 << 12;

  private BatchNormCpu() {}

  /// Inputs `x`, `gamma`, `beta`; outputs `y`, `mean`, `variance`.
  static void forward(CpuPool pool, List<Tensor> in, List<Tensor> out, double eps) {
    Affine affine = statistics(pool, in, out, eps);
    map(pool, in.getFirst(), out.getFirst(), affine::run);
  }

  /// [#forward], then ReLU.
  static void forwardRelu(CpuPool pool, List<Tensor> in, List<Tensor> out, double eps) {
    Affine affine = statistics(pool, in, out, eps);
    map(pool, in.getFirst(), out.getFirst(), affine::relu);
  }

  /// [#forward], then plus the fourth input, then ReLU.
  static void forwardAddRelu(CpuPool pool, List<Tensor> in, List<Tensor> out, double eps) {
    Affine affine = statistics(pool, in, out, eps);
    map(pool, in.getFirst(), in.get(3), out.getFirst(), affine::addRelu);
  }

  static void inference(CpuPool pool, List<Tensor> in, Tensor out, double eps) {
    Affine affine =
        Affine.of(
            (int) in.getFirst().dim(-1),
            in.get(1).data(),
            in.get(2).data(),
            in.get(3).data(),
            in.get(4).data(),
            eps);
    map(pool, in.getFirst(), out, affine::run);
  }

  private interface Loop {
    void run(MemorySegment x, MemorySegment y, long first, long last);
  }

  private static void map(CpuPool pool, Tensor from, Tensor to, Loop loop) {
    FloatRows x = FloatRows.of(from, Scratch.Slot.IMAGE);
    FloatRows y = FloatRows.of(to, Scratch.Slot.PRODUCTS);
    forRows(
        pool,
        from,
        (first, last) -> {
          long start = x.place(first);
          loop.run(x.read(first, last), y.room(first, last), start, start + last - first);
          y.done(first, last);
        });
  }

  private interface PairLoop {
    void run(MemorySegment x, MemorySegment other, MemorySegment y, long first, long last);
  }

  private static void map(CpuPool pool, Tensor from, Tensor beside, Tensor to, PairLoop loop) {
    FloatRows x = FloatRows.of(from, Scratch.Slot.IMAGE);
    FloatRows other = FloatRows.of(beside, Scratch.Slot.PANEL);
    FloatRows y = FloatRows.of(to, Scratch.Slot.PRODUCTS);
    forRows(
        pool,
        from,
        (first, last) -> {
          long start = x.place(first);
          loop.run(
              x.read(first, last),
              other.read(first, last),
              y.room(first, last),
              start,
              start + last - first);
          y.done(first, last);
        });
  }

  /// Writes mean and variance; the map that they make.
  private static Affine statistics(CpuPool pool, List<Tensor> in, List<Tensor> out, double eps) {
    Tensor x = in.getFirst();
    int channels = (int) x.dim(-1);
    long rows = x.elems() / channels;
    FloatRows from = FloatRows.of(x, Scratch.Slot.IMAGE);
    MemorySegment mean = out.get(1).data();
    MemorySegment variance = out.get(2).data();
    double[] sums =
        ColumnSums.run(
            pool,
            rows,
            channels,
            1,
            (f, n, s, at) ->
                ColumnSums.sum(from.read(f, f + n), from.place(f), n, channels, s, at));
    for (int c = 0; c < channels; c++) {
      mean.set(FLOAT, c * 4L, (float) (sums[c] / rows));
    }
    double[] squares =
        ColumnSums.run(
            pool,
            rows,
            channels,
            1,
            (f, n, s, at) ->
                ColumnSums.squares(from.read(f, f + n), mean, from.place(f), n, channels, s, at));
    for (int c = 0; c < channels; c++) {
      variance.set(FLOAT, c * 4L, (float) (squares[c] / rows));
    }
    return Affine.of(channels, in.get(1).data(), in.get(2).data(), mean, variance, eps);
  }

  /// `(x - mean) * scale + beta` with `scale = gamma / sqrt(variance + eps)`, and what follows.
  private record Affine(int channels, MemorySegment mean, MemorySegment scale, MemorySegment beta) {
    static Affine of(
        int channels,
        MemorySegment gamma,
        MemorySegment beta,
        MemorySegment mean,
        MemorySegment variance,
        double eps) {
      MemorySegment scale = Scratch.floats(Scratch.Slot.WEIGHTS, Math.max(channels, 1));
      for (int c = 0; c < channels; c++) {
        double r = 1 / Math.sqrt(variance.get(FLOAT, c * 4L) + eps);
        scale.set(FLOAT, c * 4L, (float) (gamma.get(FLOAT, c * 4L) * r));
      }
      return new Affine(channels, mean, scale, beta);
    }

    private float at(MemorySegment x, long place, int c) {
      float centred = x.get(FLOAT, place) - mean.get(FLOAT, c * 4L);
      return centred * scale.get(FLOAT, c * 4L) + beta.get(FLOAT, c * 4L);
    }

    void run(MemorySegment x, MemorySegment y, long first, long last) {
      long step = channels * 4L;
      int c = 0;
      for (; c + COUNT <= channels; c += COUNT) {
        FloatVector m = load(mean, c * 4L);
        FloatVector factor = load(scale, c * 4L);
        FloatVector shift = load(beta, c * 4L);
        long end = last * step + c * 4L;
        for (long at = first * step + c * 4L; at < end; at += step) {
          load(x, at).sub(m).mul(factor).add(shift).intoMemorySegment(y, at, ORDER);
        }
      }
      for (; c < channels; c++) {
        long end = last * step + c * 4L;
        for (long at = first * step + c * 4L; at < end; at += step) {
          y.set(FLOAT, at, at(x, at, c));
        }
      }
    }

    void relu(MemorySegment x, MemorySegment y, long first, long last) {
      long step = channels * 4L;
      int c = 0;
      for (; c + COUNT <= channels; c += COUNT) {
        FloatVector m = load(mean, c * 4L);
        FloatVector factor = load(scale, c * 4L);
        FloatVector shift = load(beta, c * 4L);
        long end = last * step + c * 4L;
        for (long at = first * step + c * 4L; at < end; at += step) {
          above0(load(x, at).sub(m).mul(factor).add(shift)).intoMemorySegment(y, at, ORDER);
        }
      }
      for (; c < channels; c++) {
        long end = last * step + c * 4L;
        for (long at = first * step + c * 4L; at < end; at += step) {
          y.set(FLOAT, at, Math.max(at(x, at, c), 0f));
        }
      }
    }

    void addRelu(MemorySegment x, MemorySegment residual, MemorySegment y, long first, long last) {
      long step = channels * 4L;
      int c = 0;
      for (; c + COUNT <= channels; c += COUNT) {
        FloatVector m = load(mean, c * 4L);
        FloatVector factor = load(scale, c * 4L);
        FloatVector shift = load(beta, c * 4L);
        long end = last * step + c * 4L;
        for (long at = first * step + c * 4L; at < end; at += step) {
          FloatVector z = load(x, at).sub(m).mul(factor).add(shift).add(load(residual, at));
          above0(z).intoMemorySegment(y, at, ORDER);
        }
      }
      for (; c < channels; c++) {
        long end = last * step + c * 4L;
        for (long at = first * step + c * 4L; at < end; at += step) {
          y.set(FLOAT, at, Math.max(at(x, at, c) + residual.get(FLOAT, at), 0f));
        }
      }
    }
  }

  /// `max(z, 0)`; NaN stays, as a comparison with it is false.
  private static FloatVector above0(FloatVector z) {
    return z.blend(0f, z.compare(VectorOperators.LE, 0f));
  }

  /// Inputs `x`, `gamma`, `mean`, `variance`, `dy`; outputs `dx`, `dgamma`, `dbeta`.
  static void backward(CpuPool pool, List<Tensor> in, List<Tensor> out, double eps) {
    FloatRows x = FloatRows.of(in.getFirst(), Scratch.Slot.IMAGE);
    MemorySegment mean = in.get(2).data();
    FloatRows dy = FloatRows.of(in.get(4), Scratch.Slot.PANEL);
    int channels = (int) in.getFirst().dim(-1);
    backward(
        pool,
        in,
        in.get(4),
        out,
        eps,
        r ->
            (f, n, s, at) -> {
              MemorySegment wide = x.read(f, f + n);
              MemorySegment g = dy.read(f, f + n);
              ColumnSums.gradients(wide, g, mean, r, x.place(f), n, channels, s, at);
            });
  }

  /// The same through ReLU: inputs `x`, `gamma`, `mean`, `variance`, `y`, `dy`. The sums write what
  /// passes the ReLU to `dresidual` where it is asked for, else to `dx`, from where the last pass
  /// takes it: it then reads neither y nor dy.
  static void reluBackward(CpuPool pool, List<Tensor> in, List<Tensor> out, double eps) {
    Tensor masked = out.get(out.size() == 4 ? 3 : 0);
    FloatRows x = FloatRows.of(in.getFirst(), Scratch.Slot.IMAGE);
    MemorySegment mean = in.get(2).data();
    FloatRows y = FloatRows.of(in.get(4), Scratch.Slot.PRODUCTS);
    FloatRows dy = FloatRows.of(in.get(5), Scratch.Slot.GRADIENT);
    FloatRows passed = FloatRows.of(masked, Scratch.Slot.PANEL);
    int channels = (int) in.getFirst().dim(-1);
    backward(
        pool,
        in,
        masked,
        out,
        eps,
        r ->
            (f, n, s, at) -> {
              // A block of rows stays in the cache from one to the other.
              long start = x.place(f);
              long first = start * channels * 4;
              MemorySegment g = passed.room(f, f + n);
              BinaryLoops.reluBackward(
                  dy.read(f, f + n),
                  first,
                  1,
                  y.read(f, f + n),
                  first,
                  1,
                  g,
                  first,
                  (long) n * channels);
              passed.done(f, f + n);
              ColumnSums.gradients(x.read(f, f + n), g, mean, r, start, n, channels, s, at);
            });
  }

  /// Makes the sums of dy and of dy times the normalised x, for `r = 1 / sqrt(variance + eps)`.
  private interface Sums {
    ColumnSums.Block of(MemorySegment r);
  }

  private static void backward(
      CpuPool pool, List<Tensor> in, Tensor dy, List<Tensor> out, double eps, Sums both) {
    Tensor x = in.getFirst();
    int channels = (int) x.dim(-1);
    long rows = x.elems() / channels;
    MemorySegment gamma = in.get(1).data();
    MemorySegment variance = in.get(3).data();
    MemorySegment constants = Scratch.floats(Scratch.Slot.WEIGHTS, 4L * channels);
    MemorySegment r = constants.asSlice(0, channels * 4L);
    for (int c = 0; c < channels; c++) {
      r.set(FLOAT, c * 4L, (float) (1 / Math.sqrt(variance.get(FLOAT, c * 4L) + eps)));
    }
    double[] sums = ColumnSums.run(pool, rows, channels, 2, both.of(r));
    // dx = gamma r (dy - dbeta/m - xhat dgamma/m) = a dy + b (x - mean) + k
    MemorySegment a = constants.asSlice(channels * 4L, channels * 4L);
    MemorySegment b = constants.asSlice(channels * 8L, channels * 4L);
    MemorySegment k = constants.asSlice(channels * 12L, channels * 4L);
    for (int c = 0; c < channels; c++) {
      double dbeta = sums[c];
      double dgamma = sums[channels + c];
      double scale = gamma.get(FLOAT, c * 4L) * (double) r.get(FLOAT, c * 4L);
      a.set(FLOAT, c * 4L, (float) scale);
      b.set(FLOAT, c * 4L, (float) (-scale * r.get(FLOAT, c * 4L) * dgamma / rows));
      k.set(FLOAT, c * 4L, (float) (-scale * dbeta / rows));
      out.get(1).data().set(FLOAT, c * 4L, (float) dgamma);
      out.get(2).data().set(FLOAT, c * 4L, (float) dbeta);
    }
    Slope slope = new Slope(channels, in.get(2).data(), a, b, k);
    map(pool, x, dy, out.getFirst(), slope::run);
  }

  /// `dx = a dy + b (x - mean) + k`
  private record Slope(
      int channels, MemorySegment mean, MemorySegment a, MemorySegment b, MemorySegment k) {
    void run(MemorySegment x, MemorySegment dy, MemorySegment dx, long first, long last) {
      long step = channels * 4L;
      int c = 0;
      for (; c + COUNT <= channels; c += COUNT) {
        FloatVector m = load(mean, c * 4L);
        FloatVector av = load(a, c * 4L);
        FloatVector bv = load(b, c * 4L);
        FloatVector kv = load(k, c * 4L);
        long end = last * step + c * 4L;
        for (long at = first * step + c * 4L; at < end; at += step) {
          FloatVector centred = load(x, at).sub(m);
          load(dy, at).fma(av, centred.fma(bv, kv)).intoMemorySegment(dx, at, ORDER);
        }
      }
      for (; c < channels; c++) {
        float m = mean.get(FLOAT, c * 4L);
        float af = a.get(FLOAT, c * 4L);
        float bf = b.get(FLOAT, c * 4L);
        float kf = k.get(FLOAT, c * 4L);
        long end = last * step + c * 4L;
        for (long at = first * step + c * 4L; at < end; at += step) {
          dx.set(FLOAT, at, dy.get(FLOAT, at) * af + (x.get(FLOAT, at) - m) * bf + kf);
        }
      }
    }
  }

  private interface Rows {
    void run(long first, long last);
  }

  /// Runs `body` on blocks of rows that stay in the first-level cache, many per task.
  private static void forRows(CpuPool pool, Tensor x, Rows body) {
    long channels = Math.max(x.dim(-1), 1);
    long rows = x.elems() / channels;
    long perTask = Math.max(1, Chunks.SIZE / channels);
    long block = Math.clamp(BLOCK_FLOATS / channels, 1, perTask);
    pool.run(
        (int) Math.ceilDiv(rows, perTask),
        task -> {
          long end = Math.min(rows, (task + 1) * perTask);
          for (long first = task * perTask; first < end; first += block) {
            body.run(first, Math.min(end, first + block));
          }
        });
  }

  private static FloatVector load(MemorySegment x, long offset) {
    return FloatVector.fromMemorySegment(F32, x, offset, ORDER);
  }
}
