/* op        batch_norm, batch_norm_relu, their gradients, inference    family normalize
 * math      mu, v = mean and variance over M; r = 1/sqrt(v + eps); n = (x-mu) r; y = n gamma + beta;
 *           dgamma = sum_M dy n; dbeta = sum_M dy; dx = gamma r (dy - dbeta/M - n dgamma/M);
 *           with relu: y = max(n gamma + beta + residual, 0); dresidual = y > 0 ? dy : 0 stands for dy
 * shapes    x,y,dy,dx,residual [M,C] (NHWC: M = N*H*W); gamma,beta,mean,variance [C]; M, C >= 1 (inference >= 0)
 * dtypes    T = f32|f64|bf16|f16; all that is [C] in f32 (f64: f64); NaN and infinities propagate
 * traffic   forward: read 2*M*C*sizeof(T), write M*C*sizeof(T) bytes; gradient: read 4, write 1;
 *           inference: read 1, write 1; relu: a residual is read once; its gradient: read 5, write 2;
 *           parts: 4*S*C*sizeof(accumulator)
 * flops     forward 10*M*C, gradient 12*M*C   bandwidth bound
 * launch    block 256 as X x Y, 8x32 (join); grid.y = parts <= 1024; static smem <= 6.2 KB; tails handled
 * order     parts of the rows and trees that depend on the shape alone, no atomics => bit-stable
 * variants  v1 a column per thread | packs 16 bytes of columns per thread (default where C allows)
 * measured  not on a GPU yet
 * paper     Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1; joining variances: Chan et al. 1979 */
#include "ibrik.cuh"
#include "columns.cuh"

// What n numbers come to: their sum, and their squares around their own mean. The mean is never
// updated in place: a sum with an infinity in it stays infinite, as that of the definition does.
struct Moments {
  A n, total, squares;
  static __device__ __forceinline__ Moments join(Moments a, Moments b) {
    if (b.n == 0) return a;
    if (a.n == 0) return b;
    const A n = a.n + b.n, apart = b.total / b.n - a.total / a.n;
    return {n, a.total + b.total, a.squares + b.squares + apart * apart * (a.n * (b.n / n))};
  }
};

constexpr int CHUNK = 4;  // rows held in registers, squared around their own mean

template <int W>
__device__ void moments(const T *x, A *parts, i64 M, i64 C, i64 length, bool packed) {
  const i64 c = first_column<W>(), begin = blockIdx.y * length, end = min(M, begin + length);
  Moments sum[W] = {};
  if (c < C)
    for (i64 m = begin + threadIdx.y; m < end; m += CHUNK * blockDim.y) {
      A held[CHUNK][W];
      int count = 0;
#pragma unroll
      for (int k = 0; k < CHUNK; k++) {
        const i64 row = m + k * (i64)blockDim.y;
        if (row < end) {
          const Values<W> v(x + row * C + c, packed);
          for (int j = 0; j < W; j++) held[k][j] = v.at[j];
          count = k + 1;
        }
      }
      for (int j = 0; j < W; j++) {
        Moments chunk = {(A)count, 0, 0};
#pragma unroll
        for (int k = 0; k < CHUNK; k++)
          if (k < count) chunk.total += held[k][j];
        const A mean = chunk.total / chunk.n;
#pragma unroll
        for (int k = 0; k < CHUNK; k++)
          if (k < count) chunk.squares += (held[k][j] - mean) * (held[k][j] - mean);
        sum[j] = Moments::join(sum[j], chunk);
      }
    }
  for (int j = 0; j < W; j++) {
    const Moments all = join_column(sum[j]);
    if (threadIdx.y == 0 && c < C) {
      parts[(2 * (i64)blockIdx.y) * C + c + j] = all.total;
      parts[(2 * (i64)blockIdx.y + 1) * C + c + j] = all.squares;
    }
  }
}

