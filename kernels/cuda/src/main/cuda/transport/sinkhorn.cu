/* op        sinkhorn_knopp                          family transport
 * math      z = scores/eps; repeat u_k = 1/(K sum_b E_bk v_b), v_b = 1/(B sum_k E_bk u_k) with
 *           E = e^(z - max z), v = 1 at first; codes = B u E v. Where max z - min z + ln(BK) is
 *           beyond `limit`, in logarithms: f_k = -ln K - LSE_b(z + g), g_b = -ln B - LSE_k(z + f)
 * shapes    scores, codes [B,K] row-major; any B, K >= 1; a NaN anywhere makes every code NaN
 * dtypes    T = f32|f64
 * traffic   read (T+1)*B*K*sizeof(T), write B*K*sizeof(T) bytes for T iterations, and of the order
 *           of 2*P*K*sizeof(T) per iteration for P parts; E is computed again, never stored
 * flops     about (T+1)*10*B*K   bandwidth bound
 * launch    block 256, 32x32 (join); static smem <= 17 KB; tails handled
 * order     P parts of rows, then fixed trees; they depend on the shape alone, no atomics
 * variants  v1 the row is read twice, sums in memory, any K | registers: COLUMNS columns per thread
 *           stay in registers, the next row is on its way while this one is summed (default for
 *           K <= 4096); logarithms always go by v1
 * measured  not on a GPU yet
 * paper     Cuturi 2013, arXiv:1306.0895; Caron et al. 2020, arXiv:2006.09882, section 3.1 */
#include "ibrik.cuh"
#include "log_sum.cuh"

// The join over a block of whole warps, the same in every thread.
__device__ LogSum block_join(LogSum t) {
  __shared__ T most[32];
  __shared__ T sum[32];
  for (int by = 16; by > 0; by >>= 1) {
    const T x = __shfl_down_sync(0xffffffffu, t.most, by);
    const T w = __shfl_down_sync(0xffffffffu, t.sum, by);
    if ((threadIdx.x & 31) < by) t.add(x, w);
  }
  __syncthreads();  // a call before may still be reading
  if ((threadIdx.x & 31) == 0) {
    most[threadIdx.x >> 5] = t.most;
    sum[threadIdx.x >> 5] = t.sum;
  }
  __syncthreads();
  LogSum all;
  for (int i = 0; i < blockDim.x >> 5; i++) all.add(most[i], sum[i]);
  return all;
}

// What the join leaves for the passes over the rows.
struct Control {
  T top;  // the largest z
  T logarithms;
};

// Part p of the rows: a thread per column takes the sum of e^z and the block the range of z.
extern "C" __global__ void sinkhorn_columns(const T *s, T *most, T *sum, T *low, T *high, i64 B,
                                            i64 K, i64 rows, double inverse_) {
  __shared__ T lows[8];
  __shared__ T highs[8];
  const T inverse = (T)inverse_;
  const i64 k = (i64)blockIdx.x * 256 + threadIdx.x;
  const i64 first = blockIdx.y * rows, last = min(B, first + rows);
  LogSum t;
  T least = infinity();
  if (k < K) {
    for (i64 b = first; b < last; b++) {
      const T z = s[b * K + k] * inverse;
      t.add(z, 1);
      least = min(least, z);
    }
    most[blockIdx.y * K + k] = t.most;
    sum[blockIdx.y * K + k] = t.sum;
  }
  T top = t.most;  // NaN falls out here; it is in the sums
  for (int by = 16; by > 0; by >>= 1) {
    least = min(least, __shfl_xor_sync(0xffffffffu, least, by));
    top = max(top, __shfl_xor_sync(0xffffffffu, top, by));
  }
  if ((threadIdx.x & 31) == 0) {
    lows[threadIdx.x >> 5] = least;
    highs[threadIdx.x >> 5] = top;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int i = 1; i < 8; i++) {
      least = min(least, lows[i]);
      top = max(top, highs[i]);
    }
    const i64 block = (i64)blockIdx.y * gridDim.x + blockIdx.x;
    low[block] = least;
    high[block] = top;
  }
}

// f_k or u_k from the parts of column k. A block of 32 x 32: 32 columns, 32 threads to a column.
template <bool FIRST>
__device__ void join(const T *most, const T *sum, T *f, const Control &control, i64 parts, i64 K) {
  __shared__ T mosts[32][33];
  __shared__ T sums[32][33];
  const i64 k = (i64)blockIdx.x * 32 + threadIdx.x;
  const bool logarithms = control.logarithms != 0;
  LogSum t;
  if (k < K) {
    if (FIRST || logarithms) {
      for (i64 p = threadIdx.y; p < parts; p += 32) t.add(most[p * K + k], sum[p * K + k]);
    } else {
      t.most = 0;
      for (i64 p = threadIdx.y; p < parts; p += 32) t.sum += sum[p * K + k];
    }
  }
  mosts[threadIdx.y][threadIdx.x] = t.most;
  sums[threadIdx.y][threadIdx.x] = t.sum;
  __syncthreads();
  if (threadIdx.y == 0 && k < K) {
    if (FIRST || logarithms) {
      for (int j = 1; j < 32; j++) t.add(mosts[j][threadIdx.x], sums[j][threadIdx.x]);
      f[k] = logarithms ? -log((T)K) - t.log_sum() : 1 / (K * (t.sum * exp(t.most - control.top)));
    } else {
      for (int j = 1; j < 32; j++) t.sum += sums[j][threadIdx.x];
      f[k] = 1 / (K * t.sum);
    }
  }
}

