/* op        sign_binarize, pack_signs, unpack_signs    family binary
 * math      sign2: -1 below 0, else 1 (zeros and NaN too); sign3: -1, 0 or 1, NaN stays; a packed
 *           word holds 32 channels, bit i is channel 32j + i: 1 for negative, 0 past the last one
 * shapes    x, y [n]; packed: x [rows,C], words [rows, ceil(C/32)]; any extents >= 0
 * dtypes    T = f32|f64|bf16|f16; words i32
 * traffic   read n*sizeof(T), write n*sizeof(T) bytes; packed: n/8 bytes instead of one of them
 * flops     n   bandwidth bound
 * launch    block 256; static smem 0 B; tails handled
 * order     elements are independent
 * variants  signs: 16 bytes per thread and turn (default). pack: v1 a warp per word | a warp per 32
 *           words, written in one piece (default). unpack: 16 bytes per thread and turn
 * measured  not on a GPU yet
 * paper     Courbariaux et al. 2016, arXiv:1602.02830 */
#include "ibrik.cuh"
#include "neighbours.cuh"

extern "C" __global__ void sign2(const T *x, T *y, i64 n) {
  const int N = Pack<T>::COUNT;
  for (i64 i = thread_index() * N; i < n; i += thread_count() * N) {
    Pack<T> v;
    load(v, x, i, n);
    for (int j = 0; j < N && i + j < n; j++) v.at[j] = narrow<T>(widen(v.at[j]) < 0 ? -1 : 1);
    store(v, y, i, n);
  }
}

extern "C" __global__ void sign3(const T *x, T *y, i64 n) {
  const int N = Pack<T>::COUNT;
  for (i64 i = thread_index() * N; i < n; i += thread_count() * N) {
    Pack<T> v;
    load(v, x, i, n);
    for (int j = 0; j < N && i + j < n; j++) {
      const acc<T> s = widen(v.at[j]);
      v.at[j] = narrow<T>(s > 0 ? 1 : s < 0 ? -1 : s);
    }
    store(v, y, i, n);
  }
}

extern "C" __global__ void pack_signs_v1(const T *x, int *words, i64 rows, i64 C, i64 perRow) {
  const int lane = threadIdx.x & 31;
  for (i64 w = thread_index() >> 5; w < rows * perRow; w += thread_count() >> 5) {
    const i64 channel = w % perRow * 32 + lane;
    const bool negative = channel < C && widen(x[w / perRow * C + channel]) < 0;
    const unsigned word = __ballot_sync(0xffffffffu, negative);
    if (lane == 0) words[w] = (int)word;
  }
}

// Lane j keeps the j-th of 32 words.
extern "C" __global__ void pack_signs(const T *x, int *words, i64 rows, i64 C, i64 perRow) {
  const int lane = threadIdx.x & 31;
  const i64 n = rows * perRow;
  for (i64 first = thread_index() >> 5 << 5; first < n; first += thread_count() >> 5 << 5) {
    i64 row = first / perRow, in_row = first - row * perRow;
    unsigned mine = 0;
    for (int j = 0; j < 32 && first + j < n; j++) {
      const i64 channel = in_row * 32 + lane;
      const bool negative = channel < C && widen(x[row * C + channel]) < 0;
      const unsigned word = __ballot_sync(0xffffffffu, negative);
      if (lane == j) mine = word;
      if (++in_row == perRow) {
        in_row = 0;
        row++;
      }
    }
    if (first + lane < n) words[first + lane] = (int)mine;
  }
}

extern "C" __global__ void unpack_signs(const int *words, T *y, i64 rows, i64 C, i64 perRow) {
  const int N = Pack<T>::COUNT;
  const i64 n = rows * C;
  for (i64 i = thread_index() * N; i < n; i += thread_count() * N) {
    i64 row = i / C, channel = i - row * C;
    Pack<T> v;
    for (int j = 0; j < N && i + j < n; j++) {
      const int word = words[row * perRow + (channel >> 5)];
      v.at[j] = narrow<T>((word >> (channel & 31) & 1) ? -1 : 1);
      if (++channel == C) {
        channel = 0;
        row++;
      }
    }
    store(v, y, i, n);
  }
}
