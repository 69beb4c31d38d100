package ibrik.ssl.train;

/// What a step of training needs, known before the first one runs: from the plans of its two
/// programs, which are those that are replayed.
///
/// @param flops multiplications and additions, by the formulas of [ibrik.tensor.exec.Cost]
/// @param gradientBytes arena of the program that ends with the gradients
/// @param updateBytes arena of the program that begins with the optimiser
/// @param variableBytes what a checkpoint holds (networks, moments, queues), and the batch itself
public record Work(long flops, long gradientBytes, long updateBytes, long variableBytes) {
  /// Bytes of both arenas: what a step holds beside the variables.
  public long stepBytes() {
    return gradientBytes + updateBytes;
  }
}
