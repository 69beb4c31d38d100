package ibrik.ssl.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ibrik.nn.Build;
import ibrik.nn.Module;
import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultiCropTest extends MethodTest {
  /// The mean of each image, and a note of what came in.
  private static final class Means extends Module {
    final List<String> seen = new ArrayList<>();

    Means() {
      super(Build.cpu(0));
    }

    @Override
    public Tensor forward(Tensor x) {
      seen.add(x.shape().toString());
      return x.globalAvgPool2d();
    }
  }

  /// Runs of one size go through together; a size that comes back has a pass of its own.
  @Test
  void onePassPerSize() {
    try (TensorScope _ = TensorScope.open();
        Means means = new Means()) {
      List<Tensor> views = crops(2, 0, 4, 4, 3, 3, 3, 4);
      Tensor all = MultiCrop.encode(means, views);
      assertEquals(List.of("[4,4,4,3]", "[6,3,3,3]", "[2,4,4,3]"), means.seen);
      Tensor apart =
          LayoutOps.concat(0, views.stream().map(view -> view.globalAvgPool2d()).toList());
      assertArrayEquals(apart.toFloats(), all.toFloats());
      List<Tensor> split = MultiCrop.split(all, 6);
      assertArrayEquals(views.get(3).globalAvgPool2d().toFloats(), split.get(3).toFloats());
    }
  }

  /// Norms of the encoder see one size at a time: each pass has mean 0, which one pass over all
  /// views would not give.
  @Test
  void normsSeeOneSizeAtATime() {
    try (TensorScope _ = TensorScope.open();
        Pooled encoder = new Pooled(Build.cpu(3))) {
      Tensor large = crops(8, 0, 4).getFirst();
      Tensor small = crops(8, 1, 2).getFirst().add(5);
      float[] y = MultiCrop.encode(encoder, List.of(large, small)).toFloats();
      for (int pass = 0; pass < 2; pass++) {
        int from = pass * y.length / 2;
        double sum = 0;
        for (float value : Arrays.copyOfRange(y, from, from + y.length / 2)) {
          sum += value;
        }
        assertEquals(0, sum, 1e-4);
      }
    }
  }

  @Test
  void rowsMustBeAMultiple() {
    try (TensorScope _ = TensorScope.open()) {
      rejects(
          "[multi_crop] rows must be a multiple of the views; got f64[5,2] of 2 views",
          () -> MultiCrop.split(normal64(0, 5, 2), 2));
    }
  }

  @Test
  void prototypesStayOnTheSphere() {
    try (TensorScope _ = TensorScope.open();
        Prototypes prototypes = new Prototypes(Build.cpu(5), 4, 3)) {
      Tensor start = prototypes.weight().value().mul(1);
      for (double square : start.square().sum(List.of(1), false).toDoubles()) {
        assertEquals(1, square, 1e-6);
      }
      prototypes.weight().variable().set(start.mul(7));
      prototypes.normalize();
      assertArrayEquals(start.toFloats(), prototypes.weight().value().toFloats(), 1e-6f);
      Tensor z = Tensor.of(normals(6, 0), 2, 3);
      assertArrayEquals(
          z.matMul(start, false, true).toFloats(), prototypes.forward(z).toFloats(), 1e-6f);
      rejects(
          "[config] prototypes must be at least 1; got 0",
          () -> new Prototypes(Build.cpu(5), 0, 3));
    }
  }
}
