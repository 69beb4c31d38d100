package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;
import static ibrik.autograd.Rules.unbroadcast;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Linear]. Each op is linear in each argument, so each rule is the op with one
/// argument and the result in exchanged roles.
final class LinearVjp {
  private LinearVjp() {}

  static List<@Nullable Tensor> vjp(Linear op, Pull pull) {
    Tensor ct = pull.ct();
    return switch (op) {
      case Linear.MatMul(boolean transposeA, boolean transposeB) ->
          matMul(transposeA, transposeB, pull);
      case Linear.Conv2d(Conv2dGeometry g) -> {
        Tensor x = pull.in(0);
        Tensor w = pull.in(1);
        yield list(
            pull.needs(0)
                ? apply(new Linear.Conv2dBackwardData(g, x.dim(1), x.dim(2)), ct, w)
                : null,
            pull.needs(1)
                ? apply(new Linear.Conv2dBackwardWeight(g, w.dim(1), w.dim(2)), x, ct)
                : null);
      }
      // ct has the role of x here.
      case Linear.Conv2dBackwardData(Conv2dGeometry g, _, _) -> {
        Tensor dy = pull.in(0);
        Tensor w = pull.in(1);
        yield list(
            pull.needs(0) ? ct.conv2d(w, g) : null,
            pull.needs(1)
                ? apply(new Linear.Conv2dBackwardWeight(g, w.dim(1), w.dim(2)), ct, dy)
                : null);
      }
      // ct has the role of w here.
      case Linear.Conv2dBackwardWeight(Conv2dGeometry g, _, _) -> {
        Tensor x = pull.in(0);
        Tensor dy = pull.in(1);
        yield list(
            pull.needs(0)
                ? apply(new Linear.Conv2dBackwardData(g, x.dim(1), x.dim(2)), dy, ct)
                : null,
            pull.needs(1) ? x.conv2d(ct, g) : null);
      }
    };
  }

  /// With `y = A B`: `dA = ct B^T`, `dB = A^T ct`; a stored transpose moves the transpose to the
  /// result. Batches that were broadcast are summed.
  private static List<@Nullable Tensor> matMul(boolean ta, boolean tb, Pull pull) {
    Tensor a = pull.in(0);
    Tensor b = pull.in(1);
    Tensor ct = pull.ct();
    Tensor da = null;
    Tensor db = null;
    if (pull.needs(0)) {
      da = ta ? b.matMul(ct, tb, true) : ct.matMul(b, false, !tb);
      da = unbroadcast(da, a.shape());
    }
    if (pull.needs(1)) {
      db = tb ? ct.matMul(a, true, ta) : a.matMul(ct, !ta, false);
      db = unbroadcast(db, b.shape());
    }
    return list(da, db);
  }
}
