package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.BYTES;
import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.ORDER;
import static ibrik.kernels.cpu.Tile.ADDRESS;
import static ibrik.kernels.cpu.Tile.ALL;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;

/// The register tiles under convolutions of narrow groups: vectors times vectors, where [Tiles]
/// multiply vectors by numbers. Offsets in bytes. The form of the bodies is that of [Tiles], for
/// the reasons given in [Tile].
final class GroupTiles {
  /// Outputs of a tile.
  static final int PIXELS = 8;

  /// Taps whose weights a tile sums up.
  static final int TAPS = 9;

  private GroupTiles() {}

  /// One vector of each of eight outputs: `out[i] = sum_t in[inAt[i] + taps[t]] w[t]`.
  ///
  /// @param first number of the first output
  /// @param w weights, a vector for each tap
  /// @param outAt where the outputs go, from entry `outFirst` on
  /// @param shift added to that
  static void outputs(
      MemorySegment in,
      long[] inAt,
      int first,
      long[] taps,
      MemorySegment w,
      long wAt,
      MemorySegment out,
      long[] outAt,
      int outFirst,
      long shift) {
    try {
      outputsOfLive(in, inAt, first, taps, w, wAt, out, outAt, outFirst, shift);
    } finally {
      // Addresses do not keep alive what lies there.
      Reference.reachabilityFence(in);
      Reference.reachabilityFence(w);
      Reference.reachabilityFence(out);
    }
  }

  private static void outputsOfLive(
      MemorySegment in,
      long[] inAt,
      int first,
      long[] taps,
      MemorySegment w,
      long wAt,
      MemorySegment out,
      long[] outAt,
      int outFirst,
      long shift) {
    long a = in.address();
    long a0 = inAt[first];
    long a1 = inAt[first + 1];
    long a2 = inAt[first + 2];
    long a3 = inAt[first + 3];
    long a4 = inAt[first + 4];
    long a5 = inAt[first + 5];
    long a6 = inAt[first + 6];
    long a7 = inAt[first + 7];
    long b = w.address() + wAt;
    FloatVector c0 = FloatVector.zero(F32);
    FloatVector c1 = FloatVector.zero(F32);
    FloatVector c2 = FloatVector.zero(F32);
    FloatVector c3 = FloatVector.zero(F32);
    FloatVector c4 = FloatVector.zero(F32);
    FloatVector c5 = FloatVector.zero(F32);
    FloatVector c6 = FloatVector.zero(F32);
    FloatVector c7 = FloatVector.zero(F32);
    for (int t = 0; t < taps.length; t++, b += BYTES) {
      long p = a + taps[t];
      FloatVector wt = FloatVector.fromMemorySegment(F32, ALL, b & ADDRESS, ORDER);
      c0 = FloatVector.fromMemorySegment(F32, ALL, (p + a0) & ADDRESS, ORDER).fma(wt, c0);
      c1 = FloatVector.fromMemorySegment(F32, ALL, (p + a1) & ADDRESS, ORDER).fma(wt, c1);
      c2 = FloatVector.fromMemorySegment(F32, ALL, (p + a2) & ADDRESS, ORDER).fma(wt, c2);
      c3 = FloatVector.fromMemorySegment(F32, ALL, (p + a3) & ADDRESS, ORDER).fma(wt, c3);
      c4 = FloatVector.fromMemorySegment(F32, ALL, (p + a4) & ADDRESS, ORDER).fma(wt, c4);
      c5 = FloatVector.fromMemorySegment(F32, ALL, (p + a5) & ADDRESS, ORDER).fma(wt, c5);
      c6 = FloatVector.fromMemorySegment(F32, ALL, (p + a6) & ADDRESS, ORDER).fma(wt, c6);
      c7 = FloatVector.fromMemorySegment(F32, ALL, (p + a7) & ADDRESS, ORDER).fma(wt, c7);
    }
    long c = out.address() + shift;
    c0.intoMemorySegment(ALL, c + outAt[outFirst], ORDER);
    c1.intoMemorySegment(ALL, c + outAt[outFirst + 1], ORDER);
    c2.intoMemorySegment(ALL, c + outAt[outFirst + 2], ORDER);
    c3.intoMemorySegment(ALL, c + outAt[outFirst + 3], ORDER);
    c4.intoMemorySegment(ALL, c + outAt[outFirst + 4], ORDER);
    c5.intoMemorySegment(ALL, c + outAt[outFirst + 5], ORDER);
    c6.intoMemorySegment(ALL, c + outAt[outFirst + 6], ORDER);
    c7.intoMemorySegment(ALL, c + outAt[outFirst + 7], ORDER);
  }

  /// Adds nine vectors of weight gradients to those at `sums`: `sums[t] += sum_i in[inAt[i] +
  /// taps[t]] dy[dyAt[i]]` for taps `first ... first+8`.
  ///
  /// @param shift added to the places in dy
  static void weights(
      MemorySegment in,
      long[] inAt,
      MemorySegment dy,
      long[] dyAt,
      long shift,
      int pixels,
      long[] taps,
      int first,
      MemorySegment sums,
      long sumsAt) {
    try {
      weightsOfLive(in, inAt, dy, dyAt, shift, pixels, taps, first, sums, sumsAt);
    } finally {
      // Addresses do not keep alive what lies there.
      Reference.reachabilityFence(in);
      Reference.reachabilityFence(dy);
      Reference.reachabilityFence(sums);
    }
  }

