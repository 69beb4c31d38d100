package ibrik.tensor.random;

/// Draws numbers one after the other from one Philox stream, for host code: augmentation
/// parameters, shuffles, test data. Two streams with the same seed and stream number yield the same
/// numbers; different stream numbers are independent. Not thread-safe: one stream per task.
public final class PhiloxStream {
  private final long seed;
  private final long stream;
  private final int[] block = new int[4];
  private long nextBlock;
  private int used = 4;

  /// Opens stream number `stream` of `seed` at its first number.
  public PhiloxStream(long seed, long stream) {
    this.seed = seed;
    this.stream = stream;
  }

  /// Next 32 random bits.
  public int nextInt() {
    if (used == 4) {
      Philox.block(seed, nextBlock++, stream, block);
      used = 0;
    }
    return block[used++];
  }

  /// Next integer in `[0, bound)`, free of modulo bias (Lemire's method with rejection).
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("[random] bound must be positive; got " + bound);
    }
    long product = (nextInt() & 0xFFFFFFFFL) * bound;
    if ((product & 0xFFFFFFFFL) < bound) {
      long threshold = (0x1_0000_0000L - bound) % bound;
      while ((product & 0xFFFFFFFFL) < threshold) {
        product = (nextInt() & 0xFFFFFFFFL) * bound;
      }
    }
    return (int) (product >>> 32);
  }

  /// Next float, uniform in `[0, 1)`.
  public float nextFloat() {
    return Philox.toUnitFloat(nextInt());
  }

  /// Next float, uniform in `[low, high)` before rounding, which may give `high` itself.
  public float nextFloat(float low, float high) {
    return low + (high - low) * nextFloat();
  }

  /// Next double, uniform in `[0, 1)`.
  public double nextDouble() {
    int high = nextInt();
    return Philox.toUnitDouble(high, nextInt());
  }

  /// Next double from the standard normal distribution (Box-Muller, cosine branch).
  public double nextGaussian() {
    double u = 1.0 - nextDouble();
    double v = nextDouble();
    return Math.sqrt(-2.0 * Math.log(u)) * Math.cos(2.0 * Math.PI * v);
  }

  /// `true` with probability `p`.
  public boolean nextBoolean(double p) {
    return nextDouble() < p;
  }

  /// A uniformly random permutation of `0..n-1` (Fisher-Yates).
  public int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
