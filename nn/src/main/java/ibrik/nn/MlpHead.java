package ibrik.nn;

import ibrik.tensor.Tensor;

/// The two-layer head of BYOL and its relatives: Linear - BN - ReLU - Linear, `[N,in]` to `[N,out]`.
/// The hidden Linear has a bias, the last has none and no norm behind it, as in BYOL's code.
public final class MlpHead extends Module {
  private final Sequential layers;

  /// Widths of input, hidden layer and output.
  public MlpHead(Build build, int in, int hidden, int out) {
    this(build, in, hidden, out, true, false);
  }

  /// With or without a bias on the hidden layer and a norm behind the last.
  public MlpHead(
      Build build, int in, int hidden, int out, boolean hiddenBias, boolean lastNorm) {
    super(build);
    layers =
        child(
            "layers",
            new Sequential(build.child("layers"))
                .add(b -> new Linear(b, in, hidden, hiddenBias))
                .add(b -> new BatchNorm(b, hidden))
                .add(Relu::new)
                .add(b -> new Linear(b, hidden, out, false)));
    if (lastNorm) {
      layers.add(b -> new BatchNorm(b, out));
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    return layers.forward(x);
  }
}
