/* op        fake_quantize, learned_fake_quantize, lsq_quantize, quantize_int8, their gradients,
 *           straight_through_round                family quantize
 * math      r = round(x / s) + z (or x times 1/s; or z before rounding); q = clamp(r, low, high);
 *           y = (q - z) s; dx = dy where low <= r <= high, else 0; ds = sum dy ((y - x)/s | q - z),
 *           dz = sum dy (0 | -s). lsq: r = x / s, open bounds before rounding,
 *           ds = sum dy (q - r | q)
 * shapes    x, y, dy, dx as [outer, channels, inner], any extents >= 0; s, z with 1 or `channels`
 * dtypes    T = f32|f64; rounding half to even; NaN to low; operations rounded one by one
 * traffic   read n*sizeof(T), write n*sizeof(T) bytes; gradients read 2*n*sizeof(T)
 * flops     about 10*n   bandwidth bound
 * launch    block 256, 32x8 (columns); static smem <= 2.2 KB; tails handled
 * order     elements are independent; sums: parts that depend on the shape alone, fixed trees
 * variants  streaming kernels: 16 bytes per thread and turn (default). Sums: rows, a block per
 *           channel and part; columns, 32 channels per block, where inner = 1
 * measured  not on a GPU yet
 * paper     Esser et al. 2020, arXiv:1902.08153; Jacob et al. 2018, arXiv:1712.05877 */
#include "ibrik.cuh"
#include "exact.cuh"
#include "neighbours.cuh"
#include "parts.cuh"

struct Grid {
  i64 low, high;
  i64 divide;      // by the scale, not times its reciprocal
  i64 zero_first;  // the zero point is added before rounding
  i64 learned;     // scales are held at 2^-23 or more, zero points in [low, high]
};

// One scale, one zero point.
struct Point {
  T scale, factor, zero;
};

struct Parameters {
  const T *scale, *zero;
  i64 scales, zeros;  // 1: one for all channels. Without zero points: zero is null

  __device__ __forceinline__ Point at(const Grid &grid, i64 channel) const {
    Point p;
    p.scale = scale[scales == 1 ? 0 : channel];
    p.zero = zero ? rint(zero[zeros == 1 ? 0 : channel]) : 0;
    if (grid.learned) {  // NaN stays
      p.scale = p.scale < (T)0x1p-23 ? (T)0x1p-23 : p.scale;
      p.zero = p.zero < grid.low ? grid.low : p.zero > grid.high ? grid.high : p.zero;
    }
    p.factor = grid.divide ? p.scale : 1 / p.scale;
    return p;
  }
};

__device__ __forceinline__ T ratio(const Grid &grid, const Point &p, T x) {
  return grid.divide ? x / p.factor : times(x, p.factor);
}
__device__ __forceinline__ T steps(const Grid &grid, const Point &p, T x) {
  const T r = ratio(grid, p, x);
  return grid.zero_first ? rint(plus(r, p.zero)) : plus(rint(r), p.zero);
}
__device__ __forceinline__ T saturated(const Grid &grid, T r) {
  return r > grid.low ? r < grid.high ? r : (T)grid.high : (T)grid.low;
}
__device__ __forceinline__ bool inside(const Grid &grid, T r) {
  return r >= grid.low && r <= grid.high;
}

// ---- streaming

struct Forward {
  typedef T Out;
  static __device__ __forceinline__ T of(const Grid &grid, const Point &p, T x, T) {
    return times(plus(saturated(grid, steps(grid, p, x)), -p.zero), p.scale);
  }
};
struct Integers {
  typedef i8 Out;
  static __device__ __forceinline__ i8 of(const Grid &grid, const Point &p, T x, T) {
    return (i8)(int)saturated(grid, steps(grid, p, x));
  }
};
struct Backward {
  typedef T Out;
  static __device__ __forceinline__ T of(const Grid &grid, const Point &p, T x, T dy) {
    return inside(grid, steps(grid, p, x)) ? dy : 0;
  }
};

