package ibrik.ssl.method.simclr;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import java.util.List;

/// Normalised temperature-scaled cross entropy, eq. 1 of the paper: each of the `2B` embeddings
/// must pick out the other view of its image among the `2B - 1` others.
public final class NtXent {
  private NtXent() {}

  /// Mean over the `2B` rows.
  ///
  /// @param z1 embeddings of the first view, `[B, D]`, not normalised
  /// @param z2 those of the second
  /// @param temperature above 0
  /// @return 0-d; `ln(2B - 1)` where all embeddings are equal
  /// @throws IllegalArgumentException unless both have one shape `[B, D]` and the temperature is a
  ///   number above 0
  public static Tensor of(Tensor z1, Tensor z2, double temperature) {
    if (z1.rank() != 2 || !z1.shape().equals(z2.shape())) {
      throw new IllegalArgumentException(
          "[nt_xent] embeddings must have one shape [B, D]; got z1: "
              + z1.spec()
              + ", z2: "
              + z2.spec());
    }
    if (!(temperature > 0) || !Double.isFinite(temperature)) {
      throw new IllegalArgumentException(
          "[nt_xent] temperature must be a number above 0; got " + temperature);
    }
    // In the place of minus infinity: far below every logit, which lie within 1 / temperature.
    double never = -1e9 - 2 / temperature;
    int batch = Math.toIntExact(z1.dim(0));
    int rows = 2 * batch;
    Device device = z1.device();
    Tensor z = LayoutOps.concat(0, List.of(z1, z2)).l2Normalize();
    Tensor self = Tensors.iota(rows, DType.I32, device).oneHot(rows, z.dtype()).mul(never);
    Tensor logits = z.matMul(z, false, true).div(temperature).add(self);
    return logits.softmaxCrossEntropy(partners(batch).to(device)).mean();
  }

  private static Tensor partners(int batch) {
    int[] partner = new int[2 * batch];
    java.util.Arrays.setAll(partner, i -> (i + batch) % (2 * batch));
    return Tensor.of(partner, 2L * batch);
  }
}
