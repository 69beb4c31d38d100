/* op        pact_quantize, pact_quantize_backward   family quantize
 * math      y = round(clip(x, 0, a) levels / a) a / levels, from left to right; dx = dy where
 *           0 <= x < a, else 0; da = sum dy where x >= a
 * shapes    x, y, dy, dx [n], any n >= 0; a, da []
 * dtypes    T = f32|f64; rounding half to even; operations rounded one by one
 * traffic   read n*sizeof(T), write n*sizeof(T) bytes; the gradient reads 2*n*sizeof(T)
 * flops     8*n   bandwidth bound
 * launch    block 256; static smem <= 256 B; tails handled
 * order     elements are independent; the sum: parts that depend on n alone, fixed trees
 * variants  16 bytes per thread and turn (default)
 * measured  not on a GPU yet
 * paper     Choi et al. 2018, arXiv:1805.06085, eq. 1 and 2 */
#include "ibrik.cuh"
#include "exact.cuh"
#include "neighbours.cuh"
#include "parts.cuh"

extern "C" __global__ void pact_quantize(const T *x, const T *alpha, T *y, i64 n, i64 levels) {
  const int N = Pack<T>::COUNT;
  const T a = *alpha, most = (T)levels;
  for (i64 i = thread_index() * N; i < n; i += thread_count() * N) {
    Pack<T> v;
    load(v, x, i, n);
    for (int j = 0; j < N && i + j < n; j++) {
      const T clipped = v.at[j] > 0 ? v.at[j] < a ? v.at[j] : a : 0;
      v.at[j] = times(rint(times(clipped, most) / a), a) / most;
    }
    store(v, y, i, n);
  }
}

// A block per `length` elements, a multiple of its packs; its sum goes to parts[block].
extern "C" __global__ void pact_quantize_bwd(const T *x, const T *alpha, const T *dy, T *dx,
                                             T *parts, i64 n, i64 length) {
  const int N = Pack<T>::COUNT;
  const T a = *alpha;
  const i64 begin = blockIdx.x * length, end = min(n, begin + length);
  T above = 0;
  for (i64 i = begin + threadIdx.x * N; i < end; i += 256 * N) {
    Pack<T> v, g;
    load(v, x, i, n);
    load(g, dy, i, n);
    for (int j = 0; j < N && i + j < n; j++) {
      if (v.at[j] >= a) above += g.at[j];
      g.at[j] = v.at[j] >= 0 && v.at[j] < a ? g.at[j] : 0;
    }
    store(g, dx, i, n);
  }
  above = block_sum(above);
  if (threadIdx.x == 0) parts[blockIdx.x] = above;
}
