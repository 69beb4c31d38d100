package ibrik.ssl.method.dino;

import ibrik.nn.Build;
import ibrik.nn.Module;
import ibrik.tensor.Tensor;

/// `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`, the tanh form of GELU (Hendrycks and Gimpel
/// 2016, arXiv:1606.08415).
final class Gelu extends Module {
  private static final double ROOT = Math.sqrt(2 / Math.PI);

  Gelu(Build build) {
    super(build);
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor inner = x.add(x.square().mul(x).mul(0.044715)).mul(ROOT);
    return x.mul(0.5).mul(inner.tanh().add(1));
  }
}
