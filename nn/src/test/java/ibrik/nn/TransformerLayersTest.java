package ibrik.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.nn.init.Init;
import ibrik.tensor.DType;
import ibrik.tensor.Device;
import ibrik.tensor.Shape;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.TensorSpec;
import ibrik.tensor.Tensors;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Patches, norms and attention against loops and values by hand.
@ExtendWith(NoLeaks.class)
class TransformerLayersTest {
  private static Tensor normal(long stream, long... dims) {
    return Tensors.normal(
        new TensorSpec(DType.F32, Shape.of(dims)), 0, 1, Tensors.key(7, stream, Device.CPU));
  }

  @Test
  void patchesAreCutRowByRow() {
    try (TensorScope _ = TensorScope.open();
        PatchEmbed embed = new PatchEmbed(Build.cpu(1), 2, 1, 1, true, Init.constant(1))) {
      Tensor x = Tensors.iota(24, DType.F32, Device.CPU).reshape(1, 4, 6, 1);
      // Sums of 2x2 blocks of 0 1 2 3 4 5 / 6 7 ...
      Tensor y = embed.forward(x);
      assertEquals(Shape.of(1, 6, 1), y.shape());
      assertArrayEquals(new float[] {14, 22, 30, 62, 70, 78}, y.toFloats());
      assertEquals(0, embed.parameters().size(), "frozen");
      assertEquals(List.of("weight", "bias"), List.copyOf(embed.stateDict().keySet()));
      assertEquals(
          "[patch_embed] the patch size must divide the image; got patch 2 and x: f32[1,4,5,1];"
              + " choose another patch size or crop size",
          assertThrows(IllegalArgumentException.class, () -> embed.forward(normal(1, 1, 4, 5, 1)))
              .getMessage());
    }
  }

  @Test
  void normStartsAtMeanZeroAndVarianceOne() {
    try (TensorScope _ = TensorScope.open();
        LayerNorm norm = new LayerNorm(Build.cpu(1), 3);
        Gelu gelu = new Gelu(Build.cpu(1))) {
      float[] y = norm.forward(Tensor.of(new float[] {1, 2, 3}, 1, 3)).toFloats();
      float end = (float) Math.sqrt(1.5);
      assertArrayEquals(new float[] {-end, 0, end}, y, 1e-5f);
      assertEquals(0.8413447f, gelu.forward(Tensor.of(new float[] {1}, 1)).toFloats()[0], 1e-6f);
    }
  }

  /// Token by token and head by head in plain loops.
  @Test
  void attentionAgreesWithLoops() {
    int tokens = 5;
    int width = 6;
    int heads = 2;
    try (TensorScope _ = TensorScope.open();
        MultiHeadAttention attention =
            new MultiHeadAttention(Build.cpu(1), width, heads, Init.normal(0.7))) {
      Tensor x = normal(1, 2, tokens, width);
      List<Parameter> p = attention.parameters();
      Tensor[] maps = new Tensor[3];
      for (int i = 0; i < 3; i++) {
        maps[i] = x.matMul(p.get(2 * i).value(), false, true);
      }
      float[] q = maps[0].toFloats();
      float[] k = maps[1].toFloats();
      float[] v = maps[2].toFloats();
      int size = width / heads;
      float[] joined = new float[q.length];
      for (int n = 0; n < 2; n++) {
        for (int h = 0; h < heads; h++) {
          for (int t = 0; t < tokens; t++) {
            double[] weight = new double[tokens];
            double sum = 0;
            for (int s = 0; s < tokens; s++) {
              double dot = 0;
              for (int d = h * size; d < (h + 1) * size; d++) {
                dot += q[(n * tokens + t) * width + d] * k[(n * tokens + s) * width + d];
              }
              weight[s] = Math.exp(dot / Math.sqrt(size));
              sum += weight[s];
            }
            for (int s = 0; s < tokens; s++) {
              for (int d = h * size; d < (h + 1) * size; d++) {
                joined[(n * tokens + t) * width + d] +=
                    (float) (weight[s] / sum * v[(n * tokens + s) * width + d]);
              }
            }
          }
        }
      }
      Tensor want = Tensor.of(joined, 2, tokens, width).matMul(p.get(6).value(), false, true);
      assertArrayEquals(want.toFloats(), attention.forward(x).toFloats(), 1e-4f);
    }
  }

  @Test
  void headsMustDivideTheWidth() {
    assertEquals(
        "[multi_head_attention] heads must divide the width; got 4 heads, width 6",
        assertThrows(
                IllegalArgumentException.class,
                () -> new MultiHeadAttention(Build.cpu(1), 6, 4, Init.constant(0)))
            .getMessage());
  }

  @Test
  void aBlockOfZeroWeightsIsTheIdentity() {
    try (TensorScope _ = TensorScope.open();
        TransformerBlock block =
            new TransformerBlock(Build.cpu(1), 8, 2, 16, 0.5, Init.constant(0))) {
      Tensor x = normal(1, 3, 4, 8);
      assertArrayEquals(x.toFloats(), block.forward(x).toFloats());
    }
  }
}
