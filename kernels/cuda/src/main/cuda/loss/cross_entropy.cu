/* op        softmax_cross_entropy and its gradient family loss
 * math      m = max_C(x); s = sum_C e^(x-m); loss = ln s - (x_label - m); dx = (e^(x-m)/s - onehot) dloss
 * shapes    x,dx [N,C] row-major, labels [N] i32, loss,dloss [N]; any N >= 0, C >= 1
 * dtypes    T = f32|f64|bf16|f16; computed in f32 (f64: f64); a label outside [0,C) gives NaN
 * traffic   read N*C*sizeof(T) from memory (later passes from L1); gradient: write as many bytes
 * flops     5*N*C   bandwidth bound
 * launch    block 256; grid <= 8 per multiprocessor; static smem 128 B; tails handled
 * order     fixed trees that depend on C alone => bit-stable
 * variants  v1 row per thread (C <= 8) | v2 row per warp (C <= 1024) | v3 row per block; 16-byte loads
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "rows.cuh"

// The largest logit of a row, and the sum of exponentials under it.
template <int W>
__device__ void row_sum(const T *x, i64 C, bool packed, A *most_of, A *sum_of) {
  A most = -infinity();
  EACH_PACK(W, c, C) {
    const Values v = load(x, c, C, packed);
    EACH_OF_PACK(j, c, C) most = larger(most, v.at[j]);
  }
  most = Team<W>::max(most);
  A sum = 0;
  EACH_PACK(W, c, C) {
    const Values v = load(x, c, C, packed);
    EACH_OF_PACK(j, c, C) sum += exp(v.at[j] - most);
  }
  *most_of = most;
  *sum_of = Team<W>::sum(sum);
}

template <int W>
__device__ void loss(const T *x, const int *labels, T *y, i64 N, i64 C, bool packed) {
  EACH_ROW(W, row, N) {
    A most, sum;
    row_sum<W>(x + row * C, C, packed, &most, &sum);
    if (Team<W>::lane() == 0) {
      const int label = labels[row];
      const bool inside = label >= 0 && label < C;
      y[row] = narrow<T>(inside ? log(sum) - (widen(x[row * C + label]) - most)
                                : infinity() - infinity());
    }
  }
}

template <int W>
__device__ void backward(const T *x, const int *labels, const T *dloss, T *dx, i64 N, i64 C,
                         bool packed) {
  EACH_ROW(W, row, N) {
    A most, sum;
    row_sum<W>(x + row * C, C, packed, &most, &sum);
    const int label = labels[row];
    const A slope = label >= 0 && label < C ? widen(dloss[row]) : infinity() - infinity();
    const A scale = 1 / sum;
    EACH_PACK(W, c, C) {
      Values v = load(x + row * C, c, C, packed);
      for (int j = 0; j < PACK; j++)
        v.at[j] = (exp(v.at[j] - most) * scale - (c + j == label ? (A)1 : (A)0)) * slope;
      store(dx + row * C, c, C, packed, v);
    }
  }
}

#define CROSS_ENTROPY(v, W)                                                                        \
  extern "C" __global__ void softmax_cross_entropy_##v(const T *x, const int *labels, T *y, i64 N, \
                                                       i64 C, int packed) {                        \
    loss<W>(x, labels, y, N, C, packed);                                                           \
  }                                                                                                \
  extern "C" __global__ void softmax_cross_entropy_backward_##v(                                   \
      const T *x, const int *labels, const T *dloss, T *dx, i64 N, i64 C, int packed) {            \
    backward<W>(x, labels, dloss, dx, N, C, packed);                                               \
  }
CROSS_ENTROPY(v1, 1)
CROSS_ENTROPY(v2, 32)
CROSS_ENTROPY(v3, 256)
