package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;

/// Sums over all pairs of columns of batches `a` and `b`, `[rows, width]`, by way of a Gram matrix:
/// with `C = a^T b` of columns and `G = b b^T` of rows,
///
/// ```
/// sum_j C_ij^2 = a_i^T G a_i        b C^T = G a
/// ```
///
/// for columns `a_i`. A product of this kind takes `B^2 D` multiplications for `B` rows and `D`
/// columns, C itself `D^2 B`; and nothing has `D^2` numbers.
final class Grams {
  private Grams() {}

  /// Whether two products of this kind cost no more than one of columns.
  static boolean pay(int rows, int width) {
    return 2L * rows <= width;
  }

  /// `a b^T`, valid until the next call on this thread.
  static MemorySegment of(CpuPool pool, MemorySegment a, MemorySegment b, int rows, int width) {
    MemorySegment gram = Scratch.floats(Scratch.Slot.PRODUCTS, (long) rows * rows);
    Gemm.run(
        pool,
        new Gemm.Operand(a, 0, rows, width, false),
        new Gemm.Operand(b, 0, width, rows, true),
        gram,
        0);
    return gram;
  }

  /// `to = gram z`, or `to += gram z`.
  static void times(
      CpuPool pool,
      MemorySegment gram,
      MemorySegment z,
      int rows,
      int width,
      MemorySegment to,
      boolean accumulate) {
    Gemm.run(
        pool,
        new Gemm.Operand(gram, 0, rows, rows, false),
        new Gemm.Operand(z, 0, rows, width, false),
        to,
        0,
        width,
        accumulate);
  }

  /// `sum_j C_ij^2` per column of a, without the square of `own_i = C_ii`.
  static double[] others(
      CpuPool pool, MemorySegment a, MemorySegment b, int rows, int width, double[] own) {
    MemorySegment along = Scratch.floats(Scratch.Slot.IMAGE, (long) rows * width);
    times(pool, of(pool, b, b, rows, width), a, rows, width, along, false);
    double[] sums = dots(pool, a, along, rows, width);
    for (int i = 0; i < width; i++) {
      // A column alone in its direction leaves the rounding of both.
      sums[i] = Math.max(0, sums[i] - own[i] * own[i]);
    }
    return sums;
  }

  /// `sum over rows of a b` per column.
  static double[] dots(CpuPool pool, MemorySegment a, MemorySegment b, int rows, int width) {
    return ColumnSums.run(
        pool,
        rows,
        width,
        1,
        (first, count, sums, at) -> ColumnSums.products(a, b, first, count, width, sums, at));
  }
}
