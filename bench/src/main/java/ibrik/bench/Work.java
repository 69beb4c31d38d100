package ibrik.bench;

import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.exec.Cost;
import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Create;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.Index;
import ibrik.tensor.op.IntegerOp;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Pool;
import ibrik.tensor.op.Quantize;
import ibrik.tensor.op.RandomOp;
import ibrik.tensor.op.Reduce;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import ibrik.tensor.op.Transport;
import ibrik.tensor.op.Update;
import ibrik.tensor.op.Video;
import java.util.List;

/// What one run of an op has to do at least, whatever the kernel.
///
/// @param flops multiplications and additions of the definition; a zero that padding adds counts as
///   a number, so an implementation that skips it may seem to exceed the peak a little
/// @param bytes every input read once and every output written once
public record Work(long flops, long bytes) {
  /// The work of `op` on inputs of these types and shapes, by the formulas of [Cost]:
  ///
  /// | op | flops |
  /// |---|---|
  /// | `mat_mul` | 2 B M N K, with B the product of the batch axes |
  /// | `fake_quantize`, `fake_quantize_backward` | 7 per element |
  /// | `fake_quantize_parameters_backward` | 12 per element |
  /// | `straight_through_round` | 1 per element |
  /// | `lsq_quantize`, `lsq_quantize_backward` | 5 and 8 per element |
  /// | `pact_quantize`, `pact_quantize_backward` | 7 and 4 per element |
  /// | `sign_binarize`, `sign_binarize_backward` | 1 and 3 per element |
  /// | `rsign`, `rsign_backward` | 2 and 4 per element |
  /// | `rprelu`, `rprelu_backward` | 4 and 8 per element |
  /// | `pack_signs` | one comparison per element |
  /// | `xnor_conv2d` | 2 N P Q K R S C, as for floats |
  /// | `int_mat_mul` | 2 M N K, as for floats |
  /// | `requantize`, `pack_int4`, `unpack_int4` | 5, 1, 1 per element |
  /// | `augment` | 8 times the support of the filter + 4 times the taps + 30 per element |
  /// | `gelu`, `gelu_backward` | 1, 4 per element |
  /// | `int_conv2d` | 2 N P Q K R S C, as for floats |
  /// | `attention`, `attention_backward` | 4 B H T S D, 10 B H T S D, with head sizes D alike |
  /// | `layer_norm`, `layer_norm_backward` | 8 and 14 per element |
  /// | `conv2d`, `conv2d_backward_data`, `conv2d_backward_weight` | 2 N P Q K R S C/groups |
  /// | `conv3d`, `conv3d_backward_data`, `conv3d_backward_weight` | 2 N O P Q K T R S C/groups |
  /// | `sinkhorn_knopp` | 4 T B K: two products of a matrix with a vector per iteration |
  /// | `nt_xent`, `nt_xent_backward` | 2 R R D, twice that, with R = 2 B rows |
  /// | `info_nce`, `info_nce_backward_query`, `info_nce_backward` | 2 B K D, 4 B K D, 6 B K D |
  /// | `cosine_regression`, `cosine_regression_backward` | 6 B D, 9 B D |
  /// | `barlow_twins`, `barlow_twins_backward` | 2 B D D, three times that |
  /// | `vicreg_covariance`, `vicreg_covariance_backward` | 2 B D D, twice that |
  /// | `vicreg_variance`, `vicreg_variance_backward` | 4 B D, 6 B D |
  /// | elementwise, reductions | 1 per element, whatever the function |
  /// | `softmax`, `log_softmax`, `softmax_cross_entropy` and its gradient | 5 per element |
  /// | `l2_normalize`, `l2_normalize_backward` | 3, 8 per element |
  /// | `batch_norm`, `batch_norm_backward`, `batch_norm_inference` | 6, 9, 2 per element |
  /// | `batch_norm_relu`, `batch_norm_relu_backward` | 7 and, with a residual, 8; 10 per element |
  /// | `max_pool2d`, `avg_pool2d`, `avg_pool2d_backward` | R S per output or its gradient |
  /// | `ema`, `sgd`, `lars`, `adam_w` | 3, 6, 11, 16 per element |
  /// | moving, picking and making numbers | none or 1 per element |
  ///
  /// Products that a fused gradient computes again are work: the definition starts from its inputs.
  ///
  /// @throws IllegalArgumentException for an op that is not in the table
  public static Work of(Op op, List<TensorSpec> in) {
    List<TensorSpec> out = op.infer(in);
    Cost cost = Cost.of(op, in, out);
    long flops =
        switch (op) {
          case Linear _,
              Video _,
              Elementwise _,
              Reduce _,
              Layout _,
              Index _,
              Create _,
              RandomOp _ ->
              cost.flops();
          case Update update -> update(update, in);
          case Pool pool -> pool(pool, in.getFirst(), out.getFirst());
          case Normalize normalize -> normalize(normalize) * in.getFirst().elems();
          default -> fused(op, in, out.getFirst().shape());
        };
    return new Work(flops, cost.bytes());
  }

