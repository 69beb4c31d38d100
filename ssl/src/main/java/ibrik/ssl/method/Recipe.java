package ibrik.ssl.method;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/// How a method is optimised where nothing else is said. The learning rate climbs, then falls along
/// a cosine to 0.
///
/// @param optimizer `sgd`, `lars` or `adamw`
/// @param baseLr peak learning rate per 256 images: the rate is `baseLr * batchSize / 256`
/// @param momentum of sgd and lars, in `[0, 1)`
/// @param nesterov whether sgd looks ahead
/// @param weightDecay times the parameter, added to its gradient; decoupled with adamw
/// @param decayEverything also biases and norms
/// @param larsEta trust coefficient of lars
/// @param larsClip whether lars is bounded by the rate of plain sgd
/// @param clipNorm greatest length of the gradient over all parameters; 0: any
/// @param batchSize images per step
/// @param epochs passes over the training images; 0 for a method without training
/// @param warmUpEpochs epochs of linear climb from 0
public record Recipe(
    @JsonPropertyDescription("optimiser: sgd, lars or adamw") String optimizer,
    @JsonPropertyDescription("peak learning rate per 256 images of a batch") double baseLr,
    @JsonPropertyDescription("momentum of sgd and lars, in [0, 1)") double momentum,
    @JsonPropertyDescription("Nesterov's momentum in sgd") boolean nesterov,
    @JsonPropertyDescription("weight decay") double weightDecay,
    @JsonPropertyDescription("decay biases and norms, too") boolean decayEverything,
    @JsonPropertyDescription("trust coefficient of lars") double larsEta,
    @JsonPropertyDescription("bound the rate of lars by that of plain sgd") boolean larsClip,
    @JsonPropertyDescription("greatest length of the gradient over all parameters; 0: any")
        double clipNorm,
    @JsonPropertyDescription("images per step") int batchSize,
    @JsonPropertyDescription("passes over the training images") int epochs,
    @JsonPropertyDescription("epochs in which the learning rate climbs from 0") int warmUpEpochs) {
  private static final List<String> OPTIMIZERS = List.of("sgd", "lars", "adamw");

  /// Checks the ranges.
  public Recipe {
    Require.check(
        OPTIMIZERS.contains(optimizer),
        "optimizer",
        "one of " + String.join(", ", OPTIMIZERS),
        optimizer);
    Require.positive("base_lr", baseLr);
    Require.check(momentum >= 0 && momentum < 1, "momentum", "in [0, 1)", momentum);
    Require.notNegative("weight_decay", weightDecay);
    Require.positive("lars_eta", larsEta);
    Require.notNegative("clip_norm", clipNorm);
    Require.positive("batch_size", batchSize);
    Require.notNegative("epochs", epochs);
    Require.notNegative("warm_up_epochs", warmUpEpochs);
  }

  /// SGD with momentum 0.9 that decays weights only.
  public static Recipe sgd(
      double baseLr, double weightDecay, int batchSize, int epochs, int warmUpEpochs) {
    return of("sgd", baseLr, weightDecay, batchSize, epochs, warmUpEpochs);
  }

  /// LARS with momentum 0.9 and trust coefficient 0.001, not clipped; it decays weights only.
  public static Recipe lars(
      double baseLr, double weightDecay, int batchSize, int epochs, int warmUpEpochs) {
    return of("lars", baseLr, weightDecay, batchSize, epochs, warmUpEpochs);
  }

  private static Recipe of(
      String optimizer,
      double baseLr,
      double weightDecay,
      int batchSize,
      int epochs,
      int warmUpEpochs) {
    return new Recipe(
        optimizer,
        baseLr,
        0.9,
        false,
        weightDecay,
        false,
        1e-3,
        false,
        0,
        batchSize,
        epochs,
        warmUpEpochs);
  }

  /// The same, but biases and norms decay, too.
  public Recipe decayingEverything() {
    return with(true, larsEta, larsClip, clipNorm, batchSize, epochs);
  }

  /// The same, but lars has trust coefficient `eta` and is bounded by the rate of plain sgd.
  public Recipe clippedLars(double eta) {
    return with(decayEverything, eta, true, clipNorm, batchSize, epochs);
  }

  /// The same, but gradients longer than `norm` are shortened to it.
  public Recipe clippingAt(double norm) {
    return with(decayEverything, larsEta, larsClip, norm, batchSize, epochs);
  }

  /// The same for another batch size and number of epochs; the climb keeps within them.
  public Recipe withLength(int batch, int passes) {
    return with(decayEverything, larsEta, larsClip, clipNorm, batch, passes);
  }

  private Recipe with(
      boolean everything, double eta, boolean bounded, double norm, int batch, int passes) {
    return new Recipe(
        optimizer,
        baseLr,
        momentum,
        nesterov,
        weightDecay,
        everything,
        eta,
        bounded,
        norm,
        batch,
        passes,
        Math.min(warmUpEpochs, passes));
  }
}
