package ibrik.nn.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.nn.BatchNorm;
import ibrik.nn.Build;
import ibrik.nn.Conv2d;
import ibrik.nn.Linear;
import ibrik.nn.NoLeaks;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.op.QuantGrid;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Networks in integers against the same networks on grids of floats, and against floats.
@ExtendWith(NoLeaks.class)
class IntegerNetworkTest {
  private static Tensor normal(long stream, long... dims) {
    return Tensors.normal(
        new TensorSpec(DType.F32, Shape.of(dims)), 0, 1, Tensors.key(3, stream, Device.CPU));
  }

  /// Worked by hand: sums -14742, scales 0.02 and 0.005, bias 0.3; the next scale is 0.05 and its
  /// zero point 10 of 0 ... 255, that is -118 of -128 ... 127.
  @Test
  void sumsByHand() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.ofInt8(new byte[] {3 - 128, 127, -128, 0}, 1, 4);
      Tensor w = Tensor.ofInt8(new byte[] {-5, 7, 127, -128}, 1, 4);
      Tensor sum = x.intMatMul(w, 0);
      assertArrayEquals(new int[] {-14742}, sum.toInts());
      double worth = 0.02 * 0.005;
      FixedPoint fixed = FixedPoint.of(new double[] {worth / 0.05});
      Tensor bias = Tensor.of(new int[] {(int) Math.rint(0.3 / worth)}, 1);
      Tensor q =
          sum.requantize(
              bias,
              Tensor.of(fixed.multipliers(), 1),
              Tensor.of(fixed.shifts(), 1),
              -118,
              -128,
              127);
      // y = -1.1742, y / 0.05 = -23.48, -23 + 10 is below 0: the lowest.
      assertArrayEquals(new int[] {-128}, q.toInts());
      Tensor free =
          sum.requantize(
              bias, Tensor.of(fixed.multipliers(), 1), Tensor.of(fixed.shifts(), 1), 0, -128, 127);
      assertArrayEquals(new int[] {-23}, free.toInts());
    }
  }

  @Test
  void tiesGoToEven() {
    try (TensorScope _ = TensorScope.open()) {
      int[] sums = {-7, -6, -5, -3, -1, 0, 1, 2, 3, 5, 6, 7};
      Tensor zero = Tensor.of(new int[1], 1);
      Tensor half = Tensor.of(new int[] {1}, 1);
      Tensor q = Tensor.of(sums, sums.length, 1).requantize(zero, half, half, 0, -128, 127);
      assertArrayEquals(new int[] {-4, -3, -2, -2, 0, 0, 0, 1, 2, 2, 3, 4}, q.toInts());
    }
  }

  @Test
  void factorsInFixedPoint() {
    double[] factors = {
      1, 0.75, 1e-3, 123.456, 0x1p-40, Math.nextDown(1.0), 3e-7, Math.nextDown(0x1p31)
    };
    FixedPoint fixed = FixedPoint.of(factors);
    for (int c = 0; c < factors.length; c++) {
      double got = fixed.multipliers()[c] * Math.pow(2, -fixed.shifts()[c]);
      assertEquals(factors[c] < 0x1p-33 ? 0 : factors[c], got, factors[c] * 0x1p-30);
      assertTrue(fixed.shifts()[c] >= 0 && fixed.shifts()[c] <= 62);
    }
    assertThrows(IllegalArgumentException.class, () -> FixedPoint.of(new double[] {0}));
  }

  /// Powers of two as scales, and a bias on the grid: not one bit may differ.
  @Test
  void whereFloatsAreExactTheTwoAgreeExactly() {
    try (TensorScope _ = TensorScope.open();
        Linear one = new Linear(Build.cpu(1), 24, 16, false);
        Linear two = new Linear(Build.cpu(2), 16, 8, false)) {
      // Weights n / 128 with |n| <= 127 and a 127 in each row; activations in [-1, 127/128].
      for (Linear layer : List.of(one, two)) {
        float[] w = layer.weight().value().toFloats();
        int in = (int) layer.weight().value().dim(1);
        for (int i = 0; i < w.length; i++) {
          w[i] = i % in == 0 ? 127 / 128f : Math.round(w[i] * 500 % 127) / 128f;
        }
        layer
            .weight()
            .variable()
            .set(Tensor.of(w, w.length).reshape(layer.weight().value().shape()));
      }
      List<FloatLayer> layers =
          List.of(FloatLayer.of(one, null, true), FloatLayer.of(two, null, false));
      Range unit = Range.whole(-1, 127 / 128f);
      Range eight = Range.whole(0, 255 / 32f);
      float[] x = normal(4, 64 * 24).toFloats();
      for (int i = 0; i < x.length; i++) {
        x[i] = Math.clamp(Math.round(x[i] * 60), -128, 127) / 128f;
      }
      try (IntegerNetwork network = new IntegerNetwork(layers, List.of(unit, eight))) {
        Tensor input = Tensor.of(x, 64, 24);
        assertArrayEquals(network.fake(input).toFloats(), network.forward(input).toFloats());
      }
    }
  }

  /// A convolutional network with batch norms that have seen data.
  @Test
  void aTrainedNetworkKeepsItsAnswers() {
    Build build = Build.cpu(7);
    try (TensorScope _ = TensorScope.open();
        Conv2d conv1 = new Conv2d(build.child("a"), 3, 9, 3, 1, 1);
        BatchNorm norm1 = new BatchNorm(build.child("b"), 9);
        Conv2d conv2 = new Conv2d(build.child("c"), 9, 17, 3, 2, 1);
        BatchNorm norm2 = new BatchNorm(build.child("d"), 17);
        Conv2d conv3 = new Conv2d(build.child("e"), 17, 5, 1, 1, 0)) {
      for (int i = 0; i < 30; i++) {
        Tensor x = normal(100 + i, 8, 9, 9, 3);
        Tensor y = norm1.forward(conv1.forward(x)).relu();
        norm2.forward(conv2.forward(y));
      }
      norm1.eval();
      norm2.eval();
      List<FloatLayer> layers =
          List.of(
              FloatLayer.of(conv1, norm1, true),
              FloatLayer.of(conv2, norm2, true),
              FloatLayer.of(conv3, null, false));
      Tensor x = normal(5, 16, 9, 9, 3);
      Tensor plain =
          conv3.forward(
              norm2.forward(conv2.forward(norm1.forward(conv1.forward(x)).relu())).relu());
      Tensor folded = x;
      Calibration calibration = new Calibration(layers);
      for (FloatLayer layer : layers) {
        folded = layer.forward(folded);
      }
      assertArrayEquals(plain.toFloats(), folded.toFloats(), 1e-4f);
      calibration.observe(x);
      try (IntegerNetwork network = calibration.toIntegers()) {
        assertEquals(3, network.layers());
        assertEquals(9 * 27 + 17 * 81 + 5 * 17, network.weightBytes());
        steps(network, x);
        double[] got = network.forward(x).toDoubles();
        double[] want = plain.toDoubles();
        double error = 0;
        double power = 0;
        for (int i = 0; i < got.length; i++) {
          error += (got[i] - want[i]) * (got[i] - want[i]);
          power += want[i] * want[i];
        }
        assertTrue(error < 1e-3 * power, "noise " + error / power);
      }
    }
  }

  /// Layer by layer from the same integers: one step apart at most, and hardly ever.
  private static void steps(IntegerNetwork network, Tensor x) {
    Tensor q = network.quantize(x);
    for (int i = 0; i < network.layers() - 1; i++) {
      Tensor next = network.step(i, q);
      Tensor fake = network.onInputGrid(i + 1, network.fakeStep(i, network.value(i, q)));
      int[] a = next.toInts();
      int[] b = fake.toInts();
      int off = 0;
      for (int k = 0; k < a.length; k++) {
        assertTrue(Math.abs(a[k] - b[k]) <= 1, a[k] + " and " + b[k]);
        off += a[k] == b[k] ? 0 : 1;
      }
      assertTrue(off <= a.length / 200, off + " of " + a.length);
      q = next;
    }
  }

  @Test
  void saysWhatIsWrong() {
    assertEquals(
        "[calibration] needs at least one layer",
        assertThrows(IllegalArgumentException.class, () -> new Calibration(List.of()))
            .getMessage());
    try (Conv2d grouped =
        new Conv2d(
            Build.cpu(1),
            2,
            2,
            1,
            ibrik.tensor.op.Conv2dGeometry.of(1, 0).grouped(2),
            false,
            ibrik.nn.init.Init.constant(1))) {
      assertEquals(
          "[float_layer] groups must be 1; got 2",
          assertThrows(IllegalArgumentException.class, () -> FloatLayer.of(grouped, null, false))
              .getMessage());
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new ibrik.tensor.op.Quantize.QuantizeInt8(QuantGrid.unsigned(8), 0));
  }
}
