/* op        nt_xent, nt_xent_backward               family similarity
 * math      n = rows of [z1; z2] at unit length; s_ij = n_i.n_j / temperature; p the other view;
 *           loss_i = -s_ip + LSE_{j != i} s_ij;
 *           ds_ij = w_i (e^(s_ij - s_ip - loss_i) - [j = p]), w = dloss / temperature;
 *           dn = (ds + ds^T) n, then back through the length
 * shapes    z1, z2, dz1, dz2 [B,D] row-major; loss, dloss [2B]; any B >= 1, D >= 0
 * dtypes    T = f32|f64; NaN propagates
 * traffic   forward: z once from memory, then tiles out of L2; backward: strips [2B, W] of slopes
 *           of at most 16 MiB, which stay in L2; no [2B, 2B] matrix is kept
 * flops     forward 8*B*B*D; backward 16*B*B*D   compute bound
 * launch    block 256; static smem <= 34 KB; tails handled
 * order     parts and strips depend on the shape alone, fixed trees, no atomics
 * variants  tile: PER = 4 or 8 rows and columns per thread (default 8 for large f32)
 * measured  not on a GPU yet
 * paper     Chen et al. 2020, arXiv:2002.05709, eq. 1 */
#include "ibrik.cuh"
#include "neighbours.cuh"
#include "log_sum.cuh"
#include "products.cuh"
#include "warp_rows.cuh"

// Row i of both views, one after the other.
template <class U>
__device__ __forceinline__ U *view_row(U *z1, U *z2, i64 B, i64 D, i64 i) {
  return i < B ? z1 + i * D : z2 + (i - B) * D;
}

extern "C" __global__ void nt_xent_normalize(const T *z1, const T *z2, T *n, i64 B, i64 D,
                                             double eps) {
  for (i64 i = warp_index(); i < 2 * B; i += warp_count()) {
    const T *z = view_row(z1, z2, B, D, i);
    const T r = guarded(warp_dot(z, z, D), (T)eps);
    for (i64 d = threadIdx.x & 31; d < D; d += 32) n[i * D + d] = z[d] * r;
  }
}

// Block (tile of rows, part of the columns): most and sum [parts, R], partner [R].
extern "C" __global__ void __launch_bounds__(256, 2)
    nt_xent_rows(const T *n, T *most, T *sum, T *partner, i64 R, i64 D, i64 tiles,
                 double inverse_) {
  const T inverse = (T)inverse_;
  const i64 row = (i64)blockIdx.x * SIDE;
  const int tx = threadIdx.x & 15, ty = threadIdx.x >> 4;
  LogSum t[PER];
  const i64 begin = blockIdx.y * tiles * SIDE, end = min(R, begin + tiles * SIDE);
  for (i64 column = begin; column < end; column += SIDE) {
    T s[PER][PER];
    multiply_tile(Operand<true>(n + row * D, D, R - row, D),
                  Operand<true>(n + column * D, D, R - column, D), D, s);
#pragma unroll
    for (int i = 0; i < PER; i++)
#pragma unroll
      for (int j = 0; j < PER; j++) {
        const i64 y = row + tile_place(i, ty), x = column + tile_place(j, tx);
        if (y < R && x < R && x != y) {
          const T score = s[i][j] * inverse;
          t[i].add(score, 1);
          if (x == (y < R / 2 ? y + R / 2 : y - R / 2)) partner[y] = score;
        }
      }
  }
#pragma unroll
  for (int i = 0; i < PER; i++) {
    for (int by = 8; by > 0; by >>= 1) {
      const T x = __shfl_xor_sync(0xffffffffu, t[i].most, by);
      const T w = __shfl_xor_sync(0xffffffffu, t[i].sum, by);
      t[i].add(x, w);
    }
    const i64 y = row + tile_place(i, ty);
    if (tx == 0 && y < R) {
      most[blockIdx.y * R + y] = t[i].most;
      sum[blockIdx.y * R + y] = t[i].sum;
    }
  }
}

extern "C" __global__ void nt_xent_join(const T *most, const T *sum, const T *partner, T *loss,
                                        i64 R, i64 parts) {
  for (i64 i = thread_index(); i < R; i += thread_count()) {
    LogSum t;
    for (i64 p = 0; p < parts; p++) t.add(most[p * R + i], sum[p * R + i]);
    loss[i] = log(t.sum) - (partner[i] - t.most);  // without the digits that both have in common
  }
}

// ---- backward

extern "C" __global__ void nt_xent_partners(const T *n, T *partner, i64 B, i64 D, double inverse) {
  for (i64 i = warp_index(); i < B; i += warp_count()) {
    const T score = warp_dot(n + i * D, n + (i + B) * D, D) * (T)inverse;
    if ((threadIdx.x & 31) == 0) {
      partner[i] = score;
      partner[i + B] = score;
    }
  }
}

// Slopes of the loss for the scores of columns [from, from + W): as part of row i, and the same of
// row j, as scores are symmetric.
extern "C" __global__ void __launch_bounds__(256, 2)
    nt_xent_slopes(const T *n, const T *partner, const T *loss, const T *dloss, T *strip, i64 R,
                   i64 D, i64 from, i64 W, double inverse_) {
  const T inverse = (T)inverse_;
  const i64 row = (i64)blockIdx.x * SIDE, column = (i64)blockIdx.y * SIDE;
  T s[PER][PER];
  multiply_tile(Operand<true>(n + row * D, D, R - row, D),
                Operand<true>(n + (from + column) * D, D, W - column, D), D, s);
#pragma unroll
  for (int i = 0; i < PER; i++)
#pragma unroll
    for (int j = 0; j < PER; j++) {
      const i64 y = row + tile_place(i, threadIdx.x >> 4);
      const i64 at = column + tile_place(j, threadIdx.x & 15), x = from + at;
      if (y < R && at < W) {
        const T score = s[i][j] * inverse;
        const T own = dloss[y] * inverse, other = dloss[x] * inverse;
        T slope =
            own * exp(score - partner[y] - loss[y]) + other * exp(score - partner[x] - loss[x]);
        if (x == (y < R / 2 ? y + R / 2 : y - R / 2)) slope -= own + other;
        strip[y * W + at] = x == y ? 0 : slope;
      }
    }
}

extern "C" __global__ void nt_xent_unnormalize(const T *z1, const T *z2, const T *dn, T *dz1,
                                               T *dz2, i64 B, i64 D, double eps_) {
  const T eps = (T)eps_;
  for (i64 i = warp_index(); i < 2 * B; i += warp_count()) {
    const T *z = view_row(z1, z2, B, D, i);
    const T *d = dn + i * D;
    T *dz = view_row(dz1, dz2, B, D, i);
    const T square = warp_dot(z, z, D), r = guarded(square, eps);
    const T along = square < eps ? 0 : warp_dot(z, d, D) * r * r;
    for (i64 k = threadIdx.x & 31; k < D; k += 32) dz[k] = (d[k] - z[k] * along) * r;
  }
}