// Joins the parts.
extern "C" __global__ void batch_norm_join(const A *parts, A *mean, A *variance, i64 S, i64 M,
                                           i64 C, i64 length) {
  const i64 c = first_column<1>();
  Moments sum = {0, 0, 0};
  if (c < C)
    for (i64 s = threadIdx.y; s < S; s += blockDim.y) {
      const A rows = (A)(min(M, (s + 1) * length) - s * length);
      sum = Moments::join(sum, {rows, parts[2 * s * C + c], parts[(2 * s + 1) * C + c]});
    }
  sum = join_column(sum);
  if (threadIdx.y == 0 && c < C) {
    mean[c] = sum.total / (A)M;
    variance[c] = sum.squares / (A)M;
  }
}

// y = (x - mean) gamma / sqrt(variance + eps) + beta
template <int W>
__device__ void apply(const T *x, const A *gamma, const A *beta, const A *mean, const A *variance,
                      T *y, i64 M, i64 C, double eps, bool packed) {
  const i64 c = first_column<W>();
  if (c >= C) return;
  A centre[W], scale[W], plus[W];
  for (int j = 0; j < W; j++) {
    centre[j] = mean[c + j];
    scale[j] = gamma[c + j] / sqrt(variance[c + j] + (A)eps);
    plus[j] = beta[c + j];
  }
  for (i64 m = blockIdx.y * (i64)blockDim.y + threadIdx.y; m < M; m += gridDim.y * (i64)blockDim.y) {
    Values<W> v(x + m * C + c, packed);
    for (int j = 0; j < W; j++) v.at[j] = (v.at[j] - centre[j]) * scale[j] + plus[j];
    v.to(y + m * C + c, packed);
  }
}

// y = max(apply(x) + residual, 0), without the residual where there is none; NaN stays.
template <int W>
__device__ void apply_relu(const T *x, const A *gamma, const A *beta, const A *mean,
                           const A *variance, const T *residual, T *y, i64 M, i64 C, double eps,
                           bool packed) {
  const i64 c = first_column<W>();
  if (c >= C) return;
  A centre[W], scale[W], plus[W];
  for (int j = 0; j < W; j++) {
    centre[j] = mean[c + j];
    scale[j] = gamma[c + j] / sqrt(variance[c + j] + (A)eps);
    plus[j] = beta[c + j];
  }
  for (i64 m = blockIdx.y * (i64)blockDim.y + threadIdx.y; m < M; m += gridDim.y * (i64)blockDim.y) {
    Values<W> v(x + m * C + c, packed);
    for (int j = 0; j < W; j++) v.at[j] = (v.at[j] - centre[j]) * scale[j] + plus[j];
    if (residual) {
      const Values<W> other(residual + m * C + c, packed);
      for (int j = 0; j < W; j++) v.at[j] += other.at[j];
    }
    for (int j = 0; j < W; j++) v.at[j] = v.at[j] <= 0 ? (A)0 : v.at[j];
    v.to(y + m * C + c, packed);
  }
}

// The sums of dy; where y is given, of what of dy passes the ReLU, which goes to masked.
template <int W>
__device__ void sums(const T *x, const T *dy, const A *mean, const A *variance, const T *y,
                     T *masked, A *parts, i64 M, i64 C, i64 length, double eps, bool packed) {
  const i64 c = first_column<W>(), begin = blockIdx.y * length, end = min(M, begin + length);
  Two sum[W] = {};
  if (c < C) {
    A centre[W], r[W];
    for (int j = 0; j < W; j++) {
      centre[j] = mean[c + j];
      r[j] = 1 / sqrt(variance[c + j] + (A)eps);
    }
    for (i64 m = begin + threadIdx.y; m < end; m += blockDim.y) {
      const Values<W> v(x + m * C + c, packed);
      Values<W> g(dy + m * C + c, packed);
      if (y) {
        const Values<W> open(y + m * C + c, packed);
        for (int j = 0; j < W; j++) g.at[j] = open.at[j] > 0 ? g.at[j] : (A)0;
        g.to(masked + m * C + c, packed);
      }
      for (int j = 0; j < W; j++)
        sum[j] = Two::join(sum[j], {g.at[j] * ((v.at[j] - centre[j]) * r[j]), g.at[j]});
    }
  }
  put_part<W>(sum, parts, c, C);
}

