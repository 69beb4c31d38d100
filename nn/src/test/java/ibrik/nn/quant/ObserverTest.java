package ibrik.nn.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.backend.Backends;
import ibrik.tensor.op.QuantGrid;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObserverTest {
  @AfterEach
  void nothingLeaks() {
    assertEquals(0, Backends.of(Device.CPU).memory(0).liveBytes(), "live tensor bytes");
  }

  private static void observe(Observer observer, float... values) {
    try (TensorScope _ = TensorScope.open()) {
      observer.observe(Tensor.of(values));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 2, 0, 255, false, .0117647059, 85",
    "-1, 2, -128, 127, true, .0156862745, 0",
    ".5, 2, 0, 255, false, .0078431373, 0",
    "-3, -1, 0, 255, false, .0117647059, 255",
    "0, 0, 0, 255, false, 1.1920929e-7, 0",
    "-.4, 1.1, 0, 15, false, .1, 4",
    "-1, 2, 0, 255, true, .0156862745, 128",
    "Infinity, -Infinity, 0, 255, false, 1, 0",
    "Infinity, -Infinity, 0, 255, true, 1, 0",
  })
  void parametersOfARange(
      float min, float max, int low, int high, boolean symmetric, float scale, float zero) {
    QuantGrid grid = new QuantGrid(low, high, false, false);
    try (TensorScope _ = TensorScope.open()) {
      Range range = Range.whole(min, max);
      Range.Parameters p =
          symmetric ? range.symmetric(grid, Device.CPU) : range.affine(grid, Device.CPU);
      assertEquals(scale, p.scale().item(), Math.ulp(scale));
      assertEquals(zero, p.zero().item());
      assertEquals(0, p.scale().rank());
    }
  }

  /// SSQL includes no 0 and has no least scale.
  @Test
  void parametersAsSsqlTakesThem() {
    try (TensorScope _ = TensorScope.open()) {
      QuantGrid two = QuantGrid.unsigned(2);
      Range.Parameters p = Range.whole(-.4f, 1.1f).ssqlAffine(two, Device.CPU);
      assertEquals(.5f, p.scale().item());
      assertEquals(1, p.zero().item());
      p = Range.whole(-.4f, 1.1f).ssqlAffine(QuantGrid.unsigned(4), Device.CPU);
      assertEquals(.1f, p.scale().item());
      assertEquals(4, p.zero().item());
      p = Range.whole(3, 6).ssqlAffine(two, Device.CPU);
      assertEquals(-3, p.zero().item());
      p = Range.whole(-.2f, .9f).ssqlSymmetric(QuantGrid.signed(4), Device.CPU);
      assertEquals(.12f, p.scale().item());
      p =
          Range.perChannel(new float[] {-3, 0}, new float[] {1.5f, 0})
              .ssqlSymmetric(QuantGrid.signed(2), Device.CPU);
      assertArrayEquals(new float[] {2, 0}, p.scale().toFloats());
      assertArrayEquals(new float[] {0, 0}, p.zero().toFloats());
    }
  }

  @Test
  void extremesAndTheirMovingAverage() {
    MinMaxObserver running = MinMaxObserver.whole();
    MinMaxObserver moving = running.moving(.01);
    float[][] batches = {{-1, 2}, {-2, 1}, {-.5f, 4}};
    float[][] averages = {{-1, 2}, {-1.01f, 1.99f}, {-1.0049f, 2.0101f}};
    float[][] extremes = {{-1, 2}, {-2, 2}, {-2, 4}};
    for (int i = 0; i < batches.length; i++) {
      observe(running, batches[i][0], 0, batches[i][1]);
      observe(moving, batches[i][0], 0, batches[i][1]);
      assertEquals(extremes[i][0], running.range().min(0));
      assertEquals(extremes[i][1], running.range().max(0));
      assertEquals(averages[i][0], moving.range().min(0), 1e-6);
      assertEquals(averages[i][1], moving.range().max(0), 1e-6);
    }
    running.reset();
    assertTrue(running.range().min(0) > running.range().max(0), "unset again");
    observe(running, 5);
    assertEquals(5, running.range().min(0));
  }

  @Test
  void channelsHaveRangesOfTheirOwn() {
    MinMaxObserver observer = MinMaxObserver.perChannel(1);
    try (TensorScope _ = TensorScope.open()) {
      observer.observe(Tensor.of(new float[] {1, -2, 3, 4, 5, -6}, 2, 3));
      observer.observe(Tensor.of(new float[] {0, 0, 9}, 1, 3));
      Range range = observer.range();
      assertEquals(3, range.count());
      assertArrayEquals(
          new float[] {0, -2, -6}, new float[] {range.min(0), range.min(1), range.min(2)});
      assertArrayEquals(
          new float[] {4, 5, 9}, new float[] {range.max(0), range.max(1), range.max(2)});
      assertEquals(1, range.affine(QuantGrid.signed(8), Device.CPU).scale().rank());
      Tensor other = Tensor.of(new float[4], 1, 4);
      assertMessage(
          "[observer] x must have 3 channels along axis 1; got x: f32[1,4]",
          () -> observer.observe(other));
    }
  }

  @Test
  void outliersAreCutOff() {
    float[] values = new float[20_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i % 2 == 0 ? 1 : -1) * i / 20_000f;
    }
    values[7] = 100;
    values[8] = -50;
    // 1e-4 of 20,000: the two largest magnitudes; the second of them bounds the range.
    PercentileObserver observer = new PercentileObserver(1e-4);
    observe(observer, values);
    assertEquals(-50, observer.range().min(0));
    assertEquals(50, observer.range().max(0));
    observer = new PercentileObserver(1.5e-4);
    observe(observer, values);
    assertEquals(-19_999 / 20_000f, observer.range().min(0));
    assertEquals(19_999 / 20_000f, observer.range().max(0));
    observer.reset();
    observe(observer, 1, 2, 30); // too few to cut off
    assertEquals(30, observer.range().max(0));
    assertEquals(1, observer.range().min(0));
  }

  /// Two bits: 90 % of the largest number cost 0.085, all of it 0.1.
  @Test
  void shrinksToTheLeastError() {
    QuantGrid grid = QuantGrid.unsigned(2);
    float[] x = {.1f, .2f, .3f, .4f, .5f, .6f, .7f, 3};
    MseObserver observer = new MseObserver(grid, false, 2);
    observe(observer, x);
    assertEquals(2.7, observer.range().max(0), 1e-6);
    try (TensorScope _ = TensorScope.open()) {
      Tensor values = Tensor.of(x);
      for (double[] want : new double[][] {{2.7, .9, .085}, {3, 1, .1}}) {
        Range.Parameters p = Range.whole(.1f, (float) want[0]).affine(grid, Device.CPU);
        assertEquals(want[1], p.scale().item(), 1e-6);
        Tensor off = values.fakeQuantize(p.scale(), p.zero(), grid).sub(values);
        assertEquals(want[2], off.square().mean().item(), 1e-6);
      }
    }
    observer.reset();
    assertTrue(observer.range().min(0) > observer.range().max(0));
  }

  @Test
  void aTapeSeesNothing() {
    MseObserver observer = new MseObserver(QuantGrid.signed(8), true, 2.4);
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {1, -2, 3});
      try (Tape.Run run =
          Tape.record(
              () -> {
                observer.observe(x);
                return x.sum();
              })) {
        assertEquals(1, run.nodes().size());
        assertArrayEquals(new double[] {1, 1, 1}, run.gradients(List.of(x)).getFirst().toDoubles());
      }
    }
  }

  @Test
  void wrongArgumentsSaySo() {
    assertMessage(
        "[observer] axis must not be negative; got -1", () -> MinMaxObserver.perChannel(-1));
    assertMessage(
        "[observer] rate must be in (0, 1]; got 0.0", () -> MinMaxObserver.whole().moving(0));
    assertMessage(
        "[observer] fraction must be in [0, 1); got 1.0", () -> new PercentileObserver(1));
    assertMessage(
        "[observer] power must be positive; got 0.0",
        () -> new MseObserver(QuantGrid.signed(8), true, 0));
    assertMessage(
        "[range] min and max must have one length; got 1 and 2",
        () -> Range.perChannel(new float[1], new float[2]));
    try (TensorScope _ = TensorScope.open()) {
      Tensor none = Tensor.of(new float[0]);
      assertMessage(
          "[observer] x must not be empty; got x: f32[0]",
          () -> MinMaxObserver.whole().observe(none));
    }
  }

  private static void assertMessage(String text, org.junit.jupiter.api.function.Executable body) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, body).getMessage());
  }
}
