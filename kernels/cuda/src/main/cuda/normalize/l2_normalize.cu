/* op        l2_normalize and its gradient          family normalize
 * math      s = sum_C x^2; r = 1/sqrt(max(s, eps)); y = x r; dx = (dy - [s >= eps] y (y . dy)) r
 * shapes    x,y,dy,dx [N,C] row-major, any N, C >= 0
 * dtypes    T = f32|f64|bf16|f16; computed in f32 (f64: f64); NaN and infinities propagate
 * traffic   read N*C*sizeof(T) (gradient: twice that), write N*C*sizeof(T) bytes; pass 2 reads L1
 * flops     3*N*C, gradient 8*N*C   bandwidth bound
 * launch    block 256; grid <= 8 per multiprocessor; static smem 128 B; tails handled
 * order     fixed trees that depend on C alone => bit-stable
 * variants  v1 row per thread (C <= 8) | v2 row per warp (C <= 1024) | v3 row per block; 16-byte loads
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "rows.cuh"

__device__ __forceinline__ A at_least(A s, A eps) { return s < eps ? eps : s; }  // NaN stays

template <int W>
__device__ void normalize(const T *x, T *y, i64 N, i64 C, double eps, bool packed) {
  EACH_ROW(W, row, N) {
    const T *from = x + row * C;
    A s = 0;
    EACH_PACK(W, c, C) {
      const Values v = load(from, c, C, packed);
      for (int j = 0; j < PACK; j++) s += v.at[j] * v.at[j];
    }
    const A r = 1 / sqrt(at_least(Team<W>::sum(s), (A)eps));
    EACH_PACK(W, c, C) {
      Values v = load(from, c, C, packed);
      for (int j = 0; j < PACK; j++) v.at[j] *= r;
      store(y + row * C, c, C, packed, v);
    }
  }
}

template <int W>
__device__ void backward(const T *x, const T *dy, T *dx, i64 N, i64 C, double eps, bool packed) {
  EACH_ROW(W, row, N) {
    const T *xs = x + row * C, *slopes = dy + row * C;
    A s = 0, dot = 0;
    EACH_PACK(W, c, C) {
      const Values v = load(xs, c, C, packed), g = load(slopes, c, C, packed);
      for (int j = 0; j < PACK; j++) {
        s += v.at[j] * v.at[j];
        dot += v.at[j] * g.at[j];
      }
    }
    s = Team<W>::sum(s);
    dot = Team<W>::sum(dot);
    const A r = 1 / sqrt(at_least(s, (A)eps));
    const A along = s < (A)eps ? (A)0 : dot * r * r;  // y (y . dy) = x r^2 (x . dy)
    EACH_PACK(W, c, C) {
      const Values v = load(xs, c, C, packed);
      Values g = load(slopes, c, C, packed);
      for (int j = 0; j < PACK; j++) g.at[j] = (g.at[j] - v.at[j] * along) * r;
      store(dx + row * C, c, C, packed, g);
    }
  }
}

#define L2_NORMALIZE(v, W)                                                                         \
  extern "C" __global__ void l2_normalize_##v(const T *x, T *y, i64 N, i64 C, double eps,          \
                                              int packed) {                                        \
    normalize<W>(x, y, N, C, eps, packed);                                                         \
  }                                                                                                \
  extern "C" __global__ void l2_normalize_backward_##v(const T *x, const T *dy, T *dx, i64 N,      \
                                                       i64 C, double eps, int packed) {            \
    backward<W>(x, dy, dx, N, C, eps, packed);                                                     \
  }
L2_NORMALIZE(v1, 1)
L2_NORMALIZE(v2, 32)
L2_NORMALIZE(v3, 256)
