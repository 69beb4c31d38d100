/* op        info_nce, info_nce_backward_query, info_nce_backward   family similarity
 * math      s_i = q_i.k_i / temperature; loss_i = -s_i + ln(e^s_i + sum_j e^(q_i.queue_j / temp));
 *           P_ij = e^(q_i.queue_j / temp - s_i - loss_i), w = dloss / temperature, c = e^-loss - 1;
 *           dq = w (c k + P queue); dk = w c q; dqueue = (w P)^T q
 * shapes    q, k, dq, dk [B,D]; queue, dqueue [K,D]; loss, dloss [B]; any extents >= 0
 * dtypes    T = f32|f64; NaN propagates
 * traffic   forward: inputs once from memory, then tiles out of L2; backward: strips [B, W] of at
 *           most 16 MiB, which stay in L2; no [B, K] matrix is kept
 * flops     forward 2*B*K*D, backward of q 4*B*K*D, of all 6*B*K*D   compute bound
 * launch    block 256; static smem <= 34 KB; tails handled
 * order     parts and strips depend on the shape alone, fixed trees, no atomics
 * variants  tile: PER = 4 or 8 rows and columns per thread (default 8 for large f32)
 * measured  not on a GPU yet
 * paper     He et al. 2020, arXiv:1911.05722, eq. 1 */
#include "ibrik.cuh"
#include "neighbours.cuh"
#include "log_sum.cuh"
#include "products.cuh"
#include "warp_rows.cuh"

extern "C" __global__ void info_nce_positive(const T *q, const T *k, T *positive, i64 B, i64 D,
                                             double inverse) {
  for (i64 i = warp_index(); i < B; i += warp_count()) {
    const T score = warp_dot(q + i * D, k + i * D, D) * (T)inverse;
    if ((threadIdx.x & 31) == 0) positive[i] = score;
  }
}

// Block (tile of rows, part of the queue): most and sum [parts, B].
extern "C" __global__ void __launch_bounds__(256, 2)
    info_nce_rows(const T *q, const T *queue, T *most, T *sum, i64 B, i64 K, i64 D, i64 tiles,
                  double inverse_) {
  const T inverse = (T)inverse_;
  const i64 row = (i64)blockIdx.x * SIDE;
  const int tx = threadIdx.x & 15, ty = threadIdx.x >> 4;
  LogSum t[PER];
  const i64 begin = blockIdx.y * tiles * SIDE, end = min(K, begin + tiles * SIDE);
  for (i64 column = begin; column < end; column += SIDE) {
    T s[PER][PER];
    multiply_tile(Operand<true>(q + row * D, D, B - row, D),
                  Operand<true>(queue + column * D, D, K - column, D), D, s);
#pragma unroll
    for (int i = 0; i < PER; i++)
#pragma unroll
      for (int j = 0; j < PER; j++)
        if (column + tile_place(j, tx) < K) t[i].add(s[i][j] * inverse, 1);
  }
#pragma unroll
  for (int i = 0; i < PER; i++) {
    for (int by = 8; by > 0; by >>= 1) {
      const T x = __shfl_xor_sync(0xffffffffu, t[i].most, by);
      const T w = __shfl_xor_sync(0xffffffffu, t[i].sum, by);
      t[i].add(x, w);
    }
    const i64 y = row + tile_place(i, ty);
    if (tx == 0 && y < B) {
      most[blockIdx.y * B + y] = t[i].most;
      sum[blockIdx.y * B + y] = t[i].sum;
    }
  }
}

extern "C" __global__ void info_nce_join(const T *most, const T *sum, const T *positive, T *loss,
                                         i64 B, i64 parts) {
  for (i64 i = thread_index(); i < B; i += thread_count()) {
    LogSum t(positive[i], 1);
    for (i64 p = 0; p < parts; p++) t.add(most[p * B + i], sum[p * B + i]);
    loss[i] = log(t.sum) - (positive[i] - t.most);
  }
}

// ---- backward

// to = w c from, the part of the right keys.
extern "C" __global__ void info_nce_chosen(const T *from, const T *loss, const T *dloss, T *to,
                                           i64 B, i64 D, double inverse) {
  for (i64 i = warp_index(); i < B; i += warp_count()) {
    const T factor = (T)inverse * dloss[i] * expm1(-loss[i]);
    for (i64 d = threadIdx.x & 31; d < D; d += 32) to[i * D + d] = factor * from[i * D + d];
  }
}

// strip[i, j] = w_i P_ij for the keys [from, from + W).
extern "C" __global__ void __launch_bounds__(256, 2)
    info_nce_slopes(const T *q, const T *queue, const T *positive, const T *loss, const T *dloss,
                    T *strip, i64 B, i64 D, i64 from, i64 W, double inverse_) {
  const T inverse = (T)inverse_;
  const i64 row = (i64)blockIdx.x * SIDE, column = (i64)blockIdx.y * SIDE;
  T s[PER][PER];
  multiply_tile(Operand<true>(q + row * D, D, B - row, D),
                Operand<true>(queue + (from + column) * D, D, W - column, D), D, s);
#pragma unroll
  for (int i = 0; i < PER; i++)
#pragma unroll
    for (int j = 0; j < PER; j++) {
      const i64 y = row + tile_place(i, threadIdx.x >> 4),
                at = column + tile_place(j, threadIdx.x & 15);
      if (y < B && at < W)
        strip[y * W + at] = dloss[y] * inverse * exp(s[i][j] * inverse - positive[y] - loss[y]);
    }
}
