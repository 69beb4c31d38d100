package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;

/// Self-attention: tokens `[N,T,C]` to `[N,T,C]`. Queries, keys and values are three linear maps;
/// each head attends with its own `C / heads` numbers, and a fourth map joins the heads.
///
/// **Source** Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
public final class MultiHeadAttention extends Module {
  private final int width;
  private final int heads;
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear join;

  /// @param width numbers per token, a multiple of `heads`
  /// @param init start of the four weights; biases start at 0
  public MultiHeadAttention(Build build, int width, int heads, Init init) {
    super(build);
    Sizes.positive("multi_head_attention", "heads", heads);
    Sizes.positive("multi_head_attention", "width", width);
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "[multi_head_attention] heads must divide the width; got "
              + heads
              + " heads, width "
              + width);
    }
    this.width = width;
    this.heads = heads;
    query = child("query", b -> square(b, init));
    key = child("key", b -> square(b, init));
    value = child("value", b -> square(b, init));
    join = child("join", b -> square(b, init));
  }

  private Linear square(Build build, Init init) {
    return new Linear(build, width, width, init, Init.constant(0));
  }

  @Override
  public Tensor forward(Tensor x) {
    double scale = 1 / Math.sqrt((double) width / heads);
    Tensor y =
        split(query.forward(x))
            .attention(split(key.forward(x)), split(value.forward(x)), scale)
            .transpose(0, 2, 1, 3);
    return join.forward(y.reshape(x.shape()));
  }

  /// `[N,T,C]` to `[N,H,T,C/H]`.
  private Tensor split(Tensor x) {
    return x.reshape(x.dim(0), x.dim(1), heads, width / heads).transpose(0, 2, 1, 3);
  }

  @Override
  protected String detail() {
    return width + ", " + heads + " heads";
  }
}
