package ibrik.autograd;

import static ibrik.autograd.Rules.apply;
import static ibrik.autograd.Rules.list;
import static ibrik.autograd.Rules.unbroadcast;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Layout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Layout]: elements go back where they came from.
final class LayoutVjp {
  private LayoutVjp() {}

  static List<@Nullable Tensor> vjp(Layout op, Pull pull) {
    return switch (op) {
      case Layout.Reshape _ -> list(pull.ct().reshape(pull.in(0).shape()));
      case Layout.Detach _ -> pull.none();
      case Layout.Narrow(int axis, long start, long length) -> {
        long after = pull.in(0).dim(axis) - start - length;
        yield list(pull.ct().pad(axis, start, after));
      }
      case Layout.Pad(int axis, long before, _) ->
          list(pull.ct().narrow(axis, before, pull.in(0).dim(axis)));
      case Layout.Transpose transpose -> list(apply(transpose.inverse(), pull.ct()));
      case Layout.BroadcastTo _ -> list(unbroadcast(pull.ct(), pull.in(0).shape()));
      case Layout.ToDevice _ -> list(pull.ct().to(pull.in(0).device()));
      case Layout.Concat(int axis) -> {
        List<@Nullable Tensor> parts = new ArrayList<>();
        long start = 0;
        for (int i = 0; i < pull.in().size(); i++) {
          long length = pull.in(i).dim(axis);
          parts.add(pull.needs(i) ? pull.ct().narrow(axis, start, length) : null);
          start += length;
        }
        yield parts;
      }
    };
  }
}
