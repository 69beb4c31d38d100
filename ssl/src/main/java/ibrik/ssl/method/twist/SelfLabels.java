package ibrik.ssl.method.twist;

import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Training on the model's own confident labels, the second stage: of the two large views of an
/// image the surer one names a class, and all other views must give it. No gradient flows through
/// labels.
public final class SelfLabels {
  private SelfLabels() {}

  /// Mean over the other views of the cross entropy with the label, averaged over the images whose
  /// largest probability is above that of rank `rank` in the batch; 0 if there are none.
  ///
  /// @param logits V tensors `[B, C]`, V at least 2, the large views first
  /// @param rank i32 `[1]`, in `[0, B)`: how many images are believed
  /// @return 0-d
  public static Tensor of(List<Tensor> logits, Tensor rank) {
    Tensor x0 = logits.get(0);
    Tensor x1 = logits.get(1);
    long batch = x0.dim(0);
    Tensor sure0 = surest(x0);
    Tensor sure1 = surest(x1);
    Tensor first = sure0.greaterEqual(sure1).reshape(batch, 1);
    Tensor weak = first.where(x0.detach(), x1.detach());
    Tensor labels = weak.argMax(-1);
    Tensor sure = sure0.maximum(sure1);
    List<Tensor> ranked = sure.reshape(1, batch).topK(Math.toIntExact(batch));
    Tensor bound = ranked.getFirst().reshape(batch, 1).gather(rank).reshape(1);
    Tensor keep = sure.greater(bound).cast(x0.dtype());
    Tensor kept = keep.sum();
    Tensor count = kept.maximum(Tensors.onesLike(kept));
    List<Tensor> others = new ArrayList<>();
    others.add(first.where(x1, x0));
    others.addAll(logits.subList(2, logits.size()));
    return others.stream()
        .map(x -> x.softmaxCrossEntropy(labels).mul(keep).sum().div(count))
        .reduce(Tensor::add)
        .orElseThrow()
        .div(others.size());
  }

  /// Largest probability of each row, a constant.
  private static Tensor surest(Tensor logits) {
    return logits.detach().softmax().max(Collections.singletonList(1), false);
  }
}