// Rule is Forward, Integers or Backward; dy is x where it is not needed.
template <class Rule, bool WITH_DY>
__device__ __forceinline__ void stream(const T *x, const Parameters &parameters, const T *dy,
                                       typename Rule::Out *y, i64 n, i64 channels, i64 inner,
                                       const Grid &grid) {
  const int N = Pack<T>::COUNT;
  Channel channel(channels, inner);
  i64 known = -1;
  Point p;
  for (i64 i = thread_index() * N; i < n; i += thread_count() * N) {
    Pack<T> from, by;
    load(from, x, i, n);
    if (WITH_DY) load(by, dy, i, n);
    Pack<typename Rule::Out, N> to;
    channel.seek(i);
    for (int j = 0; j < N && i + j < n; j++) {
      if (channel.index != known) p = parameters.at(grid, known = channel.index);
      to.at[j] = Rule::of(grid, p, from.at[j], WITH_DY ? by.at[j] : 0);
      channel.step();
    }
    store(to, y, i, n);
  }
}

extern "C" __global__ void fake_quantize(const T *x, const T *scale, const T *zero, T *y, i64 n,
                                         i64 channels, i64 inner, i64 scales, i64 zeros,
                                         Grid grid) {
  stream<Forward, false>(x, Parameters{scale, zero, scales, zeros}, x, y, n, channels, inner, grid);
}

extern "C" __global__ void quantize_int8(const T *x, const T *scale, const T *zero, i8 *y, i64 n,
                                         i64 channels, i64 inner, i64 scales, i64 zeros,
                                         Grid grid) {
  stream<Integers, false>(x, Parameters{scale, zero, scales, zeros}, x, y, n, channels, inner,
                          grid);
}

extern "C" __global__ void fake_quantize_bwd(const T *x, const T *scale, const T *zero, const T *dy,
                                             T *dx, i64 n, i64 channels, i64 inner, i64 scales,
                                             i64 zeros, Grid grid) {
  stream<Backward, true>(x, Parameters{scale, zero, scales, zeros}, dy, dx, n, channels, inner,
                         grid);
}

// The readable form: an element per thread.
extern "C" __global__ void fake_quantize_v1(const T *x, const T *scale, const T *zero, T *y, i64 n,
                                            i64 channels, i64 inner, i64 scales, i64 zeros,
                                            Grid grid) {
  const Parameters parameters{scale, zero, scales, zeros};
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    const Point p = parameters.at(grid, i / inner % channels);
    y[i] = Forward::of(grid, p, x[i], 0);
  }
}

extern "C" __global__ void straight_through_round(const T *x, T *y, i64 n) {
  const int N = Pack<T>::COUNT;
  for (i64 i = thread_index() * N; i < n; i += thread_count() * N) {
    Pack<T> v;
    load(v, x, i, n);
    for (int j = 0; j < N && i + j < n; j++) v.at[j] = rint(v.at[j]);
    store(v, y, i, n);
  }
}

// ---- gradients of the parameters

struct Affine {
  static const int SUMS = 2;
  // Returns dx and adds to ds and dz.
  static __device__ __forceinline__ T of(const Grid &grid, const Point &p, T x, T dy, T &ds,
                                         T &dz) {
    const T r = steps(grid, p, x);
    const T level = saturated(grid, r) - p.zero;
    if (!inside(grid, r)) {
      ds += dy * level;
      dz -= dy * p.scale;
      return 0;
    }
    const T off = plus(times(level, p.scale), -x);
    ds += dy * (grid.divide ? off / p.factor : off * p.factor);
    return dy;
  }
};
struct Lsq {
  static const int SUMS = 1;
  static __device__ __forceinline__ T of(const Grid &grid, const Point &p, T x, T dy, T &ds, T &) {
    const T r = x / p.scale;
    const T q = saturated(grid, rint(r));
    const bool in = r > grid.low && r < grid.high;
    ds += dy * (in ? q - r : q);
    return in ? dy : 0;
  }
};

