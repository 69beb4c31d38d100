// Products of integers packed into words of 32 bits, tile by tile: 32 signs, or four bytes. A block
// of 256 threads has 64 rows (pixels) by 64 columns (filters); the words of both are loaded 16 at a
// time. Needs neighbours.cuh, and of the file that includes this:
//
//   int dot(unsigned a, unsigned b)      what a pair of words adds
//   int weight(unsigned word)            what is summed of each row and column beside the products
//   mma(c, a, b)                         with TENSOR: 16 rows, 8 columns, 8 words on tensor cores
//
// `Left` and `Right` are made for one row or column of this block and give four words at a time:
// void words(unsigned (&to)[4]), then step() to the words 16 further on.

static const int WORDS =
    16;  // a chunk; rows of shared memory are 4 longer, which keeps banks apart

struct WordTile {
  int c[16];  // element e is at (row(e), column(e))

#ifdef TENSOR
  // Warp (m, n) of 4 x 2 has 16 rows, 32 columns; in the order of the tensor cores' results.
  static __device__ __forceinline__ int row(int e) {
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    return (warp & 3) * 16 + (lane >> 2) + (e & 2) * 4;
  }
  static __device__ __forceinline__ int column(int e) {
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    return (warp >> 2) * 32 + (e >> 2) * 8 + (lane & 3) * 2 + (e & 1);
  }
#else
  static __device__ __forceinline__ int row(int e) { return (threadIdx.x >> 4) + (e >> 2) * 16; }
  static __device__ __forceinline__ int column(int e) { return (threadIdx.x & 15) + (e & 3) * 16; }
#endif

  // K words; the weights of all rows and columns come back in shared memory.
  template <class Left, class Right>
  __device__ __forceinline__ void multiply(Left left, Right right, i64 K, int *&rows,
                                           int *&columns) {
    __shared__ Pack<unsigned, 4> a[64][WORDS / 4 + 1];
    __shared__ Pack<unsigned, 4> b[64][WORDS / 4 + 1];
    __shared__ int row_weights[64];
    __shared__ int column_weights[64];
    // Thread t loads words 4 (t % 4) ... of row t / 4.
    const int t = threadIdx.x, line = t >> 2, part = t & 3;
    int row_weight = 0, column_weight = 0;
    Pack<unsigned, 4> next_a, next_b;
#pragma unroll
    for (int e = 0; e < 16; e++) c[e] = 0;
    left.words(next_a.at);
    right.words(next_b.at);
    for (i64 k = 0; k < K; k += WORDS) {
      __syncthreads();  // the chunk before may still be in use
      a[line][part] = next_a;
      b[line][part] = next_b;
#pragma unroll
      for (int i = 0; i < 4; i++) {
        row_weight += weight(next_a.at[i]);
        column_weight += weight(next_b.at[i]);
      }
      __syncthreads();
      if (k + WORDS < K) {
        left.step();
        right.step();
        left.words(next_a.at);
        right.words(next_b.at);
      }
      chunk(a, b);
    }
    for (int by = 2; by > 0; by >>= 1) {
      row_weight += __shfl_xor_sync(0xffffffffu, row_weight, by);
      column_weight += __shfl_xor_sync(0xffffffffu, column_weight, by);
    }
    if (part == 0) {
      row_weights[line] = row_weight;
      column_weights[line] = column_weight;
    }
    __syncthreads();
    rows = row_weights;
    columns = column_weights;
  }

 private:
  typedef const Pack<unsigned, 4> Lines[64][WORDS / 4 + 1];

