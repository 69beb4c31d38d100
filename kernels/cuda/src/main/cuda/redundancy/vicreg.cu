/* op        vicreg_variance, vicreg_covariance, their gradients   family redundancy
 * math      sd_j = sqrt(variance_j + eps), unbiased; variance term max(0, target - sd_j), gradient
 *           -dloss_j (z - mean) / ((B-1) sd_j) where sd_j < target, else 0; covariance term
 *           loss_i = sum_{j != i} Cov_ij^2, gradient (z - mean) H, H_ij = 2 (dloss_i + dloss_j)
 *           Cov_ij / (B-1) off the diagonal
 * shapes    z, dz [B,D] row-major; loss, dloss [D]; any B >= 2, D >= 1
 * dtypes    T = f32|f64; two-pass variance; NaN propagates
 * traffic   variance: reads z twice (gradient: three times), the later ones from L2 where it fits;
 *           covariance: strips [D, W] of at most 16 MiB, which stay in L2; no [D, D] matrix is kept
 * flops     variance 4*B*D bandwidth bound; covariance 2*B*D*D, gradient 4*B*D*D compute bound
 * launch    block 256, 32x8 (columns); static smem <= 34 KB; tails handled
 * order     parts and strips depend on the shape alone, fixed trees, no atomics
 * variants  tile: PER = 4 or 8 rows and columns per thread (default 8 for large f32)
 * measured  not on a GPU yet
 * paper     Bardes et al. 2022, arXiv:2105.04906, eq. 1 to 4 */
#include "ibrik.cuh"
#include "neighbours.cuh"
#include "products.cuh"
#include "centred.cuh"

extern "C" __global__ void vicreg_variance(const T *z, T *loss, i64 B, i64 D, double target,
                                           double eps) {
  const i64 j = column_index();
  const Moments m(z, B, D, j);
  const T short_of = (T)target - sqrt(m.squares / (B - 1) + (T)eps);
  if (j < D && threadIdx.y == 0) loss[j] = short_of < 0 ? 0 : short_of;  // NaN stays
}

extern "C" __global__ void vicreg_variance_bwd(const T *z, const T *dloss, T *dz, i64 B, i64 D,
                                               double target, double eps) {
  const i64 j = column_index();
  const Moments m(z, B, D, j);
  if (j >= D) return;
  const T deviation = sqrt(m.squares / (B - 1) + (T)eps);
  const T active = deviation < (T)target ? 1 : 0;
  const T factor = dloss[j] * active / deviation / (T)(1 - B);
  for (i64 b = threadIdx.y; b < B; b += 8) dz[b * D + j] = (z[b * D + j] - m.mean) * factor;
}

extern "C" __global__ void centre(const T *z, T *to, i64 B, i64 D) {
  const i64 j = column_index();
  const Moments m(z, B, D, j);
  if (j < D)
    for (i64 b = threadIdx.y; b < B; b += 8) to[b * D + j] = z[b * D + j] - m.mean;
}

// Block (tile of rows, part of the columns): squares [parts, D] off the diagonal.
extern "C" __global__ void __launch_bounds__(256, 2)
    covariance_rows(const T *n, T *squares, i64 B, i64 D, i64 tiles) {
  const i64 row = (i64)blockIdx.x * SIDE;
  const int tx = threadIdx.x & 15, ty = threadIdx.x >> 4;
  T t[PER];
  for (int i = 0; i < PER; i++) t[i] = 0;
  const i64 begin = blockIdx.y * tiles * SIDE, end = min(D, begin + tiles * SIDE);
  for (i64 column = begin; column < end; column += SIDE) {
    T c[PER][PER];
    multiply_tile(Operand<false>(n + row, D, D - row, B),
                  Operand<false>(n + column, D, D - column, B), B, c);
#pragma unroll
    for (int i = 0; i < PER; i++)
#pragma unroll
      for (int j = 0; j < PER; j++) {
        const T value = c[i][j] / (B - 1);
        // 0 on the diagonal, but what is no finite number leaves a NaN there.
        const bool same = row + tile_place(i, ty) == column + tile_place(j, tx);
        t[i] += same ? value - value : value * value;
      }
  }
#pragma unroll
  for (int i = 0; i < PER; i++) {
    for (int by = 8; by > 0; by >>= 1) t[i] += __shfl_xor_sync(0xffffffffu, t[i], by);
    const i64 y = row + tile_place(i, ty);
    if (tx == 0 && y < D) squares[blockIdx.y * D + y] = t[i];
  }
}

extern "C" __global__ void covariance_join(const T *squares, T *loss, i64 D, i64 parts) {
  for (i64 i = thread_index(); i < D; i += thread_count()) {
    T t = 0;
    for (i64 p = 0; p < parts; p++) t += squares[p * D + i];
    loss[i] = t;
  }
}

// H for the columns [from, from + W).
extern "C" __global__ void __launch_bounds__(256, 2)
    covariance_slopes(const T *n, const T *dloss, T *strip, i64 B, i64 D, i64 from, i64 W) {
  const i64 row = (i64)blockIdx.x * SIDE, column = (i64)blockIdx.y * SIDE;
  T c[PER][PER];
  multiply_tile(Operand<false>(n + row, D, D - row, B),
                Operand<false>(n + from + column, D, W - column, B), B, c);
#pragma unroll
  for (int i = 0; i < PER; i++)
#pragma unroll
    for (int j = 0; j < PER; j++) {
      const i64 y = row + tile_place(i, threadIdx.x >> 4),
                at = column + tile_place(j, threadIdx.x & 15);
      if (y < D && at < W) {
        const T value = c[i][j] / (B - 1), weight = 2 * (dloss[y] + dloss[from + at]) / (B - 1);
        strip[y * W + at] = from + at == y ? value - value : value * weight;
      }
    }
}
