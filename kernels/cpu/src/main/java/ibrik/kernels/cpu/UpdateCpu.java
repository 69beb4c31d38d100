package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.COUNT;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.FLOAT;
import static ibrik.kernels.cpu.Lanes.ORDER;

import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Update;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// Binds [Update]: one parallel pass over the chunks of a whole parameter list.
final class UpdateCpu {
  private UpdateCpu() {}

  static Kernel kernel(Update op, CpuPool pool) {
    return (in, _) -> {
      switch (op) {
        case Update.Assign _ ->
            MemorySegment.copy(in.get(1).data(), 0, in.get(0).data(), 0, in.get(0).spec().bytes());
        case Update.Ema(int count) -> ema(pool, count, in);
        case Update.Sgd sgd -> sgd(pool, sgd, in);
        case Update.Lars lars -> lars(pool, lars, in);
        case Update.AdamW adamW -> adamW(pool, adamW, in);
      }
    };
  }

  /// A chunk of one tensor of the list.
  private record Part(int tensor, long from, long to) {}

  private interface Body {
    void run(int tensor, long from, long to);
  }

  private static void each(CpuPool pool, List<Tensor> tensors, Body body) {
    List<Part> parts = new ArrayList<>();
    for (int t = 0; t < tensors.size(); t++) {
      long elems = tensors.get(t).elems();
      for (long from = 0; from < elems; from += Chunks.SIZE) {
        parts.add(new Part(t, from, Math.min(elems, from + Chunks.SIZE)));
      }
    }
    // Small tensors abound: several parts a task.
    int perTask = 8;
    pool.run(
        Math.ceilDiv(parts.size(), perTask),
        task -> {
          int end = Math.min(parts.size(), (task + 1) * perTask);
          for (Part part : parts.subList(task * perTask, end)) {
            body.run(part.tensor, part.from, part.to);
          }
        });
  }

  private static float scalar(Tensor tensor) {
    return tensor.data().get(FLOAT, 0);
  }

  private static FloatVector load(MemorySegment x, long i) {
    return FloatVector.fromMemorySegment(F32, x, i * 4, ORDER);
  }

  private static void ema(CpuPool pool, int count, List<Tensor> in) {
    float keep = (float) (1 - (double) scalar(in.get(2 * count)));
    each(
        pool,
        in.subList(0, count),
        (t, from, to) -> {
          MemorySegment target = in.get(t).data();
          MemorySegment source = in.get(count + t).data();
          long i = from;
          for (; i + COUNT <= to; i += COUNT) {
            FloatVector old = load(target, i);
            load(source, i).sub(old).mul(keep).add(old).intoMemorySegment(target, i * 4, ORDER);
          }
          for (; i < to; i++) {
            float old = target.get(FLOAT, i * 4);
            target.set(FLOAT, i * 4, (source.get(FLOAT, i * 4) - old) * keep + old);
          }
        });
  }

  private static void sgd(CpuPool pool, Update.Sgd op, List<Tensor> in) {
    int count = op.weightDecay().size();
    float lr = scalar(in.get(3 * count));
    each(
        pool,
        in.subList(0, count),
        (t, from, to) ->
            momentumStep(
                in.get(t).data(),
                in.get(count + t).data(),
                in.get(2 * count + t).data(),
                from,
                to,
                (float) (double) op.weightDecay().get(t),
                1,
                (float) op.momentum(),
                lr,
                op.nesterov()));
  }

  /// `g = (grad + decay p) scale; m = mu m + g; p -= lr (nesterov ? g + mu m : m)`.
  private static void momentumStep(
      MemorySegment p,
      MemorySegment grad,
      MemorySegment m,
      long from,
      long to,
      float decay,
      float scale,
      float mu,
      float lr,
      boolean nesterov) {
    long i = from;
    for (; i + COUNT <= to; i += COUNT) {
      FloatVector weight = load(p, i);
      FloatVector g = load(grad, i).add(weight.mul(decay)).mul(scale);
      FloatVector moment = load(m, i).mul(mu).add(g);
      moment.intoMemorySegment(m, i * 4, ORDER);
      FloatVector step = nesterov ? moment.mul(mu).add(g) : moment;
      weight.sub(step.mul(lr)).intoMemorySegment(p, i * 4, ORDER);
    }
    for (; i < to; i++) {
      float weight = p.get(FLOAT, i * 4);
      float g = (grad.get(FLOAT, i * 4) + weight * decay) * scale;
      float moment = m.get(FLOAT, i * 4) * mu + g;
      m.set(FLOAT, i * 4, moment);
      float step = nesterov ? moment * mu + g : moment;
      p.set(FLOAT, i * 4, weight - step * lr);
    }
  }

