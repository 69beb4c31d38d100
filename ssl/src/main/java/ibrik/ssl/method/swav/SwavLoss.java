package ibrik.ssl.method.swav;

import ibrik.ssl.method.MultiCrop;
import ibrik.tensor.Tensor;
import java.util.List;

/// Swapped prediction, eq. 1 and 2, for any number of views (section 3.3): the code of one view is
/// predicted from each other view.
public final class SwavLoss {
  private SwavLoss() {}

  /// `1/N sum_i 1/(V-1) sum_{v != i} -1/B sum_b sum_k q_i[b,k] ln softmax(s_v[b] / t)[k]`, for the
  /// N views that have codes: the first ones.
  ///
  /// @param scores `[V B, K]`, view after view
  /// @param codes `q_i`, constants: N tensors `[B, K]` with rows that sum to 1
  /// @param views V, at least 2 and at least N
  /// @param temperature t, above 0
  /// @return 0-d; `ln K` where all scores are equal
  /// @throws IllegalArgumentException if shapes, V or the temperature break these rules
  public static Tensor of(Tensor scores, List<Tensor> codes, int views, double temperature) {
    check(scores, codes, views, temperature);
    long batch = scores.dim(0) / views;
    Tensor logs = scores.div(temperature).logSoftmax();
    List<Tensor> predictions = MultiCrop.split(logs, views);
    Tensor all = logs.reshape(views, batch, scores.dim(1)).sum(List.of(0), false);
    // The sum over the other views is that over all views without the view itself.
    Tensor total = null;
    for (int i = 0; i < codes.size(); i++) {
      Tensor part = codes.get(i).detach().mul(all.sub(predictions.get(i))).sum();
      total = total == null ? part : total.add(part);
    }
    return java.util.Objects.requireNonNull(total)
        .mul(-1.0 / (codes.size() * (views - 1.0) * batch));
  }

  private static void check(Tensor scores, List<Tensor> codes, int views, double temperature) {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "[swav_loss] temperature must be a number above 0; got " + temperature);
    }
    boolean fits =
        scores.rank() == 2
            && views >= 2
            && !codes.isEmpty()
            && codes.size() <= views
            && scores.dim(0) % views == 0
            && codes.stream()
                .allMatch(
                    q ->
                        q.rank() == 2
                            && q.dim(0) == scores.dim(0) / views
                            && q.dim(1) == scores.dim(1));
    if (!fits) {
      throw new IllegalArgumentException(
          "[swav_loss] needs scores [V B, K] of V >= 2 views and 1 to V codes [B, K]; got scores: "
              + scores.spec()
              + ", codes: "
              + codes.stream().map(Tensor::spec).toList()
              + ", V: "
              + views);
    }
  }
}
