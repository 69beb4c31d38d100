package ibrik.kernels.cpu;

import static ibrik.kernels.cpu.Lanes.F32;
import static ibrik.kernels.cpu.Lanes.ORDER;
import static ibrik.kernels.cpu.Tile.ADDRESS;
import static ibrik.kernels.cpu.Tile.ALL;

import jdk.incubator.vector.FloatVector;

/// The linear maps of Winograd's F(4, 3) along one axis: four outputs of a kernel of three taps
/// from six inputs, by six multiplications (Lavin and Gray, "Fast Algorithms for Convolutional
/// Neural Networks", 2016).
///
/// ```
/// y = A^T ((G g) * (B^T d))       g: 3 taps, d: 6 inputs, y: 4 outputs, * by elements
/// ```
///
/// It multiplies the polynomials of d and g by their values at the points 0, a, -a, b, -b and
/// infinity. The usual a = 1, b = 2 loses ten times as many digits as adding up directly; 3/4 and
/// 3/2, which are exact in binary as well, lose twice as many (measured on sums of 64 and 512
/// channels). Both are symmetric, so that a map is some sums of even and of odd inputs:
///
/// | map | from | to | under |
/// |---|---|---|---|
/// | [#inputs] `B^T d` | 6 | 6 | the inputs |
/// | [#kernels] `G g` | 3 | 6 | the kernels |
/// | [#outputs] `A^T m` | 6 | 4 | the outputs |
/// | [#gradients] `A y` | 4 | 6 | the gradient of the outputs |
/// | [#kernelGradients] `G^T u` | 6 | 3 | the gradient of the kernels |
///
/// Along two axes a map is applied to all columns and then to all rows of what came of it: each
/// loop does `count` of them, `next` bytes apart, whose elements are `step` bytes apart. An element
/// is one vector of channels. Addresses are absolute; see [Tile].
final class WinogradLoops {
  private static final float A = 0.75f;
  private static final float B = 1.5f;
  private static final float AA = A * A;
  private static final float BB = B * B;

  // One over the product of a point's distances to the others: at 0, at a and -a, at b and -b.
  private static final float AT_0 = 1 / (AA * BB);
  private static final float AT_A = 1 / (2 * AA * (AA - BB));
  private static final float AT_B = 1 / (2 * BB * (BB - AA));

