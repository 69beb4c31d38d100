/* op        top_k                                  family index
 * math      the k largest of each row, largest first, and their places; equal values: lower place first;
 *           NaN counts as largest, -0 as 0
 * shapes    x [N,C] row-major, values [N,k], places [N,k] i32; any N >= 0, 1 <= k <= C
 * dtypes    T = f32|f64|bf16|f16
 * traffic   v1 read N*C*C from L1; select: read (passes + 1)*N*C*sizeof(T), all but the first from L1/L2
 * flops     v1 N*C*C comparisons; select (passes + 1)*N*C + N*k*log^2 k; passes = 4 (f64: 8)
 * launch    block 256; grid <= 8 per multiprocessor; smem 1.1 KB + 12 to 16 B * (k up to a power of two)
 * order     a total order decides, so nothing depends on who comes first => bit-stable
 * variants  v1 counts what comes before each element (C <= 256, or k > 2048) | select: radix select of the
 *           k-th, 8 bits a pass, then a bitonic sort of the k (default)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"

typedef acc<T> A;
template <class F> struct keys;
template <> struct keys<float> { using type = unsigned; };
template <> struct keys<double> { using type = u64; };
typedef keys<A>::type Key;
constexpr int BITS = 8 * sizeof(Key);

__device__ __forceinline__ Key bits_of(float x) { return (Key)__float_as_uint(x); }
__device__ __forceinline__ Key bits_of(double x) { return (Key)(u64)__double_as_longlong(x); }

// A number that is larger where x comes earlier.
__device__ __forceinline__ Key key_of(T x) {
  const A v = widen(x) + 0;  // -0 becomes 0
  const Key bits = bits_of(v);
  return v != v ? ~(Key)0 : bits >> (BITS - 1) ? ~bits : bits | (Key)1 << (BITS - 1);
}

extern "C" __global__ void top_k_v1(const T *x, T *values, int *places, i64 N, i64 C, i64 k) {
  for (i64 i = thread_index(); i < N * C; i += thread_count()) {
    const T *row = x + i / C * C;
    const i64 own = i % C;
    const Key key = key_of(row[own]);
    i64 rank = 0;
    for (i64 c = 0; c < C && rank < k; c++) {
      const Key other = key_of(row[c]);
      rank += other > key || (other == key && c < own);
    }
    if (rank < k) {
      values[i / C * k + rank] = row[own];
      places[i / C * k + rank] = (int)own;
    }
  }
}

extern "C" __global__ void top_k_select(const T *x, T *values, int *places, i64 N, i64 C, int k,
                                        int slots) {
  extern __shared__ u64 dynamic[];  // slots keys, then slots places; slots: a power of two >= k
  Key *key = (Key *)dynamic;
  int *place = (int *)(key + slots);
  __shared__ int histogram[256];
  __shared__ int counts[8];
  __shared__ int chosen;
  __shared__ int left;
  __shared__ int filled;
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  for (i64 n = blockIdx.x; n < N; n += gridDim.x) {
    const T *row = x + n * C;
    // The key of the k-th, digit by digit: of those that agree so far, `need` are still to be taken.
    Key threshold = 0, mask = 0;
    int need = k;
    for (int shift = BITS - 8; shift >= 0; shift -= 8) {
      histogram[threadIdx.x] = 0;
      __syncthreads();
      for (i64 c = threadIdx.x; c < C; c += 256) {
        const Key one = key_of(row[c]);
        if ((one & mask) == threshold) atomicAdd(&histogram[(int)(one >> shift) & 255], 1);
      }
      __syncthreads();
      if (threadIdx.x == 0) {
        int digit = 255, above = 0;
        while (above + histogram[digit] < need) above += histogram[digit--];
        chosen = digit;
        left = need - above;
      }
      __syncthreads();
      threshold |= (Key)chosen << shift;
      mask |= (Key)255 << shift;
      need = left;
      __syncthreads();  // before the histogram is cleared
    }
    // Those above it in any order, then the first `need` of those equal to it.
    if (threadIdx.x == 0) filled = 0;
    for (int s = k + threadIdx.x; s < slots; s += 256) {
      key[s] = 0;
      place[s] = 0x7fffffff;
    }
    __syncthreads();
    int equals = 0;
    for (i64 start = 0; start < C; start += 256) {
      const i64 c = start + threadIdx.x;
      const Key one = c < C ? key_of(row[c]) : 0;
      const bool equal = c < C && one == threshold;
      const unsigned votes = __ballot_sync(0xffffffffu, equal);
      if (lane == 0) counts[warp] = __popc(votes);
      __syncthreads();
      int rank = equals + __popc(votes & ((1u << lane) - 1));
      for (int w = 0; w < 8; w++) {
        rank += w < warp ? counts[w] : 0;
        equals += counts[w];
      }
      int slot = -1;
      if (c < C && one > threshold) slot = atomicAdd(&filled, 1);
      if (equal && rank < need) slot = k - need + rank;
      if (slot >= 0) {
        key[slot] = one;
        place[slot] = (int)c;
      }
      __syncthreads();  // before counts is written again
    }
    // Bitonic sort, earliest first.
    for (int run = 2; run <= slots; run *= 2)
      for (int by = run / 2; by > 0; by /= 2) {
        for (int s = threadIdx.x; s < slots; s += 256) {
          const int t = s ^ by;
          if (t > s) {
            const bool later = key[s] < key[t] || (key[s] == key[t] && place[s] > place[t]);
            if (later == ((s & run) == 0)) {
              const Key swapped = key[s];
              key[s] = key[t];
              key[t] = swapped;
              const int moved = place[s];
              place[s] = place[t];
              place[t] = moved;
            }
          }
        }
        __syncthreads();
      }
    for (int s = threadIdx.x; s < k; s += 256) {
      values[n * k + s] = row[place[s]];
      places[n * k + s] = place[s];
    }
    __syncthreads();  // before the next row
  }
}
