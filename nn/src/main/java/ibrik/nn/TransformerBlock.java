package ibrik.nn;

import ibrik.nn.init.Init;
import ibrik.tensor.Tensor;

/// A block of an encoder, tokens `[N,T,C]` to `[N,T,C]`, with the norms in front: attention, then
/// two linear maps with a Gelu between, each added to its input by way of [DropPath].
///
/// **Source** Dosovitskiy et al. 2021, arXiv:2010.11929, eq. 2 and 3.
public final class TransformerBlock extends Module {
  private final LayerNorm norm1;
  private final MultiHeadAttention attention;
  private final DropPath drop1;
  private final LayerNorm norm2;
  private final Sequential mlp;
  private final DropPath drop2;

  /// @param width numbers per token
  /// @param hidden width between the two linear maps
  /// @param dropPath probability of dropping a branch
  /// @param init start of the weights; biases start at 0
  public TransformerBlock(
      Build build, int width, int heads, int hidden, double dropPath, Init init) {
    super(build);
    norm1 = child("norm1", b -> new LayerNorm(b, width));
    attention = child("attention", b -> new MultiHeadAttention(b, width, heads, init));
    drop1 = child("drop1", b -> new DropPath(b, dropPath));
    norm2 = child("norm2", b -> new LayerNorm(b, width));
    mlp =
        child(
            "mlp",
            b ->
                new Sequential(b)
                    .add(c -> new Linear(c, width, hidden, init, Init.constant(0)))
                    .add(Gelu::new)
                    .add(c -> new Linear(c, hidden, width, init, Init.constant(0))));
    drop2 = child("drop2", b -> new DropPath(b, dropPath));
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor branch = drop1.forward(attention.forward(norm1.forward(x)));
    Tensor y = x.as(branch.dtype()).add(branch);
    return y.add(drop2.forward(mlp.forward(norm2.forward(y))));
  }
}
