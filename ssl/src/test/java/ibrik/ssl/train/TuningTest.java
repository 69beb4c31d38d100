package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.nn.Build;
import ibrik.nn.model.Encoder;
import ibrik.ssl.config.RunConfig;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.eval.FineTuning;
import ibrik.ssl.eval.LabelSplits;
import ibrik.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Fine-tuning with all labels and with some, beside what is frozen and what is random.
@ExtendWith(LiveBytes.class)
class TuningTest {
  private final RunConfig config = new TinyRun("byol").config();
  private final DataSet data = new TinyRun("byol").data();
  private final List<String> told = new ArrayList<>();

  private Tuning tuning() {
    return new Tuning(
        config,
        data,
        0,
        new Tuning.Listener() {
          @Override
          public void begun(String what) {
            told.add(what);
          }

          @Override
          public void stepped(long done, long steps, double loss) {}
        });
  }

  /// An encoder that is not the one a run begins with.
  private Encoder encoder() {
    return config.model().maker(data.channels()).apply(Build.cpu(99).child("encoder"));
  }

  private static List<float[]> numbers(Encoder encoder) {
    return encoder.stateDict().values().stream().map(v -> v.value().toFloats()).toList();
  }

  @Test
  void theEncoderStaysAsItIs() {
    try (Encoder encoder = encoder()) {
      List<float[]> before = numbers(encoder);
      Tuning.Outcome all =
          tuning().full(encoder, images -> FineTuning.Config.full(images, 0).withEpochs(1));
      List<float[]> after = numbers(encoder);
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(before.get(i), after.get(i));
      }
      for (Variable variable : encoder.stateDict().values()) {
        assertTrue(!variable.value().isClosed(), variable.name());
      }
      assertEquals(TinyRun.IMAGES, all.labels());
      assertEquals(1.0, all.share());
      assertEquals(List.of("fine-tuning with 96 labels", "floor: random weights"), told);
    }
  }

  /// The numbers are those of fine-tuning a copy of the encoder, and of the encoder that the run
  /// began with, on the images that the split names.
  @Test
  void someLabels() {
    try (Encoder encoder = encoder()) {
      FineTuning.Config recipe = FineTuning.Config.semi(0.3, 29, 4).withEpochs(2);
      Tuning.Outcome outcome = tuning().semi(encoder, 0.3, _ -> recipe);
      FeatureBank train = FeatureBank.extract(encoder, data, data.train(), 256);
      int[] rows = LabelSplits.share(train, 0.3, config.seed()).chosen();
      assertEquals(rows.length, outcome.labels());
      assertEquals(recipe, outcome.recipe());
      assertEquals(40, outcome.frozen().size());
      assertArrayEquals(tuned(encoder, rows, recipe), outcome.tuned().test().scores());
      try (Encoder start =
          config.model().maker(data.channels()).apply(Build.cpu(config.seed()).child("encoder"))) {
        assertArrayEquals(tuned(start, rows, recipe), outcome.tunedFloor().test().scores());
      }
    }
  }

  private double[] tuned(Encoder from, int[] rows, FineTuning.Config recipe) {
    try (Encoder copy = encoder()) {
      copy.copyStateFrom(from);
      return FineTuning.run(
              copy, copy.featureDim(), data, data.train().select(rows), recipe, 0, (_, _, _) -> {})
          .test()
          .scores();
    }
  }

  /// One label of a class: C cannot be chosen and is not.
  @Test
  void oneLabelPerClass() {
    try (Encoder encoder = encoder()) {
      Tuning.Outcome outcome =
          tuning().semi(encoder, 0.01, n -> FineTuning.Config.semi(0.01, n, 0).withEpochs(1));
      long classes = IntStream.range(0, 96).map(data.train()::label).distinct().count();
      assertEquals(classes, outcome.labels());
      assertTrue(outcome.frozen().accuracy() > 0, "" + outcome.frozen().accuracy());
      assertThrows(
          IllegalArgumentException.class,
          () -> tuning().semi(encoder, 1.5, n -> FineTuning.Config.semi(0.01, n, 0)));
    }
  }
}