// After sinkhorn_columns: chooses exponentials or logarithms, in every block alike.
extern "C" __global__ void sinkhorn_begin(const T *most, const T *sum, const T *low, const T *high,
                                          T *f, Control *control, i64 parts, i64 ranges, i64 K,
                                          double size, double limit) {
  __shared__ T lows[32];
  __shared__ T highs[32];
  T least = infinity(), top = -infinity();
  for (i64 i = threadIdx.y * 32 + threadIdx.x; i < ranges; i += 1024) {
    least = min(least, low[i]);
    top = max(top, high[i]);
  }
  for (int by = 16; by > 0; by >>= 1) {
    least = min(least, __shfl_xor_sync(0xffffffffu, least, by));
    top = max(top, __shfl_xor_sync(0xffffffffu, top, by));
  }
  if (threadIdx.x == 0) {
    lows[threadIdx.y] = least;
    highs[threadIdx.y] = top;
  }
  __syncthreads();
  for (int i = 0; i < 32; i++) {
    least = min(least, lows[i]);
    top = max(top, highs[i]);
  }
  // A sample far below the others meets u as small as 1/(BK): room for that, too.
  Control here;
  here.top = top;
  here.logarithms = top - least + log((T)size) <= (T)limit ? 0 : 1;
  if (blockIdx.x == 0 && threadIdx.x == 0 && threadIdx.y == 0) *control = here;
  join<true>(most, sum, f, here, parts, K);
}

extern "C" __global__ void sinkhorn_join(const T *most, const T *sum, T *f, const Control *control,
                                         i64 parts, i64 K) {
  join<false>(most, sum, f, *control, parts, K);
}

// Rows [first, last) in logarithms; leaves the codes, or the sums of the next f.
__device__ void rows_of_logarithms(const T *s, T *codes, const T *f, T *most, T *sum, i64 first,
                                   i64 last, i64 B, i64 K, T inverse, bool end) {
  for (i64 b = first; b < last; b++) {
    LogSum row;
    for (i64 k = threadIdx.x; k < K; k += blockDim.x) row.add(s[b * K + k] * inverse + f[k], 1);
    row = block_join(row);
    const T g = -log((T)B) - row.log_sum();
    for (i64 k = threadIdx.x; k < K; k += blockDim.x) {
      const T z = s[b * K + k] * inverse;
      if (end) {
        codes[b * K + k] = exp(z + f[k] - row.most) / row.sum;
      } else {
        LogSum column;
        if (b > first) column = LogSum(most[k], sum[k]);
        column.add(z + g, 1);
        most[k] = column.most;
        sum[k] = column.sum;
      }
    }
  }
}

extern "C" __global__ void sinkhorn_rows_v1(const T *s, T *codes, const T *f, T *most, T *sum,
                                            const Control *control, i64 B, i64 K, i64 rows,
                                            double inverse_, int end) {
  const T inverse = (T)inverse_, top = control->top;
  const i64 first = blockIdx.x * rows, last = min(B, first + rows);
  sum += blockIdx.x * K;
  most += blockIdx.x * K;
  if (control->logarithms != 0) {
    rows_of_logarithms(s, codes, f, most, sum, first, last, B, K, inverse, end);
    return;
  }
  for (i64 b = first; b < last; b++) {
    T dot = 0;
    for (i64 k = threadIdx.x; k < K; k += blockDim.x)
      dot += exp(s[b * K + k] * inverse - top) * f[k];
    dot = block_sum(dot);
    const T v = 1 / (B * dot);
    for (i64 k = threadIdx.x; k < K; k += blockDim.x) {
      const T e = exp(s[b * K + k] * inverse - top);
      if (end)
        codes[b * K + k] = e * f[k] / dot;
      else
        sum[k] = b > first ? sum[k] + e * v : e * v;
    }
  }
}

#ifdef COLUMNS
// Thread t has the columns t, t + 256, ...: their u, their sums, and this row's and the next one's
// scores.
extern "C" __global__ void sinkhorn_rows_registers(const T *s, T *codes, const T *f, T *most,
                                                   T *sum, const Control *control, i64 B, i64 K,
                                                   i64 rows, double inverse_, int end) {
  const T inverse = (T)inverse_, top = control->top;
  const i64 first = blockIdx.x * rows, last = min(B, first + rows);
  sum += blockIdx.x * K;
  if (control->logarithms != 0) {
    rows_of_logarithms(s, codes, f, most + blockIdx.x * K, sum, first, last, B, K, inverse, end);
    return;
  }
  T u[COLUMNS], total[COLUMNS], next[COLUMNS], e[COLUMNS];
#pragma unroll
  for (int j = 0; j < COLUMNS; j++) {
    const i64 k = j * 256 + threadIdx.x;
    u[j] = k < K ? f[k] : 0;
    total[j] = 0;
    next[j] = k < K && first < last ? s[first * K + k] : 0;
  }
  for (i64 b = first; b < last; b++) {
    T dot = 0;
#pragma unroll
    for (int j = 0; j < COLUMNS; j++) {
      const i64 k = j * 256 + threadIdx.x;
      const bool there = k < K;
      e[j] = there ? exp(next[j] * inverse - top) : 0;
      dot += e[j] * u[j];
      if (there && b + 1 < last) next[j] = s[(b + 1) * K + k];
    }
    dot = block_sum(dot);
    const T v = 1 / (B * dot), w = 1 / dot;
#pragma unroll
    for (int j = 0; j < COLUMNS; j++) {
      const i64 k = j * 256 + threadIdx.x;
      if (end) {
        if (k < K) codes[b * K + k] = e[j] * u[j] * w;
      } else {
        total[j] += e[j] * v;
      }
    }
  }
  if (end) return;
#pragma unroll
  for (int j = 0; j < COLUMNS; j++) {
    const i64 k = j * 256 + threadIdx.x;
    if (k < K) sum[k] = total[j];
  }
}
#endif
