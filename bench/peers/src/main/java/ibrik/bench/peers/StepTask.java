package ibrik.bench.peers;

import java.util.SplittableRandom;

/// A training step that both sides do: a ResNet with the stem for small images, cross entropy, SGD.
/// The loss of the first steps shows that both do the same.
///
/// @param model `resnet18` or `resnet20`
/// @param batch images
/// @param side height and width of an image
record StepTask(String model, int batch, int side) {
  static final int CLASSES = 10;
  static final double LEARNING_RATE = 0.01;
  static final double MOMENTUM = 0.9;
  static final double WEIGHT_DECAY = 1e-4;
  static final int CHECKED_STEPS = 3;

  /// `[batch,side,side,3]`.
  float[] images() {
    return Numbers.uniform(7, batch, side, side, 3);
  }

  /// `[batch]`.
  int[] labels() {
    SplittableRandom random = new SplittableRandom(8);
    return random.ints(batch, 0, CLASSES).toArray();
  }

  Contest contest() {
    return new Contest(
            "training step, " + model,
            "batch " + batch + ", " + side + "x" + side + "x3",
            1e-3,
            () -> new OurStep(this))
        .with("PyTorch", () -> new TorchStep(this));
  }
}