// Sums to parts[2][channels][parts] (lsq: the first half). Block (part, channel): `length` of the
// outer*inner elements of one channel.
template <class Rule>
__device__ void rows(const T *x, const Parameters &parameters, const T *dy, T *dx, T *sums,
                     i64 outer, i64 channels, i64 inner, i64 length, const Grid &grid) {
  for (i64 c = blockIdx.y; c < channels; c += gridDim.y) {
    const Point p = parameters.at(grid, c);
    const i64 begin = blockIdx.x * length, end = min(outer * inner, begin + length);
    T ds = 0, dz = 0;
    for (i64 j = begin + threadIdx.x; j < end; j += 256) {
      const i64 i = outer == 1 ? c * inner + j : (j / inner * channels + c) * inner + j % inner;
      dx[i] = Rule::of(grid, p, x[i], dy[i], ds, dz);
    }
    ds = block_sum(ds);
    if (Rule::SUMS == 2) dz = block_sum(dz);
    if (threadIdx.x == 0) {
      sums[c * gridDim.x + blockIdx.x] = ds;
      if (Rule::SUMS == 2) sums[(channels + c) * gridDim.x + blockIdx.x] = dz;
    }
  }
}

// inner = 1. Block (columns, part) of 32 x 8 threads: 32 channels, `length` of the outer rows.
template <class Rule>
__device__ void columns(const T *x, const Parameters &parameters, const T *dy, T *dx, T *sums,
                        i64 outer, i64 channels, i64 length, const Grid &grid) {
  __shared__ T scales[8][33];
  __shared__ T zeros[8][33];
  const i64 c = (i64)blockIdx.x * 32 + threadIdx.x;
  const i64 begin = blockIdx.y * length, end = min(outer, begin + length);
  T ds = 0, dz = 0;
  if (c < channels) {
    const Point p = parameters.at(grid, c);
    for (i64 o = begin + threadIdx.y; o < end; o += 8) {
      const i64 i = o * channels + c;
      dx[i] = Rule::of(grid, p, x[i], dy[i], ds, dz);
    }
  }
  scales[threadIdx.y][threadIdx.x] = ds;
  zeros[threadIdx.y][threadIdx.x] = dz;
  __syncthreads();
  if (threadIdx.y == 0 && c < channels) {
    for (int j = 1; j < 8; j++) {
      ds += scales[j][threadIdx.x];
      dz += zeros[j][threadIdx.x];
    }
    sums[c * gridDim.y + blockIdx.y] = ds;
    if (Rule::SUMS == 2) sums[(channels + c) * gridDim.y + blockIdx.y] = dz;
  }
}

#define PARAMETERS_BACKWARD(name, Rule)                                                            \
  extern "C" __global__ void name##_rows(const T *x, const T *scale, const T *zero, const T *dy,   \
                                         T *dx, T *sums, i64 outer, i64 channels, i64 inner,       \
                                         i64 scales, i64 zeros, i64 length, Grid grid) {           \
    rows<Rule>(x, Parameters{scale, zero, scales, zeros}, dy, dx, sums, outer, channels, inner,    \
               length, grid);                                                                      \
  }                                                                                                \
  extern "C" __global__ void name##_columns(                                                       \
      const T *x, const T *scale, const T *zero, const T *dy, T *dx, T *sums, i64 outer,           \
      i64 channels, i64 inner, i64 scales, i64 zeros, i64 length, Grid grid) {                     \
    columns<Rule>(x, Parameters{scale, zero, scales, zeros}, dy, dx, sums, outer, channels,        \
                  length, grid);                                                                   \
  }
PARAMETERS_BACKWARD(fake_quantize_parameters_bwd, Affine)
PARAMETERS_BACKWARD(lsq_quantize_bwd, Lsq)
