/* op        barlow_twins, barlow_twins_backward     family redundancy
 * math      n = (z - mean) / sqrt(variance + eps) per column; C = n1^T n2 / B;
 *           loss_i = (1 - C_ii)^2 + lambda sum_{j != i} C_ij^2;
 *           dC_ij = dloss_i / B (2 lambda C_ij | 2 (C_ii - 1)); dn1 = n2 dC^T, dn2 = n1 dC, then
 *           dz = r (dn - mean dn - n mean(dn n))
 * shapes    z1, z2, dz1, dz2 [B,D] row-major; loss, dloss [D]; any B, D >= 1
 * dtypes    T = f32|f64; two-pass variance; NaN propagates
 * traffic   forward: z three times from memory, then tiles out of L2; backward: strips [D, W] of at
 *           most 16 MiB, which stay in L2; no [D, D] matrix is kept
 * flops     forward 2*B*D*D, backward 6*B*D*D   compute bound
 * launch    block 256, 32x8 (columns); static smem <= 34 KB; tails handled
 * order     parts and strips depend on the shape alone, fixed trees, no atomics
 * variants  tile: PER = 4 or 8 rows and columns per thread (default 8 for large f32)
 * measured  not on a GPU yet
 * paper     Zbontar et al. 2021, arXiv:2103.03230, eq. 1 and 2 */
#include "ibrik.cuh"
#include "neighbours.cuh"
#include "products.cuh"
#include "centred.cuh"

extern "C" __global__ void standardize(const T *z, T *n, T *r_, i64 B, i64 D, double eps) {
  const i64 j = column_index();
  const Moments m(z, B, D, j);
  const T r = 1 / sqrt(m.squares / B + (T)eps);
  if (j >= D) return;
  if (threadIdx.y == 0) r_[j] = r;
  for (i64 b = threadIdx.y; b < B; b += 8) n[b * D + j] = (z[b * D + j] - m.mean) * r;
}

// In place: d holds dn, then dz.
extern "C" __global__ void standardize_bwd(const T *n, const T *r, T *d, i64 B, i64 D) {
  const i64 j = column_index();
  T shift = 0, along = 0;
  if (j < D)
    for (i64 b = threadIdx.y; b < B; b += 8) {
      shift += d[b * D + j];
      along += d[b * D + j] * n[b * D + j];
    }
  shift = column_sum(shift) / B;
  along = column_sum(along) / B;
  if (j < D)
    for (i64 b = threadIdx.y; b < B; b += 8)
      d[b * D + j] = (d[b * D + j] - shift - n[b * D + j] * along) * r[j];
}

// Block (tile of rows, part of the columns): squares [parts, D] off the diagonal, diagonal [D].
extern "C" __global__ void __launch_bounds__(256, 2)
    barlow_rows(const T *n1, const T *n2, T *squares, T *diagonal, i64 B, i64 D, i64 tiles) {
  const i64 row = (i64)blockIdx.x * SIDE;
  const int tx = threadIdx.x & 15, ty = threadIdx.x >> 4;
  T t[PER];
  for (int i = 0; i < PER; i++) t[i] = 0;
  const i64 begin = blockIdx.y * tiles * SIDE, end = min(D, begin + tiles * SIDE);
  for (i64 column = begin; column < end; column += SIDE) {
    T c[PER][PER];
    multiply_tile(Operand<false>(n1 + row, D, D - row, B),
                  Operand<false>(n2 + column, D, D - column, B), B, c);
#pragma unroll
    for (int i = 0; i < PER; i++)
#pragma unroll
      for (int j = 0; j < PER; j++) {
        const i64 y = row + tile_place(i, ty), x = column + tile_place(j, tx);
        const T value = c[i][j] / B;
        if (x == y && y < D)
          diagonal[y] = value;
        else
          t[i] += value * value;  // 0 outside
      }
  }
#pragma unroll
  for (int i = 0; i < PER; i++) {
    for (int by = 8; by > 0; by >>= 1) t[i] += __shfl_xor_sync(0xffffffffu, t[i], by);
    const i64 y = row + tile_place(i, ty);
    if (tx == 0 && y < D) squares[blockIdx.y * D + y] = t[i];
  }
}

extern "C" __global__ void barlow_join(const T *squares, const T *diagonal, T *loss, i64 D,
                                       i64 parts, double lambda) {
  for (i64 i = thread_index(); i < D; i += thread_count()) {
    T t = 0;
    for (i64 p = 0; p < parts; p++) t += squares[p * D + i];
    const T off = 1 - diagonal[i];
    loss[i] = off * off + (T)lambda * t;
  }
}

// dC for the columns [from, from + W).
extern "C" __global__ void __launch_bounds__(256, 2)
    barlow_slopes(const T *n1, const T *n2, const T *dloss, T *strip, i64 B, i64 D, i64 from, i64 W,
                  double lambda) {
  const i64 row = (i64)blockIdx.x * SIDE, column = (i64)blockIdx.y * SIDE;
  T c[PER][PER];
  multiply_tile(Operand<false>(n1 + row, D, D - row, B),
                Operand<false>(n2 + from + column, D, W - column, B), B, c);
#pragma unroll
  for (int i = 0; i < PER; i++)
#pragma unroll
    for (int j = 0; j < PER; j++) {
      const i64 y = row + tile_place(i, threadIdx.x >> 4),
                at = column + tile_place(j, threadIdx.x & 15);
      if (y < D && at < W) {
        const T value = c[i][j] / B;
        strip[y * W + at] = 2 * dloss[y] / B * (from + at == y ? value - 1 : (T)lambda * value);
      }
    }
}
