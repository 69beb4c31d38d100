package ibrik.ssl.method.msbreg;

import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import java.util.List;

/// The three forces of MSBReg on embeddings of unit length: toward the centroid of an image's
/// views, away from crowded directions, and at random.
public final class MsbRegLoss {
  private static final double EPS = 1e-12;

  private MsbRegLoss() {}

  /// The centroid of the target's embeddings of each image: the mean of the unit rows of all views,
  /// of unit length again.
  ///
  /// @param targets one `[B, D]` per view
  /// @return `[B, D]`, a constant
  public static Tensor centroid(List<Tensor> targets) {
    return targets.stream()
        .map(y -> y.detach().l2Normalize())
        .reduce(Tensor::add)
        .orElseThrow()
        .l2Normalize();
  }

  /// Multi-view centroid loss: mean over views and images of `2 - 2 <n(z), c>`.
  ///
  /// @param online one `[B, D]` per view, of any length
  /// @param centroid `[B, D]`
  /// @return 0-d, in `[0, 4]`
  public static Tensor attraction(List<Tensor> online, Tensor centroid) {
    return online.stream()
        .map(z -> z.cosineRegression(centroid, EPS).mean())
        .reduce(Tensor::add)
        .orElseThrow()
        .div(online.size());
  }

  /// Singular value loss: `D |C|_F^2 - 1` with `C = Z^T Z / n`, where Z holds the n unit rows of
  /// all views. Equal singular values cost 0, one alone `D - 1`. Needs no decomposition, as `|Z^T
  /// Z|_F = |Z Z^T|_F` is taken from the smaller of the two.
  ///
  /// @param online one `[B, D]` per view, of any length
  public static Tensor dispersion(List<Tensor> online) {
    Tensor z = LayoutOps.concat(0, online).l2Normalize();
    double rows = z.dim(0);
    boolean tall = z.dim(0) >= z.dim(1);
    Tensor gram = tall ? z.matMul(z, true, false) : z.matMul(z, false, true);
    return gram.square().sum().mul(z.dim(1) / (rows * rows)).sub(1);
  }

  /// Singular value loss in its explicit form: `1/D sum_k (s_k / sqrt(n) - 1 / sqrt(D))^2` over the
  /// D singular values of Z, the n unit rows of all views; those that n rows cannot have count as
  /// 0. As the squares of unit rows sum to n, it is `2/D (1 - |Z|_* / sqrt(n D))`: 0 for equal
  /// singular values, `2/D (1 - 1/sqrt(D))` for one alone.
  ///
  /// @param online one `[B, D]` per view, of any length
  public static Tensor singularValues(List<Tensor> online) {
    Tensor z = LayoutOps.concat(0, online).l2Normalize();
    double rows = z.dim(0);
    double width = z.dim(1);
    return NuclearNorm.of(z).mul(-1 / Math.sqrt(rows * width)).add(1).mul(2 / width);
  }

  /// Brownian loss: mean over views and images of `<n(z), e>`, with one random direction per image
  /// for all of its views. Its mean over draws is 0.
  ///
  /// @param online one `[B, D]` per view, of any length
  /// @param directions e, `[B, D]`, rows of unit length
  public static Tensor diffusion(List<Tensor> online, Tensor directions) {
    return online.stream()
        .map(z -> z.l2Normalize().mul(directions).sum(List.of(1), false).mean())
        .reduce(Tensor::add)
        .orElseThrow()
        .div(online.size());
  }
}
