package ibrik.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import ibrik.tensor.exec.Eval;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Loss;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.QuantGrid;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Tensors of more than 2^31 bytes: what lies on both sides of that limit, and at the end, must be
/// what the op makes of these rows alone. Needs 12 GiB, so it runs on request only: `mvn verify
/// -Dibrik.test.huge=true`.
@Tag("huge")
@EnabledIfSystemProperty(named = "ibrik.test.huge", matches = "true")
class HugeTest {
  /// Rows at the limit and at the end that are compared.
  private static final int LOOK = 3;

  private static final Conv2dGeometry SAME = Conv2dGeometry.of(1, 1);

  /// Ops that see every row, or image, alone.
  enum ByRow {
    ADD(24, x -> x.add(x)),
    ADD_ROW(24, x -> x.add(Tensors.uniform(spec(24), 0, 1, Tensors.key(2, 0, Device.CPU)))),
    RELU(24, Tensor::relu),
    EXP(24, Tensor::exp),
    COMPARE(24, x -> x.greater(x.mul(0.5))),
    SUM(24, x -> x.sum(List.of(-1), false)),
    ARG_MAX(24, x -> x.argMax(-1)),
    SOFTMAX(1000, Tensor::softmax),
    LOG_SOFTMAX(1000, Tensor::logSoftmax),
    L2_NORMALIZE(24, Tensor::l2Normalize),
    LAYER_NORM(24, x -> x.layerNorm(1e-5)),
    GELU(24, Tensor::gelu),
    NARROW(24, x -> x.narrow(1, 5, 7)),
    CAST(24, x -> x.cast(DType.I32)),
    MAT_MUL(64, x -> x.matMul(Tensors.normal(spec(64, 8), 0, 1, Tensors.key(3, 0, Device.CPU)))),
    SIGNS(24, x -> x.signBinarize(Binary.Signs.SIGN2, Binary.Surrogate.CLIP)),
    PACK_SIGNS(24, Tensor::packSigns),
    FAKE_QUANTIZE(
        24, x -> x.fakeQuantize(Tensor.scalar(0.01f), Tensor.scalar(3f), QuantGrid.signed(8))),
    CROSS_ENTROPY(
        24,
        x ->
            x.softmaxCrossEntropy(
                Tensors.full(new TensorSpec(DType.I32, Shape.of(x.dim(0))), 7, Device.CPU))),
    MAX_POOL(16 * 16 * 8, x -> images(x).maxPool2d(3, 2, 1)),
    CONV2D(
        16 * 16 * 8,
        x ->
            images(x)
                .conv2d(
                    Tensors.normal(spec(5, 3, 3, 8), 0, 1, Tensors.key(4, 0, Device.CPU)), SAME));

    private final long width;
    private final UnaryOperator<Tensor> op;

    ByRow(long width, UnaryOperator<Tensor> op) {
      this.width = width;
      this.op = op;
    }
  }

  private static TensorSpec spec(long... dims) {
    return new TensorSpec(DType.F32, Shape.of(dims));
  }

  private static Tensor images(Tensor x) {
    return x.reshape(x.dim(0), 16, 16, 8);
  }

  /// So many rows that the last ones lie behind 2^31 bytes.
  private static long rows(long width) {
    return (1L << 29) / width + 2 * LOOK + 1;
  }

  private static Tensor huge(long width) {
    return Tensors.uniform(spec(rows(width), width), -1, 1, Tensors.key(1, 0, Device.CPU));
  }

