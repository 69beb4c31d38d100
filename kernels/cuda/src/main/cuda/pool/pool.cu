/* op        max_pool2d, avg_pool2d and gradients   family pool
 * math      max: y = largest of the window, first of equals, NaN wins; index = row*W + column of it;
 *           avg: y = sum / (rows columns); gradients add dy where it came from; gather: y = x[index]
 * shapes    x,dx [N,H,W,C]; y,dy,index [N,P,Q,C] (i32); any extents; padding counts for avg, never wins
 * dtypes    T = f32|f64|bf16|f16; computed in f32 (f64: f64)
 * traffic   read N*H*W*C*sizeof(T), write N*P*Q*C*(sizeof(T) + 4) bytes, windows overlap in L1
 * flops     rows*columns*N*P*Q*C   bandwidth bound
 * launch    block 256 per row of pixels; static smem 0 B; tails handled by the stride loops
 * order     every sum in one thread, in the order of the windows, no atomics => bit-stable
 * variants  v1 a channel per thread | packs 16 bytes of channels per thread (default where C allows);
 *           max_pool2d_backward: bands, a band of rows of one channel per thread
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "packs.cuh"

struct Geometry {  // PoolCuda.java
  i64 N, H, W, C, P, Q, rows, columns, stride_h, stride_w, pad_h, pad_w, dilate_h, dilate_w;
};

// The rows of pixels of a tensor, one a block and turn; and in a row, W channels per thread.
#define EACH_PIXEL_ROW(at, n) for (i64 at = blockIdx.x; at < (n); at += gridDim.x)
#define EACH_CHANNEL(W, i, n) \
  for (unsigned i = threadIdx.x * W; i < (unsigned)(n); i += blockDim.x * W)

template <int W>
__device__ void max_pool(const T *x, T *y, int *index, const Geometry &g, bool packed) {
  EACH_PIXEL_ROW(at, g.N * g.P) {
    const i64 n = at / g.P, h0 = at % g.P * g.stride_h - g.pad_h;
    EACH_CHANNEL(W, i, g.Q * g.C) {
      const unsigned q = i / (unsigned)g.C, c = i % (unsigned)g.C;
      const i64 w0 = q * g.stride_w - g.pad_w;
      A best[W];
      int place[W];
      for (int j = 0; j < W; j++) {
        best[j] = -(A)__int_as_float(0x7f800000);
        place[j] = -1;
      }
      for (i64 r = 0; r < g.rows; r++) {
        const i64 h = h0 + r * g.dilate_h;
        if (h < 0 || h >= g.H) continue;
        for (i64 s = 0; s < g.columns; s++) {
          const i64 w = w0 + s * g.dilate_w;
          if (w < 0 || w >= g.W) continue;
          const Values<W> v(x + ((n * g.H + h) * g.W + w) * g.C + c, packed);
          for (int j = 0; j < W; j++)
            if (best[j] == best[j] && (place[j] < 0 || v.at[j] > best[j] || v.at[j] != v.at[j])) {
              best[j] = v.at[j];
              place[j] = (int)(h * g.W + w);
            }
        }
      }
      const i64 to = at * g.Q * g.C + i;
      Values<W> result;
      for (int j = 0; j < W; j++) {
        result.at[j] = best[j];
        index[to + j] = place[j];
      }
      result.to(y + to, packed);
    }
  }
}

template <int W> __device__ void avg_pool(const T *x, T *y, const Geometry &g, bool packed) {
  const A weight = 1 / (A)(g.rows * g.columns);
  EACH_PIXEL_ROW(at, g.N * g.P) {
    const i64 n = at / g.P, h0 = at % g.P * g.stride_h - g.pad_h;
    EACH_CHANNEL(W, i, g.Q * g.C) {
      const unsigned q = i / (unsigned)g.C, c = i % (unsigned)g.C;
      const i64 w0 = q * g.stride_w - g.pad_w;
      Values<W> sum;
      for (int j = 0; j < W; j++) sum.at[j] = 0;
      for (i64 r = 0; r < g.rows; r++) {
        const i64 h = h0 + r * g.dilate_h;
        if (h < 0 || h >= g.H) continue;
        for (i64 s = 0; s < g.columns; s++) {
          const i64 w = w0 + s * g.dilate_w;
          if (w < 0 || w >= g.W) continue;
          const Values<W> v(x + ((n * g.H + h) * g.W + w) * g.C + c, packed);
          for (int j = 0; j < W; j++) sum.at[j] += weight * v.at[j];
        }
      }
      sum.to(y + at * g.Q * g.C + i, packed);
    }
  }
}

// Gathers: the windows that a pixel lies in.
template <int W>
__device__ void avg_pool_backward(const T *dy, T *dx, const Geometry &g, bool packed) {
  const A weight = 1 / (A)(g.rows * g.columns);
  EACH_PIXEL_ROW(at, g.N * g.H) {
    const i64 n = at / g.H, h = at % g.H + g.pad_h;
    EACH_CHANNEL(W, i, g.W * g.C) {
      const unsigned x = i / (unsigned)g.C, c = i % (unsigned)g.C;
      const i64 w = x + g.pad_w;
      Values<W> sum;
      for (int j = 0; j < W; j++) sum.at[j] = 0;
      for (i64 r = g.rows - 1; r >= 0; r--) {  // down: the windows come in their order
        const i64 up = h - r * g.dilate_h, p = up / g.stride_h;
        if (up < 0 || p * g.stride_h != up || p >= g.P) continue;
        for (i64 s = g.columns - 1; s >= 0; s--) {
          const i64 left = w - s * g.dilate_w, q = left / g.stride_w;
          if (left < 0 || q * g.stride_w != left || q >= g.Q) continue;
          const Values<W> v(dy + ((n * g.P + p) * g.Q + q) * g.C + c, packed);
          for (int j = 0; j < W; j++) sum.at[j] += weight * v.at[j];
        }
      }
      sum.to(dx + at * g.W * g.C + i, packed);
    }
  }
}

#define POOL(v, W)                                                                                 \
  extern "C" __global__ void max_pool2d_##v(const T *x, T *y, int *index, Geometry g, int packed) { \
    max_pool<W>(x, y, index, g, packed);                                                           \
  }                                                                                                \
  extern "C" __global__ void avg_pool2d_##v(const T *x, T *y, Geometry g, int packed) {            \
    avg_pool<W>(x, y, g, packed);                                                                  \
  }                                                                                                \
  extern "C" __global__ void avg_pool2d_backward_##v(const T *dy, T *dx, Geometry g, int packed) { \
    avg_pool_backward<W>(dy, dx, g, packed);                                                       \
  }
POOL(v1, 1)
POOL(packs, PACK)

// A thread has rows [band*height, ...) of one channel of one image: it clears them, then adds what
// falls into them, window by window. Neighbouring threads have neighbouring channels. An index
// outside the image is left out. 16-bit types round at every addition.
extern "C" __global__ void max_pool2d_backward_bands(const T *dy, const int *index, T *dx, i64 N,
                                                     i64 pixels, i64 windows, i64 C, i64 bands) {
  const i64 length = (pixels + bands - 1) / bands;
  for (i64 i = thread_index(); i < N * bands * C; i += thread_count()) {
    const i64 c = i % C, band = i / C % bands, n = i / C / bands;
    const i64 begin = min(pixels, band * length), end = min(pixels, begin + length);
    T *to = dx + n * pixels * C + c;
    for (i64 k = begin; k < end; k++) to[k * C] = narrow<T>((A)0);
    const i64 from = n * windows * C + c;
    for (i64 k = 0; k < windows; k++) {
      const int place = index[from + k * C];
      if (place >= begin && place < end)
        to[place * C] = narrow<T>(widen(to[place * C]) + widen(dy[from + k * C]));
    }
  }
}

// An index outside the image gives NaN.
extern "C" __global__ void max_pool2d_gather_v1(const T *x, const int *index, T *y, i64 N, i64 pixels,
                                                i64 windows, i64 C) {
  for (i64 i = thread_index(); i < N * windows * C; i += thread_count()) {
    const i64 c = i % C, n = i / C / windows;
    const int place = index[i];
    y[i] = place >= 0 && place < pixels ? x[(n * pixels + place) * C + c]
                                        : narrow<T>((A)__int_as_float(0x7fffffff));
  }
}
