package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.autograd.Tape;
import ibrik.nn.BatchNorm.Affine;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Two channels: 1, 3, 5 (mean 3, variance 8/3, unbiased 4) and 0, 0, 12 (mean 4, variance 32,
/// unbiased 48).
@ExtendWith(NoLeaks.class)
class BatchNormTest {
  private static final Build DOUBLES = new Build(DType.F64, Device.CPU, 1, "");
  private static final double EPS = 1e-5;

  private static Tensor batch() {
    return Tensor.of(new double[] {1, 0, 3, 0, 5, 12}, 3, 2);
  }

  private static double[] normalised(double gamma, double beta) {
    double a = 2 / Math.sqrt(8 / 3.0 + EPS);
    double b = 4 / Math.sqrt(32 + EPS);
    double[] y = {-a, -b, 0, -b, a, 2 * b};
    for (int i = 0; i < y.length; i++) {
      y[i] = gamma * y[i] + beta;
    }
    return y;
  }

  private static void running(BatchNorm norm, double[] mean, double[] variance) {
    assertArrayEquals(mean, norm.buffers().get(0).value().toDoubles(), 1e-12);
    assertArrayEquals(variance, norm.buffers().get(1).value().toDoubles(), 1e-12);
  }

  @Test
  void trainModeUsesTheBatch() {
    try (TensorScope _ = TensorScope.open();
        BatchNorm norm = new BatchNorm(DOUBLES, 2)) {
      assertArrayEquals(normalised(1, 0), norm.forward(batch()).toDoubles(), 1e-12);
      norm.parameters().get(0).variable().set(Tensor.of(new double[] {2, 2}));
      norm.parameters().get(1).variable().set(Tensor.of(new double[] {-1, -1}));
      assertArrayEquals(normalised(2, -1), norm.forward(batch()).toDoubles(), 1e-12);
    }
  }

  @Test
  void eachTrainingPassMovesTheRunningStatisticsByATenth() {
    try (TensorScope _ = TensorScope.open();
        BatchNorm norm = new BatchNorm(DOUBLES, 2)) {
      running(norm, new double[] {0, 0}, new double[] {1, 1});
      norm.forward(batch());
      running(norm, new double[] {0.3, 0.4}, new double[] {0.9 + 0.4, 0.9 + 4.8});
      norm.forward(batch());
      running(norm, new double[] {0.57, 0.76}, new double[] {0.9 * 1.3 + 0.4, 0.9 * 5.7 + 4.8});
    }
  }

  @Test
  void evalModeUsesTheRunningStatisticsAndLeavesThem() {
    try (TensorScope _ = TensorScope.open();
        BatchNorm norm = new BatchNorm(DOUBLES, 2)) {
      norm.buffers().get(0).set(Tensor.of(new double[] {1, 2}));
      norm.buffers().get(1).set(Tensor.of(new double[] {4, 100}));
      norm.eval();
      double a = 1 / Math.sqrt(4 + EPS);
      double b = 1 / Math.sqrt(100 + EPS);
      assertArrayEquals(
          new double[] {0, -2 * b, 2 * a, -2 * b, 4 * a, 10 * b},
          norm.forward(batch()).toDoubles(),
          1e-12);
      running(norm, new double[] {1, 2}, new double[] {4, 100});
    }
  }

  @Test
  void imagesAreNormalisedPerChannel() {
    try (TensorScope _ = TensorScope.open();
        BatchNorm norm = new BatchNorm(DOUBLES, 2)) {
      Tensor y = norm.forward(batch().reshape(1, 3, 1, 2));
      assertArrayEquals(normalised(1, 0), y.toDoubles(), 1e-12);
      running(norm, new double[] {0.3, 0.4}, new double[] {1.3, 5.7});
    }
  }

  @Test
  void oneRowHasVarianceZero() {
    try (TensorScope _ = TensorScope.open();
        BatchNorm norm = new BatchNorm(DOUBLES, 2)) {
      assertArrayEquals(new double[2], norm.forward(batch().narrow(0, 1, 1)).toDoubles());
      running(norm, new double[] {0.3, 0}, new double[] {0.9, 0.9});
    }
  }

  @Test
  void theMoveOfTheStatisticsIsNotRecorded() {
    try (TensorScope _ = TensorScope.open();
        BatchNorm norm = new BatchNorm(DOUBLES, 2)) {
      List<Tensor> wrt = norm.parameters().stream().map(Parameter::value).toList();
      try (Tape.Run run = Tape.record(() -> norm.forward(batch()).sum())) {
        assertEquals(
            List.of("batch_norm", "sum"),
            run.nodes().stream().map(node -> node.op().tag()).toList());
        assertArrayEquals(new double[] {3, 3}, run.gradients(wrt).get(1).toDoubles(), 1e-12);
      }
      running(norm, new double[] {0.3, 0.4}, new double[] {1.3, 5.7});
    }
  }

  @Test
  void whatIsLearntIsAChoice() {
    try (BatchNorm full = new BatchNorm(DOUBLES, 2, Affine.FULL, 0);
        BatchNorm scale = new BatchNorm(DOUBLES, 2, Affine.SCALE, 1);
        BatchNorm none = new BatchNorm(DOUBLES, 2, Affine.NONE, 1)) {
      assertEquals(
          List.of(Parameter.Role.NORM_SCALE, Parameter.Role.NORM_SHIFT),
          full.parameters().stream().map(Parameter::role).toList());
      assertArrayEquals(new double[2], full.parameters().getFirst().value().toDoubles());
      assertEquals(List.of("gamma"), scale.parameters().stream().map(Parameter::name).toList());
      assertEquals(List.of(), none.parameters());
      assertEquals(2, none.buffers().size());
    }
  }
}
