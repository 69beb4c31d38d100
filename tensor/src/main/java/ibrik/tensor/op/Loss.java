package ibrik.tensor.op;

import ibrik.tensor.DType;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import java.util.List;

/// Fused losses, one value per row, unreduced. Each carries its composed definition.
public sealed interface Loss extends Op, Composite {
  /// `-log softmax(logits)[label]`: inputs `logits [N,C]`, `labels [N]` (i32 in `[0,C)`), output
  /// `[N]`.
  record SoftmaxCrossEntropy() implements Loss {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "logits", "labels");
      logitsAndLabels(check, in);
      return List.of(in.getFirst().with(in.get(1).shape()));
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor logits = in.get(0);
      Tensor picked = in.get(1).oneHot(Math.toIntExact(logits.dim(1)), logits.dtype());
      return List.of(logits.logSoftmax().mul(picked).sum(List.of(-1), false).neg());
    }
  }

  /// The gradient of [SoftmaxCrossEntropy]: inputs `logits [N,C]`, `labels [N]`, `dloss [N]`;
  /// output `(softmax(logits) - onehot(labels)) * dloss`.
  record SoftmaxCrossEntropyBackward() implements Loss {
    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Check check = Check.of(this, in, "logits", "labels", "dloss");
      logitsAndLabels(check, in);
      check
          .sameType(0, 2)
          .rule(in.get(2).shape().equals(in.get(1).shape()), "dloss must have the shape of labels")
          .done();
      return List.of(in.getFirst());
    }

    @Override
    public List<Tensor> compose(List<Tensor> in) {
      Tensor logits = in.get(0);
      Tensor picked = in.get(1).oneHot(Math.toIntExact(logits.dim(1)), logits.dtype());
      return List.of(logits.softmax().sub(picked).mul(in.get(2).reshape(in.get(2).elems(), 1)));
    }
  }

  private static void logitsAndLabels(Check check, List<TensorSpec> in) {
    check.floating(0).rank(0, 2).type(1, DType.I32).rank(1, 1).done();
    check
        .rule(
            in.get(0).shape().dim(0) == in.get(1).shape().dim(0),
            "logits and labels must have one number of rows")
        .rule(in.get(0).shape().dim(1) > 0, "logits need at least one class")
        .done();
  }
}
