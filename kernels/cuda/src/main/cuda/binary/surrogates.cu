/* op        sign_binarize_backward, r_sign, r_sign_backward, r_p_relu, r_p_relu_backward,
 *           binarize_weights, binarize_weights_backward   family binary
 * math      dx = dy times the surrogate at x (clip: |x| <= 1; approx: 2 - 2|x| where |x| < 1;
 *           swish); r_sign: sign(x + shift), dshift = sum dx; r_p_relu: t = x + before,
 *           y = (t > 0 ? t : slope t) + after; weights: alpha_o sign(w), alpha_o = mean |w_o|,
 *           gradients by convention
 * shapes    x, dy, dx [n] or [M,C]; parameters [C]; w [O,n]; any extents >= 0
 * dtypes    T = f32|f64; masks select, so that an infinite dy outside gives 0
 * traffic   read n*sizeof(T) per input, write n*sizeof(T) bytes; sums add 2*S*C*sizeof(T), S parts
 * flops     about 4*n, swish 30*n   bandwidth bound
 * launch    block 256, 32x8 (sums per channel); static smem <= 3.2 KB; tails handled
 * order     elements are independent; sums: parts that depend on the shape alone, fixed trees
 * variants  16 bytes per thread and turn; 32 channels per block where sums are taken; a block per
 *           filter for weights (default)
 * measured  not on a GPU yet
 * paper     Liu et al. 2020, arXiv:2003.03488; Rastegari et al. 2016, arXiv:1603.05279 */
#include "ibrik.cuh"
#include "exact.cuh"
#include "neighbours.cuh"
#include "parts.cuh"

struct Clip {
  static __device__ __forceinline__ T pass(T x, T dy) { return (x < 0 ? -x : x) <= 1 ? dy : 0; }
};
struct Identity {
  static __device__ __forceinline__ T pass(T, T dy) { return dy; }
};
struct Approx {
  static __device__ __forceinline__ T pass(T x, T dy) {
    const T size = x < 0 ? -x : x;
    return size < 1 ? dy * plus(times(size, -2), 2) : 0;
  }
};
struct Swish {  // with u = beta |x| and e = e^-u nothing overflows and nothing cancels
  static __device__ __forceinline__ T pass(T x, T dy) {
    const T u = (x < 0 ? -x : x) * 5;
    if (!(u < 100)) return 0;  // below 1e-40
    const T e = exp(-u), sum = e + 1;
    return dy * ((2 - u * (1 - e) / sum) * (e * 10) / (sum * sum));
  }
};

template <class Surrogate>
__device__ void sign_bwd(const T *x, const T *dy, T *dx, i64 n) {
  const int N = Pack<T>::COUNT;
  for (i64 i = thread_index() * N; i < n; i += thread_count() * N) {
    Pack<T> v, g;
    load(v, x, i, n);
    load(g, dy, i, n);
    for (int j = 0; j < N && i + j < n; j++) g.at[j] = Surrogate::pass(v.at[j], g.at[j]);
    store(g, dx, i, n);
  }
}

// ---- a threshold per channel

// `three`: 0 at 0, NaN stays.
extern "C" __global__ void r_sign(const T *x, const T *shift, T *y, i64 n, i64 C, int three) {
  const int N = Pack<T>::COUNT;
  Channel channel(C, 1);
  for (i64 i = thread_index() * N; i < n; i += thread_count() * N) {
    Pack<T> v;
    load(v, x, i, n);
    channel.seek(i);
    for (int j = 0; j < N && i + j < n; j++) {
      const T t = v.at[j] + shift[channel.index];
      v.at[j] = three ? t > 0 ? 1 : t < 0 ? -1 : t : t < 0 ? -1 : 1;
      channel.step();
    }
    store(v, y, i, n);
  }
}

extern "C" __global__ void r_p_relu(const T *x, const T *before, const T *slope, const T *after,
                                    T *y, i64 n, i64 C) {
  const int N = Pack<T>::COUNT;
  Channel channel(C, 1);
  for (i64 i = thread_index() * N; i < n; i += thread_count() * N) {
    Pack<T> v;
    load(v, x, i, n);
    channel.seek(i);
    for (int j = 0; j < N && i + j < n; j++) {
      const i64 c = channel.index;
      const T t = v.at[j] + before[c];
      v.at[j] = plus(t > 0 ? t : times(t, slope[c]), after[c]);
      channel.step();
    }
    store(v, y, i, n);
  }
}

