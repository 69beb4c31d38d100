package ibrik.nn;

import ibrik.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A projection or prediction head, `[N,in]` to `[N,out]`: hidden layers Linear - BN - ReLU, then
/// one last Linear, with a norm behind it or without.
public final class MlpHead extends Module {
  /// What the heads of different methods differ in.
  ///
  /// @param hidden widths of the hidden layers, possibly none
  /// @param out width of the output
  /// @param hiddenBias whether hidden Linears have a bias
  /// @param hiddenNorm whether a batch norm stands between a hidden Linear and its ReLU
  /// @param lastBias whether the last Linear has a bias
  /// @param lastNorm what the batch norm behind the last Linear learns; null for no norm
  public record Config(
      List<Integer> hidden,
      int out,
      boolean hiddenBias,
      boolean hiddenNorm,
      boolean lastBias,
      BatchNorm.@Nullable Affine lastNorm) {
    /// Copies the widths.
    public Config {
      hidden = List.copyOf(hidden);
    }

    /// Hidden layers with bias, norm and ReLU, then a Linear with bias and nothing behind it.
    public static Config of(List<Integer> hidden, int out) {
      return new Config(hidden, out, true, true, true, null);
    }

    /// The same without norms between hidden Linears and their ReLUs.
    public Config withoutNorms() {
      return new Config(hidden, out, hiddenBias, false, lastBias, lastNorm);
    }

    /// The same without biases in the hidden Linears.
    public Config withoutHiddenBias() {
      return new Config(hidden, out, false, hiddenNorm, lastBias, lastNorm);
    }

    /// The same without a bias in the last Linear.
    public Config withoutLastBias() {
      return new Config(hidden, out, hiddenBias, hiddenNorm, false, lastNorm);
    }

    /// The same with a batch norm at the end that learns this.
    public Config endingIn(BatchNorm.Affine norm) {
      return new Config(hidden, out, hiddenBias, hiddenNorm, lastBias, norm);
    }

    /// Projector and predictor of BYOL's code: the hidden Linear has a bias, the last has none and
    /// no norm behind it (Grill et al. 2020, arXiv:2006.07733).
    public static Config byol(int hidden, int out) {
      return new Config(List.of(hidden), out, true, true, false, null);
    }

    /// Projector of SimCLR's code: no biases, a norm with scale only at the end (Chen et al. 2020,
    /// arXiv:2002.05709).
    public static Config simclr(int hidden, int out) {
      return new Config(List.of(hidden), out, false, true, false, BatchNorm.Affine.SCALE);
    }
  }

  private final Sequential layers;

  /// The form of BYOL: widths of input, hidden layer and output.
  public MlpHead(Build build, int in, int hidden, int out) {
    this(build, in, Config.byol(hidden, out));
  }

  /// Any form.
  public MlpHead(Build build, int in, Config config) {
    super(build);
    layers = child("layers", b -> chain(b, in, config));
  }

  private static Sequential chain(Build build, int in, Config config) {
    Sequential layers = new Sequential(build);
    int width = in;
    for (int next : config.hidden()) {
      linear(layers, width, next, config.hiddenBias());
      if (config.hiddenNorm()) {
        layers.add(b -> new BatchNorm(b, next));
      }
      layers.add(Relu::new);
      width = next;
    }
    linear(layers, width, config.out(), config.lastBias());
    BatchNorm.Affine lastNorm = config.lastNorm();
    if (lastNorm != null) {
      layers.add(b -> new BatchNorm(b, config.out(), lastNorm, 1));
    }
    return layers;
  }

  private static void linear(Sequential layers, int in, int out, boolean bias) {
    layers.add(b -> new Linear(b, in, out, bias));
  }

  @Override
  public Tensor forward(Tensor x) {
    return layers.forward(x);
  }
}