  private static long update(Update op, List<TensorSpec> in) {
    int perElement =
        switch (op) {
          case Update.Assign _ -> 0;
          case Update.Ema _ -> 3; // difference, product, sum
          case Update.Sgd _ -> 6; // decay, momentum, step: two each
          case Update.Lars _ -> 11; // the same, two norms, and their ratio
          case Update.AdamW _ ->
              16; // two moments 7, corrections 2, root, shift, ratio, decay, step
        };
    long elems = 0;
    for (int i = 0; i < count(op); i++) {
      elems += in.get(i).elems();
    }
    return perElement * elems;
  }

  private static int count(Update op) {
    return switch (op) {
      case Update.Assign _ -> 1;
      case Update.Ema(int count) -> count;
      case Update.Sgd sgd -> sgd.weightDecay().size();
      case Update.Lars lars -> lars.weightDecay().size();
      case Update.AdamW adam -> adam.weightDecay().size();
    };
  }

  private static long pool(Pool op, TensorSpec in, TensorSpec out) {
    return switch (op) {
      case Pool.MaxPool2d(int rows, int columns, _) -> (long) rows * columns * out.elems();
      case Pool.AvgPool2d(int rows, int columns, _) -> (long) rows * columns * out.elems();
      case Pool.AvgPool2dBackward(int rows, int columns, _, _, _) ->
          (long) rows * columns * in.elems();
      case Pool.MaxPool2dBackward _ -> in.elems();
      case Pool.MaxPool2dGather _ -> out.elems();
    };
  }

  private static long normalize(Normalize op) {
    return switch (op) {
      // Compare, shift, exponential, sum, and a product or another shift.
      case Normalize.Softmax _, Normalize.LogSoftmax _ -> 5;
      case Normalize.L2Normalize _ -> 3; // square, sum, scale
      case Normalize.L2NormalizeBackward _ -> 8; // square, sum, dot product, 4 for the rest
      case Normalize.BatchNorm _ -> 6; // mean, variance 3, scale and shift
      case Normalize.BatchNormBackward _ -> 9; // unit x 2, two sums 3, dx 4
      case Normalize.BatchNormRelu relu -> relu.residual() ? 8 : 7; // the same, sum, compare
      case Normalize.BatchNormReluBackward _ -> 10; // compare, and as batch norm
      case Normalize.BatchNormInference _ -> 2; // scale and shift
      case Normalize.LayerNorm _ -> 8; // as batch norm, and the affine map of a row
      case Normalize.LayerNormBackward _ -> 14;
    };
  }

