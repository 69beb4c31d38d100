/* op        layer_norm and its gradient            family normalize
 * math      r = 1/sqrt(mean_C((x-mu)^2) + eps); n = (x-mu) r; y = n gamma + beta; with g = dy gamma:
 *           dx = r (g - mean_C(g) - n mean_C(g n)); dgamma = sum_N dy n; dbeta = sum_N dy
 * shapes    x,y,dy,dx [N,C] row-major; gamma,beta [C] or none; any N, C >= 0
 * dtypes    T = f32|f64|bf16|f16; computed in f32 (f64: f64), two passes; NaN and infinities propagate
 * traffic   read N*C*sizeof(T), write N*C*sizeof(T) bytes (later passes from L1); gradient: 2 + 1,
 *           and 2 more for dgamma and dbeta
 * flops     8*N*C, gradient 20*N*C   bandwidth bound
 * launch    block 256 (rows), X x Y of 256 (sums), 8x32 (join); static smem <= 4.1 KB; tails handled
 * order     fixed trees that depend on the shape alone => bit-stable
 * variants  v1 row per thread (C <= 8) | v2 row per warp (C <= 1024) | v3 row per block; 16-byte loads
 * measured  not on a GPU yet
 * paper     Ba et al. 2016, arXiv:1607.06450, eq. 3-4                          */
#include "ibrik.cuh"
#include "rows.cuh"

// Mean and 1/sqrt(variance + eps) of a row.
template <int W>
__device__ void statistics(const T *x, i64 C, A eps, bool packed, A *mean_of, A *r_of) {
  A sum = 0;
  EACH_PACK(W, c, C) {
    const Values v = load(x, c, C, packed);
    for (int j = 0; j < PACK; j++) sum += v.at[j];
  }
  const A mean = Team<W>::sum(sum) / (A)C;
  A squares = 0;
  EACH_PACK(W, c, C) {
    const Values v = load(x, c, C, packed);
    EACH_OF_PACK(j, c, C) squares += (v.at[j] - mean) * (v.at[j] - mean);
  }
  *mean_of = mean;
  *r_of = 1 / sqrt(Team<W>::sum(squares) / (A)C + eps);
}

// gamma and beta may be null.
template <int W>
__device__ void forward(const T *x, const T *gamma, const T *beta, T *y, i64 N, i64 C, double eps,
                        bool packed) {
  EACH_ROW(W, row, N) {
    A mean, r;
    statistics<W>(x + row * C, C, (A)eps, packed, &mean, &r);
    EACH_PACK(W, c, C) {
      Values v = load(x + row * C, c, C, packed);
      for (int j = 0; j < PACK; j++) v.at[j] = (v.at[j] - mean) * r;
      if (gamma) {
        const Values by = load(gamma, c, C, packed), plus = load(beta, c, C, packed);
        for (int j = 0; j < PACK; j++) v.at[j] = v.at[j] * by.at[j] + plus.at[j];
      }
      store(y + row * C, c, C, packed, v);
    }
  }
}

// dx; and, where there is a gamma, mean and r of each row to rows [N][2] for the sums.
template <int W>
__device__ void backward(const T *x, const T *dy, const T *gamma, T *dx, A *rows, i64 N, i64 C,
                         double eps, bool packed) {
  EACH_ROW(W, row, N) {
    const T *xs = x + row * C, *slopes = dy + row * C;
    A mean, r;
    statistics<W>(xs, C, (A)eps, packed, &mean, &r);
    if (gamma && Team<W>::lane() == 0) {
      rows[2 * row] = mean;
      rows[2 * row + 1] = r;
    }
    A sum = 0, along = 0;
    EACH_PACK(W, c, C) {
      const Values v = load(xs, c, C, packed);
      Values g = load(slopes, c, C, packed);
      if (gamma) {
        const Values by = load(gamma, c, C, packed);
        for (int j = 0; j < PACK; j++) g.at[j] *= by.at[j];
      }
      EACH_OF_PACK(j, c, C) {
        sum += g.at[j];
        along += g.at[j] * ((v.at[j] - mean) * r);
      }
    }
    sum = Team<W>::sum(sum) / (A)C;
    along = Team<W>::sum(along) / (A)C;
    EACH_PACK(W, c, C) {
      const Values v = load(xs, c, C, packed);
      Values g = load(slopes, c, C, packed);
      if (gamma) {
        const Values by = load(gamma, c, C, packed);
        for (int j = 0; j < PACK; j++) g.at[j] *= by.at[j];
      }
      for (int j = 0; j < PACK; j++)
        g.at[j] = r * (g.at[j] - sum - (v.at[j] - mean) * r * along);
      store(dx + row * C, c, C, packed, g);
    }
  }
}

#define LAYER_NORM(v, W)                                                                           \
  extern "C" __global__ void layer_norm_##v(const T *x, const T *gamma, const T *beta, T *y, i64 N, \
                                            i64 C, double eps, int packed) {                       \
    forward<W>(x, gamma, beta, y, N, C, eps, packed);                                              \
  }                                                                                                \
  extern "C" __global__ void layer_norm_backward_##v(const T *x, const T *dy, const T *gamma,      \
                                                     T *dx, A *rows, i64 N, i64 C, double eps,     \
                                                     int packed) {                                 \
    backward<W>(x, dy, gamma, dx, rows, N, C, eps, packed);                                        \
  }
LAYER_NORM(v1, 1)
LAYER_NORM(v2, 32)
LAYER_NORM(v3, 256)
