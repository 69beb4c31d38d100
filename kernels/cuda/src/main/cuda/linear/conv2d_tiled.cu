/* op        conv2d, conv2d_backward_data, conv2d_backward_weight      family linear
 * math      as in conv2d.cu, as products of matrices that are never laid out: y = windows of x times filters;
 *           dx = places of dy times filters; dw = dy' times windows of x
 * shapes    x [N,H,W,C], w [K,R,S,C/G], y [N,P,Q,K]; zeros outside x, so a NaN in w meets them too
 * dtypes    T = f32|f64|bf16|f16; 16-bit types multiply and accumulate in f32
 * traffic   each operand is read once per tile of the other side: (x*K + w*N*P*Q)/(16*PER) elements, mostly from L2
 * flops     2*N*P*Q*K*R*S*C/G; compute bound on FMA units, no tensor cores
 * launch    block 256; grid (rows/side, columns/side, groups [* parts]), side 16*PER = 64 or 128; static smem 8.7 KB (f32)
 * order     every element adds its products in a fixed order; dw adds its parts in order; both depend on the shape alone
 * variants  tiled: side squared of the result per block, PER x PER per thread; v1 is in conv2d.cu
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "neighbours.cuh"
#include "tile.cuh"

struct Geometry {
  i64 N, H, W, C, K, R, S, P, Q, G;
  i64 stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
};

// A place along the depth of a product: inner index, fastest, then s, then r.
struct Depth {
  int inner, s, r;

  __device__ __forceinline__ Depth(int first, int count, int S) : inner(first), s(0), r(0) {
    carry(count, S);
  }
  __device__ __forceinline__ void step(int by, int count, int S) {
    inner += by;
    carry(count, S);
  }

 private:
  __device__ __forceinline__ void carry(int count, int S) {
    while (inner >= count) {
      inner -= count;
      if (++s == S) {
        s = 0;
        r++;
      }
    }
  }
};

// Windows of x: row (n,p,q), depth (r,s,c).
struct Windows : Lane<true> {
  const Geometry &g;
  const T *x;
  int channels;  // of a group
  i64 at[EACH];  // channel 0 of tap (0,0), may lie outside
  int h[EACH], w[EACH];
  Depth d;

  __device__ __forceinline__ Windows(const Geometry &g, const T *x, i64 group, i64 first)
      : g(g), channels((int)(g.C / g.G)), d(k, (int)(g.C / g.G), (int)g.S) {
    this->x = x + group * channels;
#pragma unroll
    for (int l = 0; l < EACH; l++) {
      const i64 row = first + i + l * STEP, q = row % g.Q, p = row / g.Q % g.P, n = row / g.Q / g.P;
      h[l] = n < g.N ? (int)(p * g.stride_h - g.pad_h) : -(1 << 30);
      w[l] = (int)(q * g.stride_w - g.pad_w);
      at[l] = ((n * g.H + h[l]) * g.W + w[l]) * g.C;
    }
  }
  __device__ __forceinline__ void fetch(acc<T> (&to)[EACH], i64) {
    const int down = d.r * (int)g.dilation_h, right = d.s * (int)g.dilation_w;
    const i64 tap = ((i64)down * g.W + right) * g.C + d.inner;
#pragma unroll
    for (int l = 0; l < EACH; l++) {
      const int y = h[l] + down, v = w[l] + right;
      const bool there = d.r < g.R && y >= 0 && y < g.H && v >= 0 && v < g.W;
      to[l] = there ? widen(x[at[l] + tap]) : 0;
    }
    d.step(DEPTH, channels, (int)g.S);
  }
};

// What of dy a pixel of x had part in: row (n,h,w), depth (r,s,k).
struct Places : Lane<true> {
  const Geometry &g;
  const T *dy;
  int kernels;  // of a group
  i64 n[EACH];
  int h[EACH], w[EACH];
  Depth d;

  __device__ __forceinline__ Places(const Geometry &g, const T *dy, i64 group, i64 first)
      : g(g), kernels((int)(g.K / g.G)), d(k, (int)(g.K / g.G), (int)g.S) {
    this->dy = dy + group * kernels;
#pragma unroll
    for (int l = 0; l < EACH; l++) {
      const i64 row = first + i + l * STEP;
      n[l] = row / g.W / g.H;
      h[l] = n[l] < g.N ? (int)(row / g.W % g.H + g.pad_h) : -(1 << 30);
      w[l] = (int)(row % g.W + g.pad_w);
    }
  }
  __device__ __forceinline__ void fetch(acc<T> (&to)[EACH], i64) {
    const int u = (int)g.stride_h, v = (int)g.stride_w;
#pragma unroll
    for (int l = 0; l < EACH; l++) {
      const int down = h[l] - d.r * (int)g.dilation_h, right = w[l] - d.s * (int)g.dilation_w;
      const int p = down / u, q = right / v;
      const bool there = d.r < g.R && down >= 0 && right >= 0 && p * u == down && q * v == right &&
                         p < g.P && q < g.Q;
      to[l] = there ? widen(dy[((n[l] * g.P + p) * g.Q + q) * g.K + d.inner]) : 0;
    }
    d.step(DEPTH, kernels, (int)g.S);
  }
};

// Filters by channel: column c, depth (r,s,k).
struct Channels : Lane<false> {
  const Geometry &g;
  const T *w;
  int kernels, channels;
  bool inside;
  Depth d;

  __device__ __forceinline__ Channels(const Geometry &g, const T *w, i64 group, i64 first)
      : g(g), kernels((int)(g.K / g.G)), channels((int)(g.C / g.G)), d(k, (int)(g.K / g.G), (int)g.S) {
    this->w = w + group * kernels * g.R * g.S * channels + first + i;
    inside = first + i < channels;
  }
  __device__ __forceinline__ void fetch(acc<T> (&to)[EACH], i64) {
#pragma unroll
    for (int l = 0; l < EACH; l++) {
      const i64 at = ((d.inner * g.R + d.r) * g.S + d.s) * channels;
      to[l] = inside && d.r < g.R ? widen(w[at]) : 0;
      d.step(STEP, kernels, (int)g.S);  // EACH steps are DEPTH
    }
  }
};

// Windows of x by tap: column (r,s,c), depth (n,p,q) from `from` to `until`.
struct Taps : Lane<false> {
  const Geometry &g;
  const T *x;
  i64 until, pixel;
  int down, right;
  bool inside;
  i64 n, p, q;

  __device__ __forceinline__ Taps(const Geometry &g, const T *x, i64 group, i64 first, i64 from,
                                  i64 until)
      : g(g), until(until) {
    const i64 channels = g.C / g.G, j = first + i, c = j % channels, s = j / channels % g.S;
    const i64 r = j / channels / g.S;
    this->x = x + group * channels + c;
    inside = r < g.R;
    down = (int)(r * g.dilation_h - g.pad_h);
    right = (int)(s * g.dilation_w - g.pad_w);
    pixel = from + k;
    q = pixel % g.Q;
    p = pixel / g.Q % g.P;
    n = pixel / g.Q / g.P;
  }
  __device__ __forceinline__ void fetch(acc<T> (&to)[EACH], i64) {
#pragma unroll
    for (int l = 0; l < EACH; l++) {
      const i64 y = p * g.stride_h + down, v = q * g.stride_w + right;
      const bool there = inside && pixel < until && y >= 0 && y < g.H && v >= 0 && v < g.W;
      to[l] = there ? widen(x[((n * g.H + y) * g.W + v) * g.C]) : 0;
      pixel += STEP;
      q += STEP;
      while (q >= g.Q) {
        q -= g.Q;
        if (++p == g.P) {
          p = 0;
          n++;
        }
      }
    }
  }
};

// Writes a tile of a matrix [rows, columns] whose rows are `ld` apart.
template <class U>
__device__ __forceinline__ void put_tile(U *to, i64 ld, i64 m, i64 n, i64 rows, i64 columns,
                                         const acc<T> (&tile)[PER][PER]) {
#pragma unroll
  for (int i = 0; i < PER; i++)
#pragma unroll
    for (int j = 0; j < PER; j++) {
      const i64 y = m + tile_place(i, threadIdx.x >> 4), x = n + tile_place(j, threadIdx.x & 15);
      if (y < rows && x < columns) to[y * ld + x] = narrow<U>(tile[i][j]);
    }
}

extern "C" __global__ void __launch_bounds__(256, 2)
    conv2d_tiled(const T *x, const T *w, T *y, Geometry g) {
  const i64 group = blockIdx.z, kernels = g.K / g.G, depth = g.R * g.S * (g.C / g.G);
  const i64 m = (i64)blockIdx.x * SIDE, n = (i64)blockIdx.y * SIDE;
  acc<T> tile[PER][PER];
  multiply_tile(Windows(g, x, group, m),
                Operand<true>(w + (group * kernels + n) * depth, depth, kernels - n, depth), depth,
                tile);
  put_tile(y + group * kernels, g.K, m, n, g.N * g.P * g.Q, kernels, tile);
}

extern "C" __global__ void __launch_bounds__(256, 2)
    conv2d_backward_data_tiled(const T *dy, const T *w, T *dx, Geometry g) {
  const i64 group = blockIdx.z, channels = g.C / g.G;
  const i64 m = (i64)blockIdx.x * SIDE, n = (i64)blockIdx.y * SIDE;
  acc<T> tile[PER][PER];
  multiply_tile(Places(g, dy, group, m), Channels(g, w, group, n), g.R * g.S * (g.K / g.G), tile);
  put_tile(dx + group * channels, g.C, m, n, g.N * g.H * g.W, channels, tile);
}

// Part `z % parts` of the pixels, to its own place in `sums` [parts, K, R*S*C/G].
extern "C" __global__ void __launch_bounds__(256, 2)
    conv2d_backward_weight_tiled(const T *x, const T *dy, acc<T> *sums, Geometry g, i64 parts) {
  const i64 group = blockIdx.z / parts, part = blockIdx.z % parts, kernels = g.K / g.G;
  const i64 taps = g.R * g.S * (g.C / g.G), pixels = g.N * g.P * g.Q;
  const i64 each = (pixels + parts - 1) / parts, from = min(part * each, pixels);
  const i64 until = min(from + each, pixels);
  const i64 m = (i64)blockIdx.x * SIDE, n = (i64)blockIdx.y * SIDE;
  acc<T> tile[PER][PER];
  multiply_tile(
      Operand<false>(dy + from * g.K + group * kernels + m, g.K, kernels - m, until - from),
      Taps(g, x, group, n, from, until), until - from, tile);
  put_tile(sums + (part * g.K + group * kernels) * taps, taps, m, n, kernels, taps, tile);
}

extern "C" __global__ void conv2d_weight_sums(const acc<T> *sums, T *dw, i64 elements, i64 parts) {
  for (i64 i = thread_index(); i < elements; i += thread_count()) {
    acc<T> sum = 0;
    for (i64 part = 0; part < parts; part++) sum += sums[part * elements + i];
    dw[i] = narrow<T>(sum);
  }
}