  private static void weightsOfLive(
      MemorySegment in,
      long[] inAt,
      MemorySegment dy,
      long[] dyAt,
      long shift,
      int pixels,
      long[] taps,
      int first,
      MemorySegment sums,
      long sumsAt) {
    long a = in.address();
    long a0 = a + taps[first];
    long a1 = a + taps[first + 1];
    long a2 = a + taps[first + 2];
    long a3 = a + taps[first + 3];
    long a4 = a + taps[first + 4];
    long a5 = a + taps[first + 5];
    long a6 = a + taps[first + 6];
    long a7 = a + taps[first + 7];
    long a8 = a + taps[first + 8];
    long b = dy.address() + shift;
    FloatVector c0 = FloatVector.zero(F32);
    FloatVector c1 = FloatVector.zero(F32);
    FloatVector c2 = FloatVector.zero(F32);
    FloatVector c3 = FloatVector.zero(F32);
    FloatVector c4 = FloatVector.zero(F32);
    FloatVector c5 = FloatVector.zero(F32);
    FloatVector c6 = FloatVector.zero(F32);
    FloatVector c7 = FloatVector.zero(F32);
    FloatVector c8 = FloatVector.zero(F32);
    for (int i = 0; i < pixels; i++) {
      long p = inAt[i];
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, (b + dyAt[i]) & ADDRESS, ORDER);
      c0 = FloatVector.fromMemorySegment(F32, ALL, (p + a0) & ADDRESS, ORDER).fma(g, c0);
      c1 = FloatVector.fromMemorySegment(F32, ALL, (p + a1) & ADDRESS, ORDER).fma(g, c1);
      c2 = FloatVector.fromMemorySegment(F32, ALL, (p + a2) & ADDRESS, ORDER).fma(g, c2);
      c3 = FloatVector.fromMemorySegment(F32, ALL, (p + a3) & ADDRESS, ORDER).fma(g, c3);
      c4 = FloatVector.fromMemorySegment(F32, ALL, (p + a4) & ADDRESS, ORDER).fma(g, c4);
      c5 = FloatVector.fromMemorySegment(F32, ALL, (p + a5) & ADDRESS, ORDER).fma(g, c5);
      c6 = FloatVector.fromMemorySegment(F32, ALL, (p + a6) & ADDRESS, ORDER).fma(g, c6);
      c7 = FloatVector.fromMemorySegment(F32, ALL, (p + a7) & ADDRESS, ORDER).fma(g, c7);
      c8 = FloatVector.fromMemorySegment(F32, ALL, (p + a8) & ADDRESS, ORDER).fma(g, c8);
    }
    long c = sums.address() + sumsAt;
    c0.add(FloatVector.fromMemorySegment(F32, ALL, c, ORDER)).intoMemorySegment(ALL, c, ORDER);
    c1.add(FloatVector.fromMemorySegment(F32, ALL, c + BYTES, ORDER))
        .intoMemorySegment(ALL, c + BYTES, ORDER);
    c2.add(FloatVector.fromMemorySegment(F32, ALL, c + 2 * BYTES, ORDER))
        .intoMemorySegment(ALL, c + 2 * BYTES, ORDER);
    c3.add(FloatVector.fromMemorySegment(F32, ALL, c + 3 * BYTES, ORDER))
        .intoMemorySegment(ALL, c + 3 * BYTES, ORDER);
    c4.add(FloatVector.fromMemorySegment(F32, ALL, c + 4 * BYTES, ORDER))
        .intoMemorySegment(ALL, c + 4 * BYTES, ORDER);
    c5.add(FloatVector.fromMemorySegment(F32, ALL, c + 5 * BYTES, ORDER))
        .intoMemorySegment(ALL, c + 5 * BYTES, ORDER);
    c6.add(FloatVector.fromMemorySegment(F32, ALL, c + 6 * BYTES, ORDER))
        .intoMemorySegment(ALL, c + 6 * BYTES, ORDER);
    c7.add(FloatVector.fromMemorySegment(F32, ALL, c + 7 * BYTES, ORDER))
        .intoMemorySegment(ALL, c + 7 * BYTES, ORDER);
    c8.add(FloatVector.fromMemorySegment(F32, ALL, c + 8 * BYTES, ORDER))
        .intoMemorySegment(ALL, c + 8 * BYTES, ORDER);
  }

  /// Whether the tiles of all pixels stay inside the copy and the weights; they do not check.
  static boolean inside(MemorySegment in, Spread.Places places, MemorySegment w, long wAt) {
    boolean inside = wAt >= 0 && wAt + places.taps().length * BYTES <= w.byteSize();
    for (long pixel : places.in()) {
      for (long tap : places.taps()) {
        inside &= pixel + tap >= 0 && pixel + tap + BYTES <= in.byteSize();
      }
    }
    return inside;
  }
}
