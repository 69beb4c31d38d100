package ibrik.bench;

import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import ibrik.tensor.op.Transport;
import java.util.List;

/// What one run of an op has to do at least, whatever the kernel.
///
/// @param flops multiplications and additions of the definition; a zero that padding adds counts as
///   a number, so an implementation that skips it may seem to exceed the peak a little
/// @param bytes every input read once and every output written once
public record Work(long flops, long bytes) {
  /// The work of `op` on inputs of these types and shapes:
  ///
  /// | op | flops |
  /// |---|---|
  /// | `mat_mul` | 2 B M N K, with B the product of the batch axes |
  /// | `conv2d`, `conv2d_backward_data`, `conv2d_backward_weight` | 2 N P Q K R S C/groups |
  /// | `sinkhorn_knopp` | 4 T B K: two products of a matrix with a vector per iteration |
  /// | `nt_xent`, `nt_xent_backward` | 2 R R D, twice that, with R = 2 B rows |
  /// | `info_nce`, `info_nce_backward_query`, `info_nce_backward_keys` | 2 B K D, then 4 B K D each |
  /// | `cosine_regression`, `cosine_regression_backward` | 6 B D, 9 B D |
  /// | `barlow_twins`, `barlow_twins_backward` | 2 B D D, three times that |
  /// | `vicreg_covariance`, `vicreg_covariance_backward` | 2 B D D, twice that |
  /// | `vicreg_variance`, `vicreg_variance_backward` | 4 B D, 6 B D |
  ///
  /// Products that a fused gradient computes again are work: the definition starts from its inputs.
  ///
  /// @throws IllegalArgumentException for an op that is not in the table
  public static Work of(Op op, List<TensorSpec> in) {
    List<TensorSpec> out = op.infer(in);
    long bytes = bytes(in) + bytes(out);
    Shape first = in.get(0).shape();
    Shape second = in.getLast().shape();
    Shape result = out.getFirst().shape();
    long flops =
        switch (op) {
          case Linear.MatMul(boolean transposeA, _) ->
              2 * result.elems() * first.dim(transposeA ? -2 : -1);
          // Each output element sums over one kernel: R S C/groups.
          case Linear.Conv2d _ -> 2 * result.elems() * taps(second);
          case Linear.Conv2dBackwardData _ -> 2 * first.elems() * taps(second);
          case Linear.Conv2dBackwardWeight _ -> 2 * second.elems() * taps(result);
          // R = 2 B rows against each other.
          case Similarity.NtXent _ -> 8 * first.elems() * first.dim(0);
          case Similarity.NtXentBackward _ -> 16 * first.elems() * first.dim(0);
          case Similarity.InfoNce _ -> 2 * first.elems() * in.get(2).shape().dim(0);
          case Similarity.InfoNceBackwardQuery _, Similarity.InfoNceBackwardKeys _ ->
              4 * first.elems() * in.get(2).shape().dim(0);
          case Similarity.CosineRegression _ -> 6 * first.elems();
          case Similarity.CosineRegressionBackward _ -> 9 * first.elems();
          case Redundancy.BarlowTwins _, Redundancy.VicregCovariance _ ->
              2 * first.elems() * first.dim(1);
          case Redundancy.BarlowTwinsBackward _ -> 6 * first.elems() * first.dim(1);
          case Redundancy.VicregCovarianceBackward _ -> 4 * first.elems() * first.dim(1);
          case Redundancy.VicregVariance _ -> 4 * first.elems();
          case Redundancy.VicregVarianceBackward _ -> 6 * first.elems();
          case Transport.SinkhornKnopp(_, int iterations) -> 4 * iterations * first.elems();
          default ->
              throw new IllegalArgumentException(
                  "[" + op.tag() + "] has no formula for its work; add a row to Work.of");
        };
    return new Work(flops, bytes);
  }

  /// Elements of one kernel of the weight `[K,R,S,C/groups]`.
  private static long taps(Shape weight) {
    return weight.elemsAfter(0);
  }

  private static long bytes(List<TensorSpec> specs) {
    return specs.stream().mapToLong(TensorSpec::bytes).sum();
  }

  /// Operations per byte: below the machine's ratio of both the memory is the limit.
  public double intensity() {
    return (double) flops / bytes;
  }
}
