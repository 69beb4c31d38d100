package ibrik.ssl.method.cluster;

import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import java.util.Collections;
import java.util.List;

/// Cross entropy of all views of an image with its cluster, the same for each view.
public final class ClusterLoss {
  private ClusterLoss() {}

  /// `1/H sum_h 1/(V n) sum_v sum_b w[b] -ln softmax(s_hv[b] / t)[label_h[b]]` with `n = sum_b
  /// w[b]`, 0 where no image has a label.
  ///
  /// @param scores H tensors `[V B, K]`, view after view: one per head
  /// @param labels H tensors i32 `[B]`
  /// @param weights `[B]`: 1 for images that have labels, 0 for those that have none
  /// @param temperature t, above 0
  /// @return 0-d; `ln K` where all scores are equal
  /// @throws IllegalArgumentException if numbers of heads or rows do not fit, or t is not above 0
  public static Tensor of(
      List<Tensor> scores, List<Tensor> labels, Tensor weights, double temperature) {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "[cluster_loss] temperature must be a number above 0; got " + temperature);
    }
    long batch = weights.elems();
    if (scores.isEmpty()
        || scores.size() != labels.size()
        || batch == 0
        || scores.stream().anyMatch(s -> s.rank() != 2 || s.dim(0) % batch != 0)) {
      throw new IllegalArgumentException(
          "[cluster_loss] needs scores [V B, K] and labels [B] of each head and weights [B]; got"
              + " scores: "
              + scores.stream().map(Tensor::spec).toList()
              + ", labels: "
              + labels.stream().map(Tensor::spec).toList()
              + ", weights: "
              + weights.spec());
    }
    int views = Math.toIntExact(scores.getFirst().dim(0) / batch);
    Tensor rows = repeated(weights.detach(), views);
    Tensor sum = rows.sum();
    Tensor count = sum.maximum(Tensors.onesLike(sum));
    Tensor total = null;
    for (int h = 0; h < scores.size(); h++) {
      Tensor each =
          scores.get(h).div(temperature).softmaxCrossEntropy(repeated(labels.get(h), views));
      Tensor part = each.mul(rows).sum();
      total = total == null ? part : total.add(part);
    }
    return java.util.Objects.requireNonNull(total).div(count).div(scores.size());
  }

  private static Tensor repeated(Tensor x, int times) {
    return times == 1 ? x : LayoutOps.concat(0, Collections.nCopies(times, x));
  }
}