extern "C" __global__ void batch_norm_backward_join(const A *parts, A *dgamma, A *dbeta, i64 S,
                                                    i64 C) {
  const i64 c = first_column<1>();
  const Two sum = all_parts(parts, S, c, C);
  if (threadIdx.y == 0 && c < C) {
    dgamma[c] = sum.first;
    dbeta[c] = sum.second;
  }
}

template <int W>
__device__ void backward(const T *x, const A *gamma, const A *mean, const A *variance, const T *dy,
                         const A *dgamma, const A *dbeta, T *dx, i64 M, i64 C, double eps,
                         bool packed) {
  const i64 c = first_column<W>();
  if (c >= C) return;
  A centre[W], scale[W], along[W], flat[W];
  for (int j = 0; j < W; j++) {
    const A r = 1 / sqrt(variance[c + j] + (A)eps);
    centre[j] = mean[c + j];
    scale[j] = gamma[c + j] * r;
    along[j] = dgamma[c + j] / (A)M * r;
    flat[j] = dbeta[c + j] / (A)M;
  }
  for (i64 m = blockIdx.y * (i64)blockDim.y + threadIdx.y; m < M; m += gridDim.y * (i64)blockDim.y) {
    const Values<W> v(x + m * C + c, packed);
    Values<W> g(dy + m * C + c, packed);
    for (int j = 0; j < W; j++)
      g.at[j] = (g.at[j] - flat[j] - (v.at[j] - centre[j]) * along[j]) * scale[j];
    g.to(dx + m * C + c, packed);
  }
}

#define BATCH_NORM(v, W)                                                                           \
  extern "C" __global__ void batch_norm_moments_##v(const T *x, A *parts, i64 M, i64 C,            \
                                                    i64 length, int packed) {                      \
    moments<W>(x, parts, M, C, length, packed);                                                    \
  }                                                                                                \
  extern "C" __global__ void batch_norm_apply_##v(const T *x, const A *gamma, const A *beta,       \
                                                  const A *mean, const A *variance, T *y, i64 M,   \
                                                  i64 C, double eps, int packed) {                 \
    apply<W>(x, gamma, beta, mean, variance, y, M, C, eps, packed);                                \
  }                                                                                                \
  extern "C" __global__ void batch_norm_sums_##v(const T *x, const A *mean, const A *variance,     \
                                                 const T *dy, A *parts, i64 M, i64 C, i64 length,  \
                                                 double eps, int packed) {                         \
    sums<W>(x, dy, mean, variance, nullptr, nullptr, parts, M, C, length, eps, packed);            \
  }                                                                                                \
  extern "C" __global__ void batch_norm_relu_##v(                                                  \
      const T *x, const A *gamma, const A *beta, const A *mean, const A *variance,                 \
      const T *residual, T *y, i64 M, i64 C, double eps, int packed) {                             \
    apply_relu<W>(x, gamma, beta, mean, variance, residual, y, M, C, eps, packed);                 \
  }                                                                                                \
  extern "C" __global__ void batch_norm_relu_sums_##v(                                             \
      const T *x, const A *mean, const A *variance, const T *y, const T *dy, T *masked, A *parts,  \
      i64 M, i64 C, i64 length, double eps, int packed) {                                          \
    sums<W>(x, dy, mean, variance, y, masked, parts, M, C, length, eps, packed);                   \
  }                                                                                                \
  extern "C" __global__ void batch_norm_backward_##v(                                              \
      const T *x, const A *gamma, const A *mean, const A *variance, const T *dy, const A *dgamma,  \
      const A *dbeta, T *dx, i64 M, i64 C, double eps, int packed) {                               \
    backward<W>(x, gamma, mean, variance, dy, dgamma, dbeta, dx, M, C, eps, packed);               \
  }
BATCH_NORM(v1, 1)
BATCH_NORM(packs, PACK)
