package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.BatchNorm.Affine;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /// In either mode `relu` and `addRelu` are what follows `forward` otherwise, with the same bits,
  /// the same gradients and the same move of the statistics; in train mode they are one op.
  @ParameterizedTest
  @CsvSource({"true, false", "true, true", "false, false", "false, true"})
  void whatFollowsTheNormIsFused(boolean training, boolean residual) {
    try (TensorScope _ = TensorScope.open();
        BatchNorm fused = new BatchNorm(DOUBLES, 2);
        BatchNorm parts = new BatchNorm(DOUBLES, 2)) {
      for (BatchNorm norm : List.of(fused, parts)) {
        norm.parameters().get(1).variable().set(Tensor.of(new double[] {0.25, -0.5}));
        if (!training) {
          norm.eval();
        }
      }
      Tensor x = batch();
      Tensor other = Tensor.of(new double[] {0.5, -1, 0.5, 3, -4, 0.5}, 3, 2);
      Tensor weights = Tensor.of(new double[] {1, 2, -3, 4, 5, 6}, 3, 2);
      try (Tape.Run one =
              Tape.record(
                  () -> weighed(residual ? fused.addRelu(x, other) : fused.relu(x), weights));
          Tape.Run several =
              Tape.record(
                  () -> {
                    Tensor y = parts.forward(x);
                    return weighed((residual ? y.add(other) : y).relu(), weights);
                  })) {
        assertEquals(several.value().item(), one.value().item());
        assertTrue(one.value().item() != 0);
        assertEquals(
            training,
            one.nodes().stream().anyMatch(node -> node.op().tag().equals("batch_norm_relu")));
        assertTrue(
            one.nodes().stream().noneMatch(node -> training && node.op().tag().equals("relu")));
        List<Tensor> got = one.gradients(wrt(fused, x, other, residual));
        List<Tensor> want = several.gradients(wrt(parts, x, other, residual));
        for (int i = 0; i < want.size(); i++) {
          assertArrayEquals(want.get(i).toDoubles(), got.get(i).toDoubles(), 1e-12);
        }
      }
      for (int i = 0; i < 2; i++) {
        assertArrayEquals(
            parts.buffers().get(i).value().toDoubles(), fused.buffers().get(i).value().toDoubles());
      }
    }
  }

  private static Tensor weighed(Tensor y, Tensor weights) {
    return y.mul(weights).sum();
  }

  private static List<Tensor> wrt(BatchNorm norm, Tensor x, Tensor other, boolean residual) {
    List<Tensor> all = new ArrayList<>(norm.parameters().stream().map(Parameter::value).toList());
    all.add(x);
    if (residual) {
      all.add(other);
    }
    return all;
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
