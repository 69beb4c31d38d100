package ibrik.ssl.method;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/// How a method is optimised where nothing else is said. The learning rate climbs, then falls along
/// a cosine.
///
/// @param optimizer `sgd`, `lars` or `adamw`
/// @param baseLr peak learning rate per 256 images: the rate is `baseLr * batchSize / 256`
/// @param lrEnd where the cosine ends, times the peak, in `[0, 1]`
/// @param momentum of sgd and lars, in `[0, 1)`
/// @param nesterov whether sgd looks ahead
/// @param weightDecay times the parameter, added to its gradient; decoupled with adamw
/// @param decayEnd weight decay at the end, times that at the start, along a cosine; other than 1
///   with adamw only
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
    @JsonPropertyDescription("learning rate at the end, times the peak") double lrEnd,
    @JsonPropertyDescription("momentum of sgd and lars, in [0, 1)") double momentum,
    @JsonPropertyDescription("Nesterov's momentum in sgd") boolean nesterov,
    @JsonPropertyDescription("weight decay") double weightDecay,
    @JsonPropertyDescription("weight decay at the end, times that at the start; adamw only")
        double decayEnd,
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
    Require.check(lrEnd >= 0 && lrEnd <= 1, "lr_end", "in [0, 1]", lrEnd);
    Require.check(momentum >= 0 && momentum < 1, "momentum", "in [0, 1)", momentum);
    Require.notNegative("weight_decay", weightDecay);
    Require.notNegative("decay_end", decayEnd);
    Require.check(
        decayEnd == 1 || optimizer.equals("adamw"), "decay_end", "1 but with adamw", decayEnd);
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
        0,
        0.9,
        false,
        weightDecay,
        1,
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
    return with(lrEnd, true, larsEta, larsClip, clipNorm, batchSize, epochs);
  }

  /// The same, but lars has trust coefficient `eta` and is bounded by the rate of plain sgd.
  public Recipe clippedLars(double eta) {
    return with(lrEnd, decayEverything, eta, true, clipNorm, batchSize, epochs);
  }

  /// The same, but gradients longer than `norm` are shortened to it.
  public Recipe clippingAt(double norm) {
    return with(lrEnd, decayEverything, larsEta, larsClip, norm, batchSize, epochs);
  }

  /// The same, but the learning rate falls to `share` of its peak, not to 0.
  public Recipe endingAt(double share) {
    return with(share, decayEverything, larsEta, larsClip, clipNorm, batchSize, epochs);
  }

  /// The same for another batch size and number of epochs; the climb keeps within them.
  public Recipe withLength(int batch, int passes) {
    return with(lrEnd, decayEverything, larsEta, larsClip, clipNorm, batch, passes);
  }

  private Recipe with(
      double end,
      boolean everything,
      double eta,
      boolean bounded,
      double norm,
      int batch,
      int passes) {
    return new Recipe(
        optimizer,
        baseLr,
        end,
        momentum,
        nesterov,
        weightDecay,
        decayEnd,
        everything,
        eta,
        bounded,
        norm,
        batch,
        passes,
        Math.min(warmUpEpochs, passes));
  }
}