  @ParameterizedTest
  @EnumSource
  void rowsOnBothSidesOfTheLimitAreAsIfAlone(ByRow one) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = huge(one.width);
      Tensor y = one.op.apply(x);
      long limit = (1L << 29) / one.width;
      for (long first : new long[] {0, limit - LOOK, limit - 1, x.dim(0) - LOOK}) {
        Tensor alone = one.op.apply(x.narrow(0, first, LOOK));
        assertEquals(text(alone), text(y.narrow(0, first, LOOK)), one + " at row " + first);
      }
    }
  }

  private static String text(Tensor x) {
    return x.dtype() == DType.F32
        ? java.util.Arrays.toString(x.toFloats())
        : java.util.Arrays.toString(x.cast(DType.F64).toDoubles());
  }

  /// What is summed up over rows is that of one part, as often as there are parts.
  @Test
  void sumsOverRowsOfEqualPartsAreMultiplesOfOne() {
    int parts = 9;
    long rows = Math.ceilDiv((1L << 29) / 24, parts) + 1;
    try (TensorScope _ = TensorScope.open()) {
      Tensor part = Tensors.uniform(spec(rows, 24), -1, 1.5, Tensors.key(5, 0, Device.CPU));
      Tensor x = LayoutOps.concat(0, Collections.nCopies(parts, part));
      assertTrue(x.elems() * 4 > 1L << 31);
      near(part.sum().mul(parts), x.sum());
      near(part.sum(List.of(0), false).mul(parts), x.sum(List.of(0), false));
      near(part.max(List.of(0), false), x.max(List.of(0), false));
      Tensor scale = Tensors.full(spec(24), 1.5, Device.CPU);
      Tensor shift = Tensors.full(spec(24), 0.25, Device.CPU);
      Normalize.BatchNorm norm = new Normalize.BatchNorm(1e-5);
      List<Tensor> want = Eval.INSTANCE.apply(norm, List.of(part, scale, shift));
      List<Tensor> got = Eval.INSTANCE.apply(norm, List.of(x, scale, shift));
      near(want.get(1), got.get(1));
      near(want.get(2), got.get(2));
      near(want.get(0).narrow(0, rows - LOOK, LOOK), got.get(0).narrow(0, x.dim(0) - LOOK, LOOK));
    }
  }

  @Test
  void gradientsOfWeightsSumOverAllImages() {
    int parts = 9;
    long n = Math.ceilDiv((1L << 29) / (16 * 16 * 8), parts) + 1;
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = Tensors.uniform(spec(n, 16, 16, 8), -1, 1.5, Tensors.key(6, 0, Device.CPU));
      Tensor dy = Tensors.uniform(spec(n, 16, 16, 2), -1, 1.5, Tensors.key(7, 0, Device.CPU));
      Linear.Conv2dBackwardWeight weight = new Linear.Conv2dBackwardWeight(SAME, 3, 3);
      Tensor want = Eval.INSTANCE.apply(weight, List.of(x, dy)).getFirst().mul(parts);
      Tensor all = LayoutOps.concat(0, Collections.nCopies(parts, x));
      Tensor allDy = LayoutOps.concat(0, Collections.nCopies(parts, dy));
      near(want, Eval.INSTANCE.apply(weight, List.of(all, allDy)).getFirst());
      Tensor flat = all.reshape(all.elems() / 8, 8);
      Tensor flatDy = allDy.reshape(allDy.elems() / 2, 2);
      Tensor product = flat.matMul(flatDy, true, false);
      near(
          x.reshape(x.elems() / 8, 8).matMul(dy.reshape(dy.elems() / 2, 2), true, false).mul(parts),
          product);
    }
  }

  /// Sums of hundreds of millions of floats in other orders.
  private static void near(Tensor want, Tensor got) {
    float[] expected = want.toFloats();
    float[] actual = got.toFloats();
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1e-3 * Math.max(1, Math.abs(expected[i])), "at " + i);
    }
  }

  @Test
  void rowsAreGatheredFromAndScatteredBehindTheLimit() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = huge(24);
      int last = Math.toIntExact(x.dim(0) - 1);
      Tensor index = Tensor.of(new int[] {last, 0, last - 1}, 3);
      Tensor rows = x.gather(index);
      assertEquals(text(x.narrow(0, last, 1)), text(rows.narrow(0, 0, 1)));
      assertEquals(text(x.narrow(0, last - 1, 1)), text(rows.narrow(0, 2, 1)));
      Tensor back = rows.scatterAdd(index, x.dim(0));
      assertEquals(text(rows.narrow(0, 0, 1)), text(back.narrow(0, last, 1)));
    }
  }

  @Test
  void transposesReachBehindTheLimit() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = huge(24);
      Tensor y = x.transpose(1, 0);
      assertEquals(
          text(x.narrow(0, x.dim(0) - LOOK, LOOK).transpose(1, 0)),
          text(y.narrow(1, x.dim(0) - LOOK, LOOK)));
    }
  }

  @Test
  void gradientsOfLossesReachBehindTheLimit() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = huge(24);
      long n = x.dim(0);
      Tensor labels = Tensors.full(new TensorSpec(DType.I32, Shape.of(n)), 7, Device.CPU);
      Tensor g = Tensors.full(spec(n), 0.5, Device.CPU);
      Loss.SoftmaxCrossEntropyBackward loss = new Loss.SoftmaxCrossEntropyBackward();
      Tensor all = Eval.INSTANCE.apply(loss, List.of(x, labels, g)).getFirst();
      Tensor alone =
          Eval.INSTANCE
              .apply(
                  loss,
                  List.of(
                      x.narrow(0, n - LOOK, LOOK), labels.narrow(0, 0, LOOK), g.narrow(0, 0, LOOK)))
              .getFirst();
      assertEquals(text(alone), text(all.narrow(0, n - LOOK, LOOK)));
    }
  }
}
