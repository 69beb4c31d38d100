/* op        scatter_add                            family index
 * math      y_rk = sum of x_mk over index_m = r, in order of m
 * shapes    x [M,K], index [M] i32, y [rows,K]; any extents
 * dtypes    T = f32|f64|bf16|f16, summed in f32 (f64: f64). An index outside [0,rows) is left out
 * traffic   read M*K*sizeof(T) + 4*rows*M*ceil(K/256) (index, from L2), write rows*K*sizeof(T) bytes
 * flops     M*K   bandwidth bound
 * launch    block 256; grid <= 8 per multiprocessor; static smem 1.1 KB; tails handled
 * order     m by m in one thread, no atomics => bit-stable
 * variants  v1 an element of y per thread looks through index (M <= 64) | rows: a block per row and 256
 *           columns looks through index together (default)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"

typedef acc<T> A;

extern "C" __global__ void scatter_add_v1(const T *x, const int *index, T *y, i64 M, i64 K,
                                          i64 rows) {
  for (i64 i = thread_index(); i < rows * K; i += thread_count()) {
    A sum = 0;
    for (i64 m = 0; m < M; m++)
      if (index[m] == i / K) sum += widen(x[m * K + i % K]);
    y[i] = narrow<T>(sum);
  }
}

// 256 places of index at a time: the block notes which of them name its row, in their order; then
// every thread adds its column of those.
extern "C" __global__ void scatter_add_rows(const T *x, const int *index, T *y, i64 M, i64 K,
                                            i64 rows) {
  __shared__ int found[256];
  __shared__ int counts[8];
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  const i64 across = (K + 255) / 256;
  for (i64 at = blockIdx.x; at < rows * across; at += gridDim.x) {
    const i64 row = at / across, k = at % across * 256 + threadIdx.x;
    A sum = 0;
    for (i64 start = 0; start < M; start += 256) {
      const i64 m = start + threadIdx.x;
      const bool mine = m < M && index[m] == row;
      const unsigned votes = __ballot_sync(0xffffffffu, mine);
      if (lane == 0) counts[warp] = __popc(votes);
      __syncthreads();
      int before = 0, all = 0;
      for (int w = 0; w < 8; w++) {
        before += w < warp ? counts[w] : 0;
        all += counts[w];
      }
      if (mine) found[before + __popc(votes & ((1u << lane) - 1))] = threadIdx.x;
      __syncthreads();  // found is written again only after the barrier above
      if (k < K)
        for (int f = 0; f < all; f++) sum += widen(x[(start + found[f]) * K + k]);
    }
    if (k < K) y[row * K + k] = narrow<T>(sum);
  }
}
