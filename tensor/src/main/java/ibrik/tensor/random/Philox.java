package ibrik.tensor.random;

/// Counter-based random numbers: Philox4x32 with 10 rounds.
///
/// A block is a pure function of a 64-bit key and a 128-bit counter, so a stream can be entered
/// anywhere, split over any number of threads or devices, and replayed: a seed names bits, not a
/// device. Key words are the low and high half of the seed; counter words 0-1 hold the block index,
/// words 2-3 the stream.
///
/// **Source** Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public final class Philox {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox() {}

  /// Writes the four 32-bit words of one block to `out[0..3]`.
  public static void block(long key, long counterLow, long counterHigh, int[] out) {
    int c0 = (int) counterLow;
    int c1 = (int) (counterLow >>> 32);
    int c2 = (int) counterHigh;
    int c3 = (int) (counterHigh >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (M0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (M1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  /// Maps 32 random bits to a float in `[0, 1)`: the top 24 bits times 2^-24, exact.
  public static float toUnitFloat(int bits) {
    return (bits >>> 8) * 0x1.0p-24f;
  }

  /// Maps 64 random bits to a double in `[0, 1)`: the top 53 bits times 2^-53, exact.
  public static double toUnitDouble(int high, int low) {
    long bits = ((long) high << 32) | (low & 0xFFFFFFFFL);
    return (bits >>> 11) * 0x1.0p-53;
  }
}
