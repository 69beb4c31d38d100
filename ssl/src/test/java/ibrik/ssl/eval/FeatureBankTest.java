package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.autograd.Tape;
import ibrik.nn.Build;
import ibrik.nn.Flatten;
import ibrik.nn.Module;
import ibrik.nn.model.Encoder;
import ibrik.nn.model.Models;
import ibrik.nn.model.ResNet;
import ibrik.ssl.augment.Augmenter;
import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.EmbeddedSets;
import ibrik.ssl.data.ImageSet;
import ibrik.tensor.Tensor;
import ibrik.tensor.Tensors;
import ibrik.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureBankTest extends EvalTest {
  private static Encoder encoder() {
    return Models.create(Build.cpu(1), "resnet8", 3, 0.25, ResNet.Stem.CIFAR, false);
  }

  @Test
  void extractRunsInEvalModeAndRestoresTrainMode() {
    DataSet cells = EmbeddedSets.cells();
    ImageSet some = cells.test().first(21);
    try (Encoder encoder = encoder()) {
      List<double[]> before =
          encoder.stateDict().values().stream().map(v -> v.value().toDoubles()).toList();
      FeatureBank bank = FeatureBank.extract(encoder, cells, some, 8);
      assertEquals(21, bank.size());
      assertEquals(encoder.featureDim(), bank.dim());
      assertEquals(3, bank.classes());
      assertEquals(some.label(5), bank.labels()[5]);
      assertTrue(encoder.training());
      int at = 0;
      for (Variable v : encoder.stateDict().values()) {
        assertArrayEquals(before.get(at++), v.value().toDoubles(), v.name());
      }
      // Batches do not matter: nothing depends on the other images.
      FeatureBank other = FeatureBank.extract(encoder, cells, some, 21);
      for (int i = 0; i < bank.features().length; i++) {
        assertEquals(bank.features()[i], other.features()[i], 1e-5);
      }
      encoder.eval();
      assertEquals(21, FeatureBank.extract(encoder, cells, some, 64).size());
      assertFalse(encoder.training());
    }
  }

  @Test
  void extractIsNotRecorded() {
    DataSet cells = EmbeddedSets.cells();
    try (Encoder encoder = encoder();
        var run =
            Tape.record(
                () -> {
                  FeatureBank.extract(encoder, cells, cells.test().first(3), 2);
                  return Tensors.onesLike(Tensor.scalar(1f));
                })) {
      assertEquals(1, run.nodes().size());
    }
  }

  /// A failing encoder is put back as well.
  @Test
  void extractRestoresAfterFailure() {
    DataSet cells = EmbeddedSets.cells();
    try (Module wrong =
        new Module(Build.cpu(1)) {
          @Override
          public Tensor forward(Tensor x) {
            return x;
          }
        }) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> FeatureBank.extract(wrong, cells, cells.test().first(3), 2))
              .getMessage();
      assertEquals("[feature_bank] the encoder must give [2, dim]; got f32[2,32,32,3]", message);
      assertTrue(wrong.training());
    }
  }

  @Test
  void pixelsAreBytesOver255() {
    DataSet cells = EmbeddedSets.cells();
    FeatureBank bank = FeatureBank.pixels(cells.test().first(4));
    assertEquals(32 * 32 * 3, bank.dim());
    assertEquals((cells.test().image(3).pixels()[100] & 0xFF) / 255f, bank.at(3, 100));
    assertEquals(cells.test().label(3), bank.labels()[3]);
  }

  @Test
  void selectConcatNormalize() {
    FeatureBank a = bank(new double[][] {{3, 4}, {0, 0}, {5, 12}}, 0, 1, 2);
    FeatureBank picked = a.select(new int[] {2, 0});
    assertArrayEquals(new float[] {5, 12, 3, 4}, picked.features());
    assertArrayEquals(new int[] {2, 0}, picked.labels());
    assertArrayEquals(new int[] {0, 1, 2, 2, 0}, a.concat(picked).labels());
    assertArrayEquals(
        new float[] {.6f, .8f, 0, 0, 5 / 13f, 12 / 13f}, a.l2Normalized().features(), 1e-7f);
  }

  @Test
  void errors() {
    assertThrows(
        IllegalArgumentException.class, () -> new FeatureBank(new float[3], 2, new int[1], 1));
    assertThrows(
        IllegalArgumentException.class, () -> new FeatureBank(new float[2], 2, new int[] {1}, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> FeatureBank.pixels(EmbeddedSets.cells().test().first(0)));
  }

  /// Features of a random view are those of the very view that training makes.
  @Test
  void augmentedViews() {
    DataSet cells = EmbeddedSets.cells();
    ImageSet some = cells.test().first(3);
    View view = Views.byolCifar().getFirst().sized(16);
    FeatureBank one = pixelsOf(cells, some, view, 0, 5);
    float[] want = new float[16 * 16 * 3];
    Augmenter maker = new Augmenter(view, 16, 16, 3, cells.mean(), cells.std());
    for (int i = 0; i < 3; i++) {
      maker.apply(some.image(i), Augmenter.stream(5, 0, i, 0), want);
      for (int j = 0; j < want.length; j++) {
        assertEquals(want[j], one.at(i, j));
      }
    }
    assertArrayEquals(one.features(), pixelsOf(cells, some, view, 0, 5).features());
    for (FeatureBank other :
        List.of(pixelsOf(cells, some, view, 1, 5), pixelsOf(cells, some, view, 0, 6))) {
      assertFalse(java.util.Arrays.equals(one.features(), other.features()));
    }
  }

  private static FeatureBank pixelsOf(
      DataSet data, ImageSet images, View view, int number, long seed) {
    return FeatureBank.augmented(new Flatten(Build.cpu(0)), data, images, view, number, seed, 2);
  }
}