// Block (columns, part) of 32 x 8 threads: 32 channels, `length` of the M rows. Rule: parameters of
// channel c, then of(x, dy, sums) which returns dx. Sums to parts[SUMS][C][parts].
template <class Rule>
__device__ void sums_bwd(const Rule &rules, const T *x, const T *dy, T *dx, T *parts, i64 M, i64 C,
                         i64 length) {
  const int S = Rule::SUMS;
  __shared__ T tile[S][8][33];
  const i64 c = (i64)blockIdx.x * 32 + threadIdx.x;
  const i64 begin = blockIdx.y * length, end = min(M, begin + length);
  T sums[S];
  for (int s = 0; s < S; s++) sums[s] = 0;
  if (c < C) {
    const typename Rule::Of rule = rules.at(c);
    for (i64 m = begin + threadIdx.y; m < end; m += 8)
      dx[m * C + c] = rule.of(x[m * C + c], dy[m * C + c], sums);
  }
  for (int s = 0; s < S; s++) tile[s][threadIdx.y][threadIdx.x] = sums[s];
  __syncthreads();
  if (threadIdx.y == 0 && c < C)
    for (int s = 0; s < S; s++) {
      T t = 0;
      for (int j = 0; j < 8; j++) t += tile[s][j][threadIdx.x];
      parts[(s * C + c) * gridDim.y + blockIdx.y] = t;
    }
}

template <class Surrogate>
struct Shifted {
  static const int SUMS = 1;
  const T *shift;
  struct Of {
    T shift;
    __device__ __forceinline__ T of(T x, T dy, T *sums) const {
      const T dx = Surrogate::pass(x + shift, dy);
      sums[0] += dx;
      return dx;
    }
  };
  __device__ __forceinline__ Of at(i64 c) const { return Of{shift[c]}; }
};

struct Rectified {
  static const int SUMS = 3;  // dbefore, dslope, dafter
  const T *before, *slope;
  struct Of {
    T before, slope;
    __device__ __forceinline__ T of(T x, T dy, T *sums) const {
      const T t = x + before;
      const T dx = t > 0 ? dy : dy * slope;
      sums[0] += dx;
      sums[1] += t > 0 ? 0 : dy * t;
      sums[2] += dy;
      return dx;
    }
  };
  __device__ __forceinline__ Of at(i64 c) const { return Of{before[c], slope[c]}; }
};

#define SURROGATE(name, Rule)                                                                      \
  extern "C" __global__ void sign_bwd_##name(const T *x, const T *dy, T *dx, i64 n) {              \
    sign_bwd<Rule>(x, dy, dx, n);                                                                  \
  }                                                                                                \
  extern "C" __global__ void r_sign_bwd_##name(const T *x, const T *shift, const T *dy, T *dx,     \
                                               T *parts, i64 M, i64 C, i64 length) {               \
    sums_bwd(Shifted<Rule>{shift}, x, dy, dx, parts, M, C, length);                                \
  }
SURROGATE(clip, Clip)
SURROGATE(identity, Identity)
SURROGATE(approx, Approx)
SURROGATE(swish, Swish)

extern "C" __global__ void r_p_relu_bwd(const T *x, const T *before, const T *slope, const T *dy,
                                        T *dx, T *parts, i64 M, i64 C, i64 length) {
  sums_bwd(Rectified{before, slope}, x, dy, dx, parts, M, C, length);
}

// ---- weights: a block per filter of n

__device__ __forceinline__ T sign_of(T w, int three) {
  return three ? w > 0 ? 1 : w < 0 ? -1 : w : w < 0 ? -1 : 1;
}

// The mean magnitude of a filter, in every thread.
__device__ __forceinline__ T mean_magnitude(const T *w, i64 n) {
  T t = 0;
  for (i64 i = threadIdx.x; i < n; i += blockDim.x) t += w[i] < 0 ? -w[i] : w[i];
  return block_sum(t) / n;
}

extern "C" __global__ void binarize_weights(const T *w_, T *y, i64 filters, i64 n, int three) {
  for (i64 o = blockIdx.x; o < filters; o += gridDim.x) {
    const T *w = w_ + o * n;
    const T alpha = mean_magnitude(w, n);
    for (i64 i = threadIdx.x; i < n; i += blockDim.x) y[o * n + i] = sign_of(w[i], three) * alpha;
  }
}

// `rule`: 0 ReActNet, 1 BURN, 2 XNOR-Net, 3 the chain rule with the clipped sign.
extern "C" __global__ void binarize_weights_bwd(const T *w_, const T *dy_, T *dw, i64 filters,
                                                i64 n, int three, int rule) {
  const T part = (T)(1 / (double)n);
  for (i64 o = blockIdx.x; o < filters; o += gridDim.x) {
    const T *w = w_ + o * n, *dy = dy_ + o * n;
    const T alpha = rule == 0 ? 0 : mean_magnitude(w, n);
    T along = 0;
    if (rule == 3) {
      for (i64 i = threadIdx.x; i < n; i += blockDim.x) along += dy[i] * sign_of(w[i], three);
      along = block_sum(along) * part;
    }
    for (i64 i = threadIdx.x; i < n; i += blockDim.x) {
      const T g = dy[i], clipped = Clip::pass(w[i], g);
      dw[o * n + i] = rule == 0   ? clipped
                      : rule == 1 ? g * alpha
                      : rule == 2 ? plus(times(g, part), times(clipped, alpha))
                                  : plus(times(sign_of(w[i], three), along), times(clipped, alpha));
    }
  }
}
