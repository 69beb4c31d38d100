package ibrik.autograd;

import static ibrik.autograd.Rules.list;

import ibrik.tensor.Tensor;
import ibrik.tensor.op.Index;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradient rules of [Index].
final class IndexVjp {
  private IndexVjp() {}

  static List<@Nullable Tensor> vjp(Index op, Pull pull) {
    return switch (op) {
      case Index.Gather _ -> list(pull.ct().scatterAdd(pull.in(1), pull.in(0).dim(0)), null);
      case Index.ScatterAdd _ -> list(pull.ct().gather(pull.in(1)), null);
      case Index.OneHot _ -> pull.none();
      case Index.TopK(int k) -> list(topK(k, pull));
    };
  }

  /// Each value goes back to its place: as rows of one column, `place = row * width + index`.
  private static @Nullable Tensor topK(int k, Pull pull) {
    Tensor ct = pull.ctOrNull(0);
    if (ct == null) {
      return null;
    }
    Tensor x = pull.in(0);
    int width = Math.toIntExact(x.dim(-1));
    int[] places = pull.out(1).toInts();
    for (int i = 0; i < places.length; i++) {
      places[i] += i / k * width;
    }
    Tensor place = Tensor.of(places, places.length).to(x.device());
    return ct.reshape(-1, 1).scatterAdd(place, x.elems()).reshape(x.shape());
  }
}