  private static long fused(Op op, List<TensorSpec> in, Shape result) {
    Shape first = in.get(0).shape();
    return switch (op) {
      // Compare, shift, exponential, sum or product, and the label.
      case Loss.SoftmaxCrossEntropy _, Loss.SoftmaxCrossEntropyBackward _ -> 5 * first.elems();
      // Scale, round, shift, two bounds, shift and scale back (or select).
      case Quantize.FakeQuantize _, Quantize.FakeQuantizeBackward _ -> 7 * first.elems();
      // The same, the error of a step, and two products with their sums.
      case Quantize.FakeQuantizeParametersBackward _ -> 12 * first.elems();
      case Quantize.StraightThroughRound() -> first.elems();
      case Quantize.LsqQuantize _ -> 5 * first.elems(); // divide, round, two bounds, scale
      case Quantize.LsqQuantizeBackward _ -> 8 * first.elems(); // the error, two selects, a sum
      case Quantize.PactQuantize _ -> 7 * first.elems(); // two bounds, round between four products
      case Quantize.PactQuantizeBackward _ -> 4 * first.elems(); // two bounds, select, sum
      case Binary.SignBinarize _ -> first.elems();
      case Binary.SignBinarizeBackward _ -> 3 * first.elems(); // slope, bound, product
      case Binary.RSign _ -> 2 * first.elems(); // shift, compare
      case Binary.RSignBackward _ -> 4 * first.elems(); // shift, slope, product, sum
      case Binary.RPRelu() -> 4 * first.elems(); // shift, compare, product, shift
      case Binary.RPReluBackward() -> 8 * first.elems(); // of these 3 sums
      case Binary.PackSigns() -> first.elems();
      case Binary.XnorConv2d conv -> {
        Shape w = in.get(1).shape();
        yield 2 * result.elems() * w.dim(1) * w.dim(2) * conv.channels();
      }
      case IntegerOp.IntMatMul _ -> 2 * first.elems() * in.get(1).shape().dim(0);
      case IntegerOp.IntConv2d _ -> 2 * result.elems() * in.get(1).shape().elemsAfter(0);
      // Scores, values; backward scores again, slopes, and a gradient for each input.
      case Attend.Attention _ -> 4 * first.elems() * in.get(1).shape().dim(2);
      case Attend.AttentionBackward _ -> 10 * first.elems() * in.get(1).shape().dim(2);
      case IntegerOp.Requantize _ -> 5 * first.elems(); // multiply, shift, round, two bounds
      case IntegerOp.PackInt4 _, IntegerOp.UnpackInt4 _ -> result.elems();
      // Two resizes and two blurs, four changes of colour, the rest.
      case ImageOp.Augment augment ->
          (8L * augment.filter().support() + 4L * augment.taps() + 30) * result.elems();
      case Activation.Gelu _ -> first.elems();
      case Activation.GeluBackward _ -> 4 * first.elems(); // two functions, product, sum
      // R = 2 B rows against each other.
      case Similarity.NtXent _ -> 8 * first.elems() * first.dim(0);
      case Similarity.NtXentBackward _ -> 16 * first.elems() * first.dim(0);
      case Similarity.InfoNce _ -> 2 * first.elems() * in.get(2).shape().dim(0);
      case Similarity.InfoNceBackwardQuery _ -> 4 * first.elems() * in.get(2).shape().dim(0);
      case Similarity.InfoNceBackward _ -> 6 * first.elems() * in.get(2).shape().dim(0);
      case Similarity.CosineRegression _ -> 6 * first.elems();
      case Similarity.CosineRegressionBackward _ -> 9 * first.elems();
      case Redundancy.BarlowTwins _, Redundancy.VicregCovariance _ ->
          2 * first.elems() * first.dim(1);
      case Redundancy.BarlowTwinsBackward _ -> 6 * first.elems() * first.dim(1);
      case Redundancy.VicregCovarianceBackward _ -> 4 * first.elems() * first.dim(1);
      case Redundancy.VicregVariance _ -> 4 * first.elems();
      case Redundancy.VicregVarianceBackward _ -> 6 * first.elems();
      case Transport.SinkhornKnopp(_, int iterations) -> 4L * iterations * first.elems();
      default ->
          throw new IllegalArgumentException(
              "[" + op.tag() + "] has no formula for its work; add a row to Work.of");
    };
  }

  /// Operations per byte: below the machine's ratio of both the memory is the limit.
  public double intensity() {
    return (double) flops / bytes;
  }
}
