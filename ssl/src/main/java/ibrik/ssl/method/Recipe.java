package ibrik.ssl.method;

/// How a method is optimised where nothing else is said.
///
/// @param optimizer `sgd`, `lars` or `adamw`
/// @param baseLr peak learning rate per 256 images: the rate is `baseLr * batchSize / 256`
/// @param weightDecay factor
/// @param decayEverything also biases and norms
/// @param batchSize images per step
/// @param epochs passes over the training images
/// @param warmUpEpochs epochs of linear climb
public record Recipe(
    String optimizer,
    double baseLr,
    double weightDecay,
    boolean decayEverything,
    int batchSize,
    int epochs,
    int warmUpEpochs) {}
