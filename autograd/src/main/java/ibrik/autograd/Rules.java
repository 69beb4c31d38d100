package ibrik.autograd;

import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Composite;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.CustomOp;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.Index;
import ibrik.tensor.op.IntegerOp;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Pool;
import ibrik.tensor.op.Quantize;
import ibrik.tensor.op.RandomOp;
import ibrik.tensor.op.Reduce;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import ibrik.tensor.op.Transport;
import ibrik.tensor.op.Update;
import ibrik.tensor.op.Video;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds the gradient rule of an op: one exhaustive table per family, so that an op without a rule
/// does not compile. Rules are written with ops, so they can be differentiated themselves.
final class Rules {
  private Rules() {}

  /// One cotangent per input, `null` where there is none.
  static List<@Nullable Tensor> vjp(Pull pull) {
    return switch (pull.op()) {
      case Elementwise op -> ElementwiseVjp.vjp(op, pull);
      case Activation op -> ActivationVjp.vjp(op, pull);
      case Attend op -> AttendVjp.vjp(op, pull);
      case Reduce op -> ReduceVjp.vjp(op, pull);
      case Layout op -> LayoutVjp.vjp(op, pull);
      case Linear op -> LinearVjp.vjp(op, pull);
      case Video op -> VideoVjp.vjp(op, pull);
      case Pool op -> PoolVjp.vjp(op, pull);
      case Index op -> IndexVjp.vjp(op, pull);
      case Normalize op -> NormalizeVjp.vjp(op, pull);
      case Loss op -> LossVjp.vjp(op, pull);
      case Quantize op -> QuantizeVjp.vjp(op, pull);
      case IntegerOp op -> IntegerVjp.vjp(op, pull);
      case ImageOp op -> ImageVjp.vjp(op, pull);
      case Binary op -> BinaryVjp.vjp(op, pull);
      case Redundancy op -> RedundancyVjp.vjp(op, pull);
      case Similarity op -> SimilarityVjp.vjp(op, pull);
      case Transport op -> TransportVjp.vjp(op, pull);
      case CustomOp op -> op.vjp(pull.in(), pull.out(), pull.cotangents());
      // Nothing differentiable goes in.
      case Create _, RandomOp _ -> pull.none();
      case Update op ->
          throw new IllegalStateException("[tape] update op " + op.tag() + " was recorded");
    };
  }

  /// Sums `ct` over the axes that broadcasting stretched, back to `shape`.
  static Tensor unbroadcast(Tensor ct, Shape shape) {
    if (ct.shape().equals(shape)) {
      return ct;
    }
    int extra = ct.rank() - shape.rank();
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < ct.rank(); i++) {
      if (i < extra || (shape.dim(i - extra) == 1 && ct.dim(i) != 1)) {
        axes.add(i);
      }
    }
    Tensor sum = axes.isEmpty() ? ct : ct.sum(axes, true);
    return sum.reshape(shape);
  }

  /// The derivative of a fused op through its composition: records it on a fresh tape and pulls the
  /// cotangents back. Serves every fused op without a rule of its own.
  static List<@Nullable Tensor> throughComposition(Op op, Composite composite, Pull pull) {
    List<Tensor> wrt = new ArrayList<>();
    for (int i = 0; i < pull.in().size(); i++) {
      if (pull.needs(i)) {
        wrt.add(pull.in(i));
      }
    }
    // <cotangents, outputs> as one number; its gradient is the pullback of all outputs at once.
    try (TensorScope scope = Tape.temporaries();
        Tape.Run run = Tape.record(() -> product(composite.compose(pull.in()), pull, op))) {
      List<Tensor> gradients = run.gradients(wrt);
      // The run's own scope lies inside `scope`; move the results out through both.
      List<@Nullable Tensor> result = pull.none();
      int next = 0;
      for (int i = 0; i < pull.in().size(); i++) {
        if (pull.needs(i)) {
          result.set(i, scope.keep(run.keep(gradients.get(next++))));
        }
      }
      return result;
    }
  }

  private static Tensor product(List<Tensor> out, Pull pull, Op op) {
    Tensor total = null;
    for (int i = 0; i < out.size(); i++) {
      Tensor ct = pull.ctOrNull(i);
      if (ct != null) {
        Tensor sum = out.get(i).mul(ct).sum();
        Tensor term = sum.as(sum.dtype().wide()); // outputs may differ in type
        total = total == null ? term : total.add(term);
      }
    }
    if (total == null) {
      throw new IllegalStateException("[tape] " + op.tag() + " has no cotangent");
    }
    return total;
  }

  /// A fixed-size list that may hold `null`.
  static List<@Nullable Tensor> list(@Nullable Tensor... gradients) {
    return Arrays.asList(gradients);
  }

  /// Applies an op with one output.
  static Tensor apply(Op op, Tensor... in) {
    return Interpreter.current().apply1(op, List.of(in));
  }
}
