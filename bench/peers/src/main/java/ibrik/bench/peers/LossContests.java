package ibrik.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ibrik.autograd.Tape;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Losses with the gradients of all their inputs: ops of one kernel per direction here, composed of
/// several there, each side by its own automatic differentiation.
final class LossContests {
  static final double TEMPERATURE = 0.2;
  static final double COSINE_EPS = 1e-12;
  static final double BARLOW_LAMBDA = 0.005;
  static final double BARLOW_EPS = 1e-5;
  static final double VICREG_EPS = 1e-4;

  private static final String PEER = "PyTorch, composed";

  private LossContests() {}

  static List<Contest> all() {
    return List.of(
        infoNce(512, 4096, 128),
        ntXent(512, 128),
        cosine(512, 256),
        barlowTwins(256, 1024),
        vicreg(256, 1024));
  }

  private static Contest infoNce(int rows, int keys, int width) {
    return contest(
        "info_nce and gradients",
        rows + "x" + width + ", queue of " + keys,
        in -> in.get(0).infoNce(in.get(1), in.get(2), TEMPERATURE).mean(),
        TorchLosses::infoNce,
        List.of(),
        Matrix.unit(1, rows, width),
        Matrix.unit(2, rows, width),
        Matrix.unit(3, keys, width));
  }

  private static Contest ntXent(int rows, int width) {
    return contest(
        "nt_xent and gradients",
        "2x" + rows + "x" + width,
        in -> in.get(0).ntXent(in.get(1), TEMPERATURE).mean(),
        TorchLosses::ntXent,
        List.of(
            manager -> TorchLosses.never(manager, 2 * rows),
            manager -> TorchLosses.partners(manager, 2 * rows)),
        Matrix.uniform(1, rows, width),
        Matrix.uniform(2, rows, width));
  }

  private static Contest cosine(int rows, int width) {
    return contest(
        "cosine loss and gradients",
        rows + "x" + width,
        in -> in.get(0).cosineRegression(in.get(1), COSINE_EPS).mean(),
        TorchLosses::cosine,
        List.of(),
        Matrix.uniform(1, rows, width),
        Matrix.uniform(2, rows, width));
  }

  private static Contest barlowTwins(int rows, int width) {
    return contest(
        "barlow_twins and gradients",
        rows + "x" + width,
        in -> in.get(0).barlowTwins(in.get(1), BARLOW_LAMBDA, BARLOW_EPS).sum(),
        TorchLosses::barlowTwins,
        List.of(),
        Matrix.uniform(1, rows, width),
        Matrix.uniform(2, rows, width));
  }

  /// Deviations lie below the target, so that no gradient is spared.
  private static Contest vicreg(int rows, int width) {
    return contest(
        "vicreg and gradients",
        rows + "x" + width,
        LossContests::vicreg,
        TorchLosses::vicreg,
        List.of(),
        Matrix.uniform(1, rows, width),
        Matrix.uniform(2, rows, width));
  }

  private static Tensor vicreg(List<Tensor> in) {
    Tensor x = in.get(0);
    Tensor y = in.get(1);
    Tensor distance = x.sub(y).square().mean();
    Tensor hinge = x.vicregVariance(1, VICREG_EPS).add(y.vicregVariance(1, VICREG_EPS)).mean();
    Tensor covariance = x.vicregCovariance().add(y.vicregCovariance()).mean();
    return distance.mul(25).add(hinge.mul(12.5)).add(covariance);
  }

  /// An input of both sides.
  private record Matrix(float[] numbers, int rows, int width) {
    static Matrix uniform(long seed, int rows, int width) {
      return new Matrix(Numbers.uniform(seed, rows, width), rows, width);
    }

    /// Rows of length 1.
    static Matrix unit(long seed, int rows, int width) {
      return new Matrix(Numbers.unitRows(seed, rows, width), rows, width);
    }
  }

  /// Both sides give the loss and the gradients of `inputs`, each compared with its own largest.
  private static Contest contest(
      String bench,
      String size,
      Function<List<Tensor>, Tensor> ours,
      TorchLosses.Loss theirs,
      List<Function<NDManager, NDArray>> constants,
      Matrix... inputs) {
    List<Integer> parts = new ArrayList<>(List.of(1));
    for (Matrix one : inputs) {
      parts.add(one.numbers.length);
    }
    return new Contest(
            bench,
            size,
            1e-4,
            () -> {
              OurSide side = new OurSide(in -> lossAndGradients(ours, in));
              for (Matrix one : inputs) {
                side.input(one.numbers, one.rows, one.width);
              }
              return side;
            })
        .with(
            PEER,
            () -> {
              TorchSide side =
                  new TorchSide(
                      in -> TorchLosses.gradients(theirs, in, inputs.length),
                      UnaryOperator.identity());
              for (Matrix one : inputs) {
                side.input(one.numbers, one.rows, one.width);
              }
              constants.forEach(side::input);
              return side;
            })
        .parts(parts);
  }

  private static List<Tensor> lossAndGradients(
      Function<List<Tensor>, Tensor> loss, List<Tensor> in) {
    try (Tape.Run run = Tape.record(() -> loss.apply(in))) {
      List<Tensor> all = new ArrayList<>(List.of(run.value()));
      all.addAll(run.gradients(in));
      return all.stream().map(run::keep).toList();
    }
  }
}
