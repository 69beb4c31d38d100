package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.nn.init.Init;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Conv3dGeometry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Linear, convolution and pooling layers against values by hand.
@ExtendWith(NoLeaks.class)
class LayersTest {
  private static final Build BUILD = Build.cpu(1);

  private static Tensor image(float... values) {
    int side = (int) Math.sqrt(values.length);
    return Tensor.of(values, 1, side, side, 1);
  }

  private static void set(Module layer, int parameter, float... values) {
    Parameter p = layer.parameters().get(parameter);
    p.variable().set(Tensor.of(values, values.length).reshape(p.value().shape()));
  }

  @Test
  void linearIsWeightRowsTimesInputPlusBias() {
    try (TensorScope _ = TensorScope.open();
        Linear layer = new Linear(BUILD, 2, 3, true);
        Linear plain = new Linear(BUILD, 2, 1, false)) {
      set(layer, 0, 1, 2, 3, 4, 5, 6);
      set(layer, 1, 100, 200, 300);
      Tensor x = Tensor.of(new float[] {1, 10, 0, 1}, 2, 2);
      assertArrayEquals(new float[] {121, 243, 365, 102, 204, 306}, layer.forward(x).toFloats());
      set(plain, 0, 3, 4);
      Tensor deep = plain.forward(x.reshape(1, 2, 2));
      assertEquals(Shape.of(1, 2, 1), deep.shape(), "any leading axes");
      assertArrayEquals(new float[] {43, 4}, deep.toFloats());
    }
  }

  @Test
  void convolutionWithBias() {
    try (TensorScope _ = TensorScope.open();
        Conv2d layer =
            new Conv2d(BUILD, 1, 2, 2, Conv2dGeometry.of(1, 0), true, Init.constant(1))) {
      set(layer, 1, 0.5f, -1);
      Tensor y = layer.forward(image(1, 2, 3, 4, 5, 6, 7, 8, 9));
      assertEquals(Shape.of(1, 2, 2, 2), y.shape());
      assertArrayEquals(new float[] {12.5f, 11, 16.5f, 15, 24.5f, 23, 28.5f, 27}, y.toFloats());
    }
  }

  @Test
  void convolutionOfVideos() {
    Conv3dGeometry g = new Conv3dGeometry(1, 0, 1, Conv2dGeometry.of(1, 0));
    try (TensorScope _ = TensorScope.open();
        Conv3d layer = new Conv3d(BUILD, 1, 1, 2, 1, g, true, Init.constant(1))) {
      set(layer, 1, 0.5f);
      Tensor y = layer.forward(image(1, 2, 3, 4, 5, 6, 7, 8, 9).reshape(1, 3, 1, 3, 1));
      assertEquals(Shape.of(1, 2, 1, 3, 1), y.shape());
      assertArrayEquals(new float[] {5.5f, 7.5f, 9.5f, 11.5f, 13.5f, 15.5f}, y.toFloats());
    }
    try (Conv3d layer = new Conv3d(BUILD, 3, 8, 3, 7, 2)) {
      assertEquals(Shape.of(8, 3, 7, 7, 3), layer.weight().value().shape());
      assertEquals(new Conv3dGeometry(2, 1, 1, Conv2dGeometry.of(2, 3)), layer.geometry());
      assertNull(layer.bias());
      assertTrue(layer.toString().contains("3 -> 8, 3x7x7, stride 2x2"), layer::toString);
    }
    assertEquals(
        "[conv3d] groups must divide the channels in and out; got 2 groups, 4 in, 3 out",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new Conv3d(
                        BUILD,
                        4,
                        3,
                        1,
                        1,
                        new Conv3dGeometry(1, 0, 1, Conv2dGeometry.of(1, 0).grouped(2)),
                        false,
                        Init.constant(0)))
            .getMessage());
  }

  @Test
  void groupsMustDivideTheChannels() {
    assertEquals(
        "[conv2d] groups must divide the channels in and out; got 2 groups, 4 in, 3 out",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new Conv2d(
                        BUILD,
                        4,
                        3,
                        1,
                        Conv2dGeometry.of(1, 0).grouped(2),
                        false,
                        Init.constant(0)))
            .getMessage());
  }

  @Test
  void groupedWeightsSeeTheirShareOfTheChannels() {
    try (Conv2d layer =
        new Conv2d(BUILD, 4, 6, 3, Conv2dGeometry.of(1, 1).grouped(2), false, Init.constant(0))) {
      assertEquals(Shape.of(6, 3, 3, 2), layer.parameters().getFirst().value().shape());
    }
  }

  @Test
  void pools() {
    try (TensorScope _ = TensorScope.open();
        MaxPool2d max = new MaxPool2d(BUILD, 3, 2, 1);
        AvgPool2d avg = new AvgPool2d(BUILD, 2, 1, 0);
        GlobalAvgPool global = new GlobalAvgPool(BUILD)) {
      Tensor x = image(1, 2, 3, 4, 5, 6, 7, 8, 9);
      assertArrayEquals(new float[] {5, 6, 8, 9}, max.forward(x).toFloats());
      assertArrayEquals(new float[] {3, 4, 6, 7}, avg.forward(x).toFloats());
      assertEquals(Shape.of(1, 1), global.forward(x).shape());
      assertEquals(5, global.forward(x).item());
    }
  }

  @Test
  void layersWithoutParameters() {
    try (TensorScope _ = TensorScope.open();
        Flatten flatten = new Flatten(BUILD);
        Identity identity = new Identity(BUILD);
        Relu relu = new Relu(BUILD)) {
      Tensor x = Tensor.of(new float[] {-1, 2, 3, -4}, 1, 2, 2);
      assertEquals(Shape.of(1, 4), flatten.forward(x).shape());
      assertEquals(Shape.of(0, 4), flatten.forward(x.narrow(0, 0, 0)).shape());
      assertTrue(identity.forward(x) == x);
      assertArrayEquals(new float[] {0, 2, 3, 0}, relu.forward(x).toFloats());
    }
  }

  @Test
  void sizesAreAtLeastOne() {
    assertEquals(
        "[linear] out must be at least 1; got 0",
        assertThrows(IllegalArgumentException.class, () -> new Linear(BUILD, 2, 0, true))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Conv2d(BUILD, 1, 1, 0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new BatchNorm(BUILD, 0));
  }
}
