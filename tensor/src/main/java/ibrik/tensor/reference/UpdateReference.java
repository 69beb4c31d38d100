package ibrik.tensor.reference;

import ibrik.tensor.Elements;
import ibrik.tensor.Tensor;
import ibrik.tensor.backend.Kernel;
import ibrik.tensor.op.Update;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Scalar meaning of [Update]: the recurrences of the records' documentation in f64, rounded when
/// stored.
final class UpdateReference {
  private UpdateReference() {}

  static Kernel kernel(Update op) {
    return (in, _) -> {
      switch (op) {
        case Update.Assign _ ->
            MemorySegment.copy(in.get(1).data(), 0, in.get(0).data(), 0, in.get(0).spec().bytes());
        case Update.Ema(int count) -> ema(count, in);
        case Update.Sgd sgd -> sgd(sgd, in);
        case Update.Lars lars -> lars(lars, in);
        case Update.AdamW adamW -> adamW(adamW, in);
      }
    };
  }

  private static double get(Tensor tensor, long i) {
    return Elements.get(tensor.data(), tensor.dtype(), i);
  }

  private static void set(Tensor tensor, long i, double value) {
    Elements.set(tensor.data(), tensor.dtype(), i, value);
  }

  private static void ema(int count, List<Tensor> in) {
    double tau = get(in.get(2 * count), 0);
    for (int t = 0; t < count; t++) {
      Tensor target = in.get(t);
      Tensor source = in.get(count + t);
      for (long i = 0; i < target.elems(); i++) {
        double old = get(target, i);
        set(target, i, old + (1 - tau) * (get(source, i) - old));
      }
    }
  }

  private static void sgd(Update.Sgd op, List<Tensor> in) {
    int count = op.weightDecay().size();
    double lr = get(in.get(3 * count), 0);
    for (int t = 0; t < count; t++) {
      Tensor parameter = in.get(t);
      Tensor gradient = in.get(count + t);
      Tensor moment = in.get(2 * count + t);
      for (long i = 0; i < parameter.elems(); i++) {
        double p = get(parameter, i);
        double g = get(gradient, i) + op.weightDecay().get(t) * p;
        double m = op.momentum() * get(moment, i) + g;
        set(moment, i, m);
        set(parameter, i, p - lr * (op.nesterov() ? g + op.momentum() * m : m));
      }
    }
  }

  private static void lars(Update.Lars op, List<Tensor> in) {
    int count = op.adapt().size();
    double lr = get(in.get(3 * count), 0);
    for (int t = 0; t < count; t++) {
      Tensor parameter = in.get(t);
      Tensor gradient = in.get(count + t);
      Tensor moment = in.get(2 * count + t);
      boolean adapt = op.adapt().get(t);
      double decay = adapt ? op.weightDecay().get(t) : 0;
      double scale = adapt ? trust(op, parameter, gradient, decay, lr) : 1;
      for (long i = 0; i < parameter.elems(); i++) {
        double p = get(parameter, i);
        double g = (get(gradient, i) + decay * p) * scale;
        double m = op.momentum() * get(moment, i) + g;
        set(moment, i, m);
        set(parameter, i, p - lr * m);
      }
    }
  }

  private static double trust(
      Update.Lars op, Tensor parameter, Tensor gradient, double decay, double lr) {
    double weights = 0;
    double slopes = 0;
    for (long i = 0; i < parameter.elems(); i++) {
      double p = get(parameter, i);
      double g = get(gradient, i) + decay * p;
      weights += p * p;
      slopes += g * g;
    }
    double ratio =
        weights == 0 || slopes == 0 ? 1 : op.eta() * Math.sqrt(weights) / Math.sqrt(slopes);
    return op.clip() ? Math.min(ratio / lr, 1) : ratio;
  }

  private static void adamW(Update.AdamW op, List<Tensor> in) {
    int count = op.weightDecay().size();
    double lr = get(in.get(4 * count), 0);
    double step = get(in.get(4 * count + 1), 0);
    double correct1 = 1 - Math.pow(op.beta1(), step);
    double correct2 = 1 - Math.pow(op.beta2(), step);
    for (int t = 0; t < count; t++) {
      Tensor parameter = in.get(t);
      Tensor gradient = in.get(count + t);
      Tensor first = in.get(2 * count + t);
      Tensor second = in.get(3 * count + t);
      for (long i = 0; i < parameter.elems(); i++) {
        double p = get(parameter, i);
        double g = get(gradient, i);
        double m = op.beta1() * get(first, i) + (1 - op.beta1()) * g;
        double v = op.beta2() * get(second, i) + (1 - op.beta2()) * g * g;
        set(first, i, m);
        set(second, i, v);
        double step1 = m / correct1 / (Math.sqrt(v / correct2) + op.eps());
        set(parameter, i, p - lr * (step1 + op.weightDecay().get(t) * p));
      }
    }
  }
}