  private WinogradLoops() {}

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(F32, ALL, address & ADDRESS, ORDER);
  }

  private static void store(FloatVector value, long address) {
    value.intoMemorySegment(ALL, address & ADDRESS, ORDER);
  }

  private static FloatVector all(float value) {
    return FloatVector.broadcast(F32, value);
  }

  /// `B^T`: six to six.
  static void inputs(
      int count, long from, long step, long next, long to, long toStep, long toNext) {
    FloatVector a = all(A);
    FloatVector b = all(B);
    FloatVector aa = all(-AA);
    FloatVector bb = all(-BB);
    FloatVector aabb = all(AA * BB);
    FloatVector sum = all(-AA - BB);
    for (int i = 0; i < count; i++) {
      long x = from + i * next;
      FloatVector d0 = load(x);
      FloatVector d1 = load(x + step);
      FloatVector d2 = load(x + 2 * step);
      FloatVector d3 = load(x + 3 * step);
      FloatVector d4 = load(x + 4 * step);
      FloatVector d5 = load(x + 5 * step);
      FloatVector evenA = d2.fma(bb, d4);
      FloatVector oddA = d1.fma(bb, d3);
      FloatVector evenB = d2.fma(aa, d4);
      FloatVector oddB = d1.fma(aa, d3);
      long y = to + i * toNext;
      store(d0.fma(aabb, d2.fma(sum, d4)), y);
      store(oddA.fma(a, evenA), y + toStep);
      store(oddA.neg().fma(a, evenA), y + 2 * toStep);
      store(oddB.fma(b, evenB), y + 3 * toStep);
      store(oddB.neg().fma(b, evenB), y + 4 * toStep);
      store(d1.fma(aabb, d3.fma(sum, d5)), y + 5 * toStep);
    }
  }

  /// `G`: three to six.
  static void kernels(
      int count, long from, long step, long next, long to, long toStep, long toNext) {
    FloatVector at0 = all(AT_0);
    FloatVector atA = all(AT_A);
    FloatVector atB = all(AT_B);
    FloatVector a = all(A * AT_A);
    FloatVector b = all(B * AT_B);
    FloatVector aa = all(AA * AT_A);
    FloatVector bb = all(BB * AT_B);
    for (int i = 0; i < count; i++) {
      long x = from + i * next;
      FloatVector g0 = load(x);
      FloatVector g1 = load(x + step);
      FloatVector g2 = load(x + 2 * step);
      FloatVector evenA = g0.fma(atA, g2.mul(aa));
      FloatVector evenB = g0.fma(atB, g2.mul(bb));
      FloatVector oddA = g1.mul(a);
      FloatVector oddB = g1.mul(b);
      long y = to + i * toNext;
      store(g0.mul(at0), y);
      store(evenA.add(oddA), y + toStep);
      store(evenA.sub(oddA), y + 2 * toStep);
      store(evenB.add(oddB), y + 3 * toStep);
      store(evenB.sub(oddB), y + 4 * toStep);
      store(g2, y + 5 * toStep);
    }
  }

  /// `A^T`: six to four.
  static void outputs(
      int count, long from, long step, long next, long to, long toStep, long toNext) {
    FloatVector a = all(A);
    FloatVector b = all(B);
    FloatVector aa = all(AA);
    FloatVector bb = all(BB);
    FloatVector aaa = all(AA * A);
    FloatVector bbb = all(BB * B);
    for (int i = 0; i < count; i++) {
      long x = from + i * next;
      FloatVector mA = load(x + step);
      FloatVector mMinusA = load(x + 2 * step);
      FloatVector mB = load(x + 3 * step);
      FloatVector mMinusB = load(x + 4 * step);
      FloatVector evenA = mA.add(mMinusA);
      FloatVector oddA = mA.sub(mMinusA);
      FloatVector evenB = mB.add(mMinusB);
      FloatVector oddB = mB.sub(mMinusB);
      long y = to + i * toNext;
      store(load(x).add(evenA.add(evenB)), y);
      store(oddA.fma(a, oddB.mul(b)), y + toStep);
      store(evenA.fma(aa, evenB.mul(bb)), y + 2 * toStep);
      store(oddA.fma(aaa, oddB.fma(bbb, load(x + 5 * step))), y + 3 * toStep);
    }
  }

  /// `A`: four to six.
  static void gradients(
      int count, long from, long step, long next, long to, long toStep, long toNext) {
    FloatVector a = all(A);
    FloatVector b = all(B);
    FloatVector aa = all(AA);
    FloatVector bb = all(BB);
    for (int i = 0; i < count; i++) {
      long x = from + i * next;
      FloatVector y0 = load(x);
      FloatVector y1 = load(x + step);
      FloatVector y2 = load(x + 2 * step);
      FloatVector y3 = load(x + 3 * step);
      FloatVector evenA = y2.fma(aa, y0);
      FloatVector oddA = y3.fma(aa, y1);
      FloatVector evenB = y2.fma(bb, y0);
      FloatVector oddB = y3.fma(bb, y1);
      long y = to + i * toNext;
      store(y0, y);
      store(oddA.fma(a, evenA), y + toStep);
      store(oddA.neg().fma(a, evenA), y + 2 * toStep);
      store(oddB.fma(b, evenB), y + 3 * toStep);
      store(oddB.neg().fma(b, evenB), y + 4 * toStep);
      store(y3, y + 5 * toStep);
    }
  }

  /// `G^T`: six to three.
  static void kernelGradients(
      int count, long from, long step, long next, long to, long toStep, long toNext) {
    FloatVector at0 = all(AT_0);
    FloatVector atA = all(AT_A);
    FloatVector atB = all(AT_B);
    FloatVector a = all(A * AT_A);
    FloatVector b = all(B * AT_B);
    FloatVector aa = all(AA * AT_A);
    FloatVector bb = all(BB * AT_B);
    for (int i = 0; i < count; i++) {
      long x = from + i * next;
      FloatVector uA = load(x + step);
      FloatVector uMinusA = load(x + 2 * step);
      FloatVector uB = load(x + 3 * step);
      FloatVector uMinusB = load(x + 4 * step);
      FloatVector evenA = uA.add(uMinusA);
      FloatVector oddA = uA.sub(uMinusA);
      FloatVector evenB = uB.add(uMinusB);
      FloatVector oddB = uB.sub(uMinusB);
      long y = to + i * toNext;
      store(load(x).fma(at0, evenA.fma(atA, evenB.mul(atB))), y);
      store(oddA.fma(a, oddB.mul(b)), y + toStep);
      store(evenA.fma(aa, evenB.fma(bb, load(x + 5 * step))), y + 2 * toStep);
    }
  }

  /// Copies `count` vectors.
  static void copy(int count, long from, long step, long to, long toStep) {
    for (int i = 0; i < count; i++) {
      store(load(from + i * step), to + i * toStep);
    }
  }
}