  private static void lars(CpuPool pool, Update.Lars op, List<Tensor> in) {
    int count = op.adapt().size();
    float lr = scalar(in.get(3 * count));
    float[] scales = new float[count];
    pool.run(
        count,
        t -> scales[t] = op.adapt().get(t) ? trust(op, in.get(t), in.get(count + t), t, lr) : 1);
    each(
        pool,
        in.subList(0, count),
        (t, from, to) ->
            momentumStep(
                in.get(t).data(),
                in.get(count + t).data(),
                in.get(2 * count + t).data(),
                from,
                to,
                op.adapt().get(t) ? (float) (double) op.weightDecay().get(t) : 0,
                scales[t],
                (float) op.momentum(),
                lr,
                false));
  }

  private static float trust(Update.Lars op, Tensor p, Tensor grad, int t, float lr) {
    float decay = (float) (double) op.weightDecay().get(t);
    MemorySegment weights = p.data();
    MemorySegment slopes = grad.data();
    double weightSquares = 0;
    double slopeSquares = 0;
    for (long start = 0; start < p.elems(); start += 1024) {
      long end = Math.min(p.elems(), start + 1024);
      FloatVector ws = FloatVector.zero(F32);
      FloatVector gs = FloatVector.zero(F32);
      long i = start;
      for (; i + COUNT <= end; i += COUNT) {
        FloatVector w = load(weights, i);
        FloatVector g = load(slopes, i).add(w.mul(decay));
        ws = w.fma(w, ws);
        gs = g.fma(g, gs);
      }
      weightSquares += Vectors.sum(ws);
      slopeSquares += Vectors.sum(gs);
      for (; i < end; i++) {
        float w = weights.get(FLOAT, i * 4);
        float g = slopes.get(FLOAT, i * 4) + w * decay;
        weightSquares += w * w;
        slopeSquares += g * g;
      }
    }
    double ratio =
        weightSquares == 0 || slopeSquares == 0
            ? 1
            : op.eta() * Math.sqrt(weightSquares) / Math.sqrt(slopeSquares);
    return (float) (op.clip() ? Math.min(ratio / lr, 1) : ratio);
  }

  private static void adamW(CpuPool pool, Update.AdamW op, List<Tensor> in) {
    int count = op.weightDecay().size();
    float lr = scalar(in.get(4 * count));
    double step = scalar(in.get(4 * count + 1));
    float correct1 = (float) (1 / (1 - StrictMath.pow(op.beta1(), step)));
    float correct2 = (float) (1 / (1 - StrictMath.pow(op.beta2(), step)));
    float b1 = (float) op.beta1();
    float b2 = (float) op.beta2();
    float eps = (float) op.eps();
    each(
        pool,
        in.subList(0, count),
        (t, from, to) -> {
          MemorySegment p = in.get(t).data();
          MemorySegment grad = in.get(count + t).data();
          MemorySegment first = in.get(2 * count + t).data();
          MemorySegment second = in.get(3 * count + t).data();
          float decay = (float) (double) op.weightDecay().get(t);
          long i = from;
          for (; i + COUNT <= to; i += COUNT) {
            FloatVector g = load(grad, i);
            FloatVector m = load(first, i).mul(b1).add(g.mul(1 - b1));
            FloatVector v = load(second, i).mul(b2).add(g.mul(g).mul(1 - b2));
            m.intoMemorySegment(first, i * 4, ORDER);
            v.intoMemorySegment(second, i * 4, ORDER);
            FloatVector weight = load(p, i);
            FloatVector move =
                m.mul(correct1).div(v.mul(correct2).sqrt().add(eps)).add(weight.mul(decay));
            weight.sub(move.mul(lr)).intoMemorySegment(p, i * 4, ORDER);
          }
          for (; i < to; i++) {
            float g = grad.get(FLOAT, i * 4);
            float m = first.get(FLOAT, i * 4) * b1 + g * (1 - b1);
            float v = second.get(FLOAT, i * 4) * b2 + g * g * (1 - b2);
            first.set(FLOAT, i * 4, m);
            second.set(FLOAT, i * 4, v);
            float weight = p.get(FLOAT, i * 4);
            float move = m * correct1 / ((float) Math.sqrt(v * correct2) + eps) + weight * decay;
            p.set(FLOAT, i * 4, weight - move * lr);
          }
        });
  }
}
