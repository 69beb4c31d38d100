/* op        softmax, log_softmax                   family normalize
 * math      m = max_C(x); s = sum_C e^(x-m); softmax: y = e^(x-m) / s; log_softmax: y = x - m - ln s
 * shapes    x,y [N,C] row-major, any N, C >= 0
 * dtypes    T = f32|f64|bf16|f16; computed in f32 (f64: f64); NaN and infinities propagate
 * traffic   read N*C*sizeof(T) from memory (passes 2 and 3 from L1), write N*C*sizeof(T) bytes
 * flops     6*N*C   bandwidth bound
 * launch    block 256; grid <= 8 per multiprocessor; static smem 128 B; tails handled
 * order     fixed trees that depend on C alone => bit-stable
 * variants  v1 row per thread (C <= 8) | v2 row per warp (C <= 1024) | v3 row per block; 16-byte loads
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "rows.cuh"

template <int W, bool LOG> __device__ void softmax(const T *x, T *y, i64 N, i64 C, bool packed) {
  EACH_ROW(W, row, N) {
    const T *from = x + row * C;
    A most = -infinity();
    EACH_PACK(W, c, C) {
      const Values v = load(from, c, C, packed);
      EACH_OF_PACK(j, c, C) most = larger(most, v.at[j]);
    }
    most = Team<W>::max(most);
    A sum = 0;
    EACH_PACK(W, c, C) {
      const Values v = load(from, c, C, packed);
      EACH_OF_PACK(j, c, C) sum += exp(v.at[j] - most);
    }
    sum = Team<W>::sum(sum);
    const A shift = LOG ? log(sum) : 1 / sum;
    EACH_PACK(W, c, C) {
      Values v = load(from, c, C, packed);
      for (int j = 0; j < PACK; j++)
        v.at[j] = LOG ? v.at[j] - most - shift : exp(v.at[j] - most) * shift;
      store(y + row * C, c, C, packed, v);
    }
  }
}

#define SOFTMAX(name, W, LOG)                                                                      \
  extern "C" __global__ void name(const T *x, T *y, i64 N, i64 C, int packed) {                    \
    softmax<W, LOG>(x, y, N, C, packed);                                                           \
  }
SOFTMAX(softmax_v1, 1, false)
SOFTMAX(softmax_v2, 32, false)
SOFTMAX(softmax_v3, 256, false)
SOFTMAX(log_softmax_v1, 1, true)
SOFTMAX(log_softmax_v2, 32, true)
SOFTMAX(log_softmax_v3, 256, true)
