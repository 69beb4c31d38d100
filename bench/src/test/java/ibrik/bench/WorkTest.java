package ibrik.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Conv3dGeometry;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.Layout;
import ibrik.tensor.op.Linear;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Pool;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import ibrik.tensor.op.Reduce;
import ibrik.tensor.op.Redundancy;
import ibrik.tensor.op.Similarity;
import ibrik.tensor.op.Transport;
import ibrik.tensor.op.Update;
import ibrik.tensor.op.Video;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkTest {
  private static TensorSpec f32(long... dims) {
    return new TensorSpec(DType.F32, Shape.of(dims));
  }

  @Test
  void matMulCountsTwoPerProduct() {
    // 2 batches of [3,4] x [4,5]: 2 * 2*3*5*4 flops; 24 + 20 + 30 floats, b shared.
    assertEquals(
        new Work(240, 4 * (24 + 20 + 30)),
        Work.of(new Linear.MatMul(false, false), List.of(f32(2, 3, 4), f32(1, 4, 5))));
    assertEquals(
        new Work(240, 4 * (24 + 20 + 30)),
        Work.of(new Linear.MatMul(true, true), List.of(f32(2, 4, 3), f32(1, 5, 4))));
  }

  @Test
  void theThreeConvolutionsOfALayerDoTheSameWork() {
    Conv2dGeometry g = Conv2dGeometry.of(2, 1).grouped(2);
    TensorSpec x = f32(2, 8, 6, 4);
    TensorSpec w = f32(10, 3, 3, 2);
    TensorSpec y = f32(2, 4, 3, 10);
    Work work = new Work(2 * 240 * 18, 4 * (384 + 180 + 240));
    assertEquals(work, Work.of(new Linear.Conv2d(g), List.of(x, w)));
    assertEquals(work, Work.of(new Linear.Conv2dBackwardData(g, 8, 6), List.of(y, w)));
    assertEquals(work, Work.of(new Linear.Conv2dBackwardWeight(g, 3, 3), List.of(x, y)));
  }

  @Test
  void theThreeConvolutionsOfAVideoDoTheSameWork() {
    Conv3dGeometry g = new Conv3dGeometry(1, 1, 1, Conv2dGeometry.of(2, 1).grouped(2));
    TensorSpec x = f32(5, 2, 8, 6, 4);
    TensorSpec w = f32(10, 3, 3, 3, 2);
    TensorSpec y = f32(5, 2, 4, 3, 10);
    Work work = new Work(2 * 1200 * 27 * 2, 4 * (1920 + 540 + 1200));
    assertEquals(work, Work.of(new Video.Conv3d(g), List.of(x, w)));
    assertEquals(work, Work.of(new Video.Conv3dBackwardData(g, 2, 8, 6), List.of(y, w)));
    assertEquals(work, Work.of(new Video.Conv3dBackwardWeight(g, 3, 3, 3), List.of(x, y)));
    assertEquals(129_600.0 / 14_640, work.intensity(), 1e-12);
  }

  @Test
  void fakeQuantisationReadsAndWritesOnce() {
    QuantGrid grid = QuantGrid.signed(8);
    assertEquals(
        new Work(7 * 15, 4 * (15 + 3 + 1 + 15)),
        Work.of(new Quantize.FakeQuantize(grid, 0), List.of(f32(3, 5), f32(3), f32())));
    assertEquals(
        new Work(7 * 15, 4 * (15 + 3 + 1 + 15 + 15)),
        Work.of(
            new Quantize.FakeQuantizeBackward(grid, 0),
            List.of(f32(3, 5), f32(3), f32(), f32(3, 5))));
  }

  @Test
  void activationsOfBinaryNetworksReadAndWriteOnce() {
    TensorSpec x = f32(3, 5);
    TensorSpec c = f32(5);
    assertEquals(
        new Work(2 * 15, 4 * (15 + 5 + 15)),
        Work.of(new Binary.RSign(Binary.Signs.SIGN2, Binary.Surrogate.CLIP), List.of(x, c)));
    assertEquals(
        new Work(8 * 15, 4 * (15 + 5 + 5 + 15 + 15 + 3 * 5)),
        Work.of(new Binary.RPReluBackward(), List.of(x, c, c, x)));
  }

  @Test
  void packedConvolutionsCountAsThoseOfFloats() {
    TensorSpec x = new TensorSpec(DType.I32, Shape.of(2, 4, 6, 2));
    TensorSpec w = new TensorSpec(DType.I32, Shape.of(5, 3, 3, 2));
    Conv2dGeometry g = Conv2dGeometry.of(1, 1);
    assertEquals(
        new Work(2 * 240 * 9 * 40, 4 * (96 + 90 + 5 + 240)),
        Work.of(new Binary.XnorConv2d(g, 40, Binary.Outside.ZERO), List.of(x, w, f32(5))));
    assertEquals(
        new Work(48 * 40, 4 * (48 * 40 + 48 * 2)),
        Work.of(new Binary.PackSigns(), List.of(f32(2, 4, 6, 40))));
  }

  @Test
  void sinkhornCountsTwoProductsPerIteration() {
    assertEquals(
        new Work(4 * 3 * 35, 4 * 2 * 35),
        Work.of(new Transport.SinkhornKnopp(0.05, 3), List.of(f32(5, 7))));
  }

  @Test
  void lossesCountTheirProducts() {
    TensorSpec z = f32(3, 5);
    long row = 4 * 6;
    assertEquals(
        new Work(2 * 6 * 6 * 5, 4 * 30 + row), Work.of(new Similarity.NtXent(1), List.of(z, z)));
    assertEquals(
        new Work(4 * 6 * 6 * 5, 4 * 60 + 2 * row),
        Work.of(new Similarity.NtXentBackward(1), List.of(z, z, f32(6), f32(6))));
    assertEquals(
        new Work(2 * 3 * 7 * 5, 4 * (15 + 15 + 35 + 3)),
        Work.of(new Similarity.InfoNce(1), List.of(z, z, f32(7, 5))));
    assertEquals(
        new Work(4 * 3 * 7 * 5, 4 * (15 + 15 + 35 + 3 + 3 + 15)),
        Work.of(new Similarity.InfoNceBackwardQuery(1), List.of(z, z, f32(7, 5), f32(3), f32(3))));
    assertEquals(
        new Work(2 * 3 * 5 * 5, 4 * (15 + 15 + 5)),
        Work.of(new Redundancy.BarlowTwins(1, 1), List.of(z, z)));
    assertEquals(
        new Work(3 * 2 * 3 * 5 * 5, 4 * (15 + 15 + 5 + 30)),
        Work.of(new Redundancy.BarlowTwinsBackward(1, 1), List.of(z, z, f32(5))));
    assertEquals(
        new Work(2 * 3 * 5 * 5, 4 * (15 + 5)),
        Work.of(new Redundancy.VicregCovariance(), List.of(z)));
  }

  @Test
  void opsThatWaitForMemoryCountByTheElement() {
    TensorSpec x = f32(3, 5);
    assertEquals(
        new Work(15, 4 * 45), Work.of(new Elementwise.Add(), List.of(x, x)), "two in, one out");
    assertEquals(
        new Work(15, 4 * (15 + 5)), Work.of(new Reduce.Sum(List.of(0), false), List.of(x)));
    assertEquals(new Work(5 * 15, 4 * 30), Work.of(new Normalize.Softmax(), List.of(x)));
    assertEquals(
        new Work(6 * 15, 4 * (15 + 5 + 5 + 15 + 5 + 5)),
        Work.of(new Normalize.BatchNorm(1e-5), List.of(x, f32(5), f32(5))));
    assertEquals(
        new Work(8 * 15, 4 * (15 + 5 + 5 + 15 + 15 + 5 + 5)),
        Work.of(new Normalize.BatchNormRelu(1e-5, true), List.of(x, f32(5), f32(5), x)));
    assertEquals(
        new Work(10 * 15, 4 * (15 + 5 + 5 + 5 + 15 + 15 + 15 + 5 + 5 + 15)),
        Work.of(
            new Normalize.BatchNormReluBackward(1e-5, true),
            List.of(x, f32(5), f32(5), f32(5), x, x)));
    assertEquals(
        new Work(9 * 2 * 2 * 2, 4 * (2 * 4 * 4 + 8)),
        Work.of(new Pool.AvgPool2d(3, 3, Conv2dGeometry.of(2, 1)), List.of(f32(1, 4, 4, 2))));
    assertEquals(new Work(0, 4 * 30), Work.of(new Layout.Transpose(List.of(1, 0)), List.of(x)));
    TensorSpec half = x.with(DType.BF16);
    assertEquals(
        new Work(8 * 15, 2 * (15 + 15 + 15) + 4 * (5 + 5 + 5 + 5)),
        Work.of(new Normalize.BatchNormRelu(1e-5, true), List.of(half, f32(5), f32(5), half)));
  }

  @Test
  void updatesReadAndWriteTheirTargets() {
    // Two targets and two sources of 4 and 6, tau; targets are written, too.
    assertEquals(
        new Work(3 * 10, 4 * (10 + 10 + 1 + 10)),
        Work.of(new Update.Ema(2), List.of(f32(4), f32(6), f32(4), f32(6), f32())));
    assertEquals(
        new Work(6 * 4, 4 * (12 + 1 + 8)),
        Work.of(new Update.Sgd(0.9, false, List.of(0.0)), List.of(f32(4), f32(4), f32(4), f32())));
  }

  @Test
  void anOpWithoutAFormulaSaysSo() {
    QuantGrid grid = QuantGrid.signed(8);
    List<TensorSpec> in = List.of(f32(2), f32(), f32());
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> Work.of(new Quantize.LearnedFakeQuantize(grid, 0, 1), in));
    assertEquals(
        "[learned_fake_quantize] has no formula for its work; add a row to Work.of",
        thrown.getMessage());
  }
}
