package ibrik.ssl.method;

import ibrik.tensor.DType;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Sends a batch through a network in equal parts, one after the other, so that each batch norm
/// sees one part: on one device what several devices without synchronised norms do. With the batch
/// shuffled for the keys only, a query and its key are normalised together with other images, and
/// the statistics of a part do not give away which key belongs to which query.
///
/// **Source** He et al. 2020, arXiv:1911.05722, section 3.3.
public final class SplitBatch {
  private final int parts;

  /// @param parts 1 leaves the batch whole
  /// @param batch rows of a batch
  /// @throws IllegalArgumentException unless the parts are equal and have two rows at least
  public SplitBatch(int parts, int batch) {
    if (parts < 1 || batch % parts != 0 || (parts > 1 && batch / parts < 2)) {
      throw new IllegalArgumentException(
          "[split_batch] parts must divide the batch of "
              + batch
              + " and leave at least two images in each; got "
              + parts
              + "; take another batch size, or 1 to leave it whole");
    }
    this.parts = parts;
  }

  /// `network` on the parts of `x` in order, joined again.
  public Tensor apply(UnaryOperator<Tensor> network, Tensor x) {
    if (parts == 1) {
      return network.apply(x);
    }
    long rows = x.dim(0) / parts;
    List<Tensor> out = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      out.add(network.apply(x.narrow(0, part * rows, rows)));
    }
    return LayoutOps.concat(0, out);
  }

  /// The same on rows in random order; the result has the order of `x`. No gradient may flow.
  public Tensor shuffled(UnaryOperator<Tensor> network, Tensor x, RandomKey key) {
    if (parts == 1) {
      return network.apply(x);
    }
    Tensor order = permutation(x.dim(0), key);
    return apply(network, x.gather(order)).scatterAdd(order, x.dim(0));
  }

  /// A random order of `rows` rows, i32 `[rows]`: the places of sorted random numbers.
  static Tensor permutation(long rows, RandomKey key) {
    Tensor random =
        Tensors.uniform(new TensorSpec(DType.F32, Shape.of(1, rows)), 0, 1, key.value());
    return random.topK(Math.toIntExact(rows)).get(1).reshape(rows);
  }
}