  __device__ __forceinline__ void chunk(Lines &a, Lines &b) {
#ifdef TENSOR
    const unsigned *left = (const unsigned *)a, *right = (const unsigned *)b;
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, group = lane >> 2, in = lane & 3;
    const int line = WORDS + 4;
#pragma unroll
    for (int k = 0; k < WORDS; k += 8) {
      const unsigned *from = left + ((warp & 3) * 16 + group) * line + k + in;
      const unsigned l[4] = {from[0], from[8 * line], from[4], from[8 * line + 4]};
#pragma unroll
      for (int n = 0; n < 4; n++) {
        const unsigned *by = right + ((warp >> 2) * 32 + n * 8 + group) * line + k + in;
        const unsigned r[2] = {by[0], by[4]};
        mma(c + 4 * n, l, r);
      }
    }
#else
#pragma unroll
    for (int k = 0; k < WORDS / 4; k++) {
      Pack<unsigned, 4> l[4], r[4];
#pragma unroll
      for (int i = 0; i < 4; i++) {
        l[i] = a[(threadIdx.x >> 4) + i * 16][k];
        r[i] = b[(threadIdx.x & 15) + i * 16][k];
      }
#pragma unroll
      for (int e = 0; e < 16; e++)
#pragma unroll
        for (int w = 0; w < 4; w++) c[e] += dot(l[e >> 2].at[w], r[e & 3].at[w]);
    }
#endif
  }
};

// The tensor cores' order of words: lane (group g, place t) holds of A the words (g, t), (g+8, t),
// (g, t+4), (g+8, t+4) of 16 rows by 8 words, of B the words (t, g), (t+4, g) of 8 words by 8
// columns, of the result (g, 2t), (g, 2t+1), (g+8, 2t), (g+8, 2t+1). This twin collects them by
// hand.
template <class Dot>
__device__ __forceinline__ void mma_by_hand(int *c, const unsigned (&a)[4], const unsigned (&b)[2],
                                            Dot dot) {
  const int lane = threadIdx.x & 31, group = lane >> 2, in = lane & 3;
  for (int t = 0; t < 4; t++) {
    unsigned l[4], r[2][2];
    for (int i = 0; i < 4; i++) l[i] = __shfl_sync(0xffffffffu, a[i], group * 4 + t);
    for (int n = 0; n < 2; n++)
      for (int i = 0; i < 2; i++) r[n][i] = __shfl_sync(0xffffffffu, b[i], (2 * in + n) * 4 + t);
    for (int e = 0; e < 4; e++)
      c[e] += dot(l[e >> 1], r[e & 1][0]) + dot(l[2 + (e >> 1)], r[e & 1][1]);
  }
}

// ---- images

// x [N,H,W,C], w [K,R,S,C], y [N,P,Q,K]; what a channel is the file says.
struct Image {
  i64 N, H, W, C, K, R, S, P, Q, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
};

// Where a filter lies on an image, for one pixel of the result.
struct Window {
  i64 n, h, w;  // h, w: of tap (0, 0), may lie outside

  __device__ __forceinline__ Window(const Image &g, i64 pixel) {
    const i64 q = pixel % g.Q, row = pixel / g.Q;
    n = row / g.P;
    h = row % g.P * g.stride_h - g.pad_h;
    w = q * g.stride_w - g.pad_w;
  }
  __device__ __forceinline__ bool inside(const Image &g, i64 r, i64 s) const {
    const i64 y = h + r * g.dilation_h, x = w + s * g.dilation_w;
    return y >= 0 && y < g.H && x >= 0 && x < g.W;
  }
  // The first channel under tap (r, s).
  __device__ __forceinline__ i64 at(const Image &g, i64 r, i64 s) const {
    return ((n * g.H + h + r * g.dilation_h) * g.W + w + s * g.dilation_w) * g.C;
  }
  // Whether every tap is inside.
  __device__ __forceinline__ bool whole(const Image &g) const {
    return h >= 0 && w >= 0 && h + (g.R - 1) * g.dilation_h < g.H &&
           w + (g.S - 1) * g.dilation_w < g.W;
  }
};

// A place in the words of a filter: word j of tap (r, s).
struct Tap {
  int j, words, r, s, S;

  __device__ __forceinline__ Tap(int first, int words, int S)
      : j(first), words(words), r(0), s(0), S(S) {
    carry();
  }
  __device__ __forceinline__ void step(int by) {
    j += by;
    carry();
  }

 private:
  __device__ __forceinline__ void carry() {
    while (j >= words) {
      j -= words;
      if (++s == S) {
        s = 0;
        r++;
      }
    }
  }
};
