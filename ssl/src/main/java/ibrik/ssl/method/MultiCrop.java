package ibrik.ssl.method;

import ibrik.nn.Module;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Views of several sizes through one encoder: neighbouring views of one size go through as one
/// batch, one pass per size, so that each batch norm of the encoder sees one resolution at a time
/// (Caron et al. 2020, arXiv:2006.09882, section 3.3, and its official code).
public final class MultiCrop {
  private MultiCrop() {}

  /// Features of all views, view after view.
  ///
  /// @param views `V` tensors `[B,H,W,C]`, each with its own H and W
  /// @return `[V B, D]`
  public static Tensor encode(Module encoder, List<Tensor> views) {
    List<Tensor> features = new ArrayList<>();
    int from = 0;
    for (int to = 1; to <= views.size(); to++) {
      if (to == views.size() || !views.get(to).shape().equals(views.get(from).shape())) {
        features.add(encoder.forward(joined(views.subList(from, to))));
        from = to;
      }
    }
    return joined(features);
  }

  private static Tensor joined(List<Tensor> parts) {
    return parts.size() == 1 ? parts.getFirst() : LayoutOps.concat(0, parts);
  }

  /// The rows of each view: `V` tensors `[B, D]`, without a copy.
  ///
  /// @param rows `[V B, D]`, view after view
  public static List<Tensor> split(Tensor rows, int views) {
    if (views < 1 || rows.dim(0) % views != 0) {
      throw new IllegalArgumentException(
          "[multi_crop] rows must be a multiple of the views; got "
              + rows.spec()
              + " of "
              + views
              + " views");
    }
    long batch = rows.dim(0) / views;
    return IntStream.range(0, views).mapToObj(v -> rows.narrow(0, v * batch, batch)).toList();
  }
}
