package ibrik.bench.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.GradientCollector;

/// Losses composed of PyTorch's ops, as in the published code of their methods. Of several ways
/// to write a term, one with fewer passes over large matrices.
final class TorchLosses {
  /// From inputs, and constants behind them, to a loss of one number.
  interface Loss {
    NDArray of(NDList in);
  }

  private TorchLosses() {}

  /// The loss and the gradients of the first `wanted` inputs. These are fresh leaves, so gradients
  /// do not add up from run to run.
  static NDList gradients(Loss loss, NDList in, int wanted) {
    NDList leaves = in.subNDList(0, wanted);
    leaves.forEach(leaf -> leaf.setRequiresGradient(true));
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray value = loss.of(in);
      collector.backward(value);
      NDList all = new NDList(value);
      leaves.forEach(leaf -> all.add(leaf.getGradient()));
      return all;
    }
  }

  /// Queries, keys and a queue, all of unit length.
  static NDArray infoNce(NDList in) {
    NDArray right = in.get(0).mul(in.get(1)).sum(new int[] {1}, true);
    NDArray wrong = in.get(0).matMul(in.get(2).transpose());
    NDArray logits = right.concat(wrong, 1).div(LossContests.TEMPERATURE);
    return logits.logSoftmax(1).get(":, 0").mean().neg();
  }

  /// Two views, [#never] and [#partners].
  static NDArray ntXent(NDList in) {
    NDArray n = NDArrays.concat(in.subNDList(0, 2)).normalize(2, 1);
    NDArray scores = n.matMul(n.transpose()).div(LossContests.TEMPERATURE).sub(in.get(2));
    return scores.logSoftmax(1).gather(in.get(3), 1).mean().neg();
  }

  /// A large number on the diagonal: takes a row's score with itself out of the sum.
  static NDArray never(NDManager manager, int rows) {
    return manager.eye(rows).muli(1e9);
  }

  /// The other view of each row, `[rows, 1]`.
  static NDArray partners(NDManager manager, int rows) {
    long[] partners = new long[rows];
    java.util.Arrays.setAll(partners, i -> (i + rows / 2) % rows);
    return manager.create(partners, new Shape(rows, 1));
  }

  /// `2 - 2 cos` of rows.
  static NDArray cosine(NDList in) {
    NDArray cosines =
        in.get(0).normalize(2, 1).mul(in.get(1).normalize(2, 1)).sum(new int[] {1}, false);
    return cosines.mul(-2).add(2).mean();
  }

  /// Two views.
  static NDArray barlowTwins(NDList in) {
    NDArray c = standard(in.get(0)).transpose().matMul(standard(in.get(1)));
    c = c.div(in.get(0).getShape().get(0));
    NDArray diagonal = c.diagonal();
    return diagonal.sub(1).square().sum().add(others(c, diagonal).mul((float) LossContests.BARLOW_LAMBDA));
  }

  /// Batch norm without parameters.
  private static NDArray standard(NDArray z) {
    NDManager manager = z.getManager();
    Shape width = new Shape(z.getShape().get(1));
    NDArray gamma = manager.ones(width);
    NDArray beta = manager.zeros(width);
    NDArray mean = manager.zeros(width);
    NDArray variance = manager.ones(width);
    float eps = (float) LossContests.BARLOW_EPS;
    return BatchNorm.batchNorm(z, mean, variance, gamma, beta, 1, 0.1f, eps, true)
        .singletonOrThrow();
  }

  /// Squares off the diagonal.
  private static NDArray others(NDArray square, NDArray diagonal) {
    return square.square().sum().sub(diagonal.square().sum());
  }

  /// Two views, weights 25, 25 and 1.
  static NDArray vicreg(NDList in) {
    NDArray distance = in.get(0).sub(in.get(1)).square().mean();
    NDArray spread = spread(in.get(0)).add(spread(in.get(1)));
    return distance.mul(25f).add(spread);
  }

  /// The variance and covariance terms of a view.
  private static NDArray spread(NDArray z) {
    double rows = z.getShape().get(0);
    NDArray centred = z.sub(z.mean(new int[] {0}));
    NDArray variance = centred.square().sum(new int[] {0}).div(rows - 1);
    NDArray deviation = variance.add(LossContests.VICREG_EPS).sqrt();
    NDArray hinge = deviation.neg().add(1).maximum(0).mean();
    NDArray covariance = centred.transpose().matMul(centred).div(rows - 1);
    NDArray others = others(covariance, covariance.diagonal()).div(z.getShape().get(1));
    return hinge.mul(12.5f).add(others);
  }
}
