/* op        int_mat_mul, int_conv2d                 family integer
 * math      y = sum (x - zero) w = sum x w - zero sum w over taps and channels; outside, x is zero
 * shapes    x i8 [N,H,W,C], w i8 [K,R,S,C], y i32 [N,P,Q,K]; a product is the case of one pixel
 *           and one tap; any extents >= 0, without channels by v1
 * dtypes    i8, sums in i32, exact
 * traffic   read N*H*W*C + K*R*S*C, write 4*N*P*Q*K bytes at best
 * flops     2*N*P*Q*K*R*S*C   compute bound
 * launch    block 256; static smem <= 11 KB; tails handled
 * order     integers: none
 * variants  v1 an element of y per thread | tile: 64 pixels by 64 filters, dp4a | tile with TENSOR:
 *           mma.m16n8k32.s8 (default from sm_80 on)
 * measured  not on a GPU yet
 * paper     Jacob et al. 2018, arXiv:1712.05877 */
#include "ibrik.cuh"
#include "neighbours.cuh"

// Of x the dot product with w, and of w, with ones, its sum: four bytes each.
__device__ __forceinline__ int dot(unsigned a, unsigned b) {
  return __dp4a((int)a, (int)b, 0);
}
__device__ __forceinline__ int weight(unsigned word) {
  return __dp4a((int)word, 0x01010101, 0);
}

#ifdef TENSOR
template <class Dot>
__device__ __forceinline__ void mma_by_hand(int *c, const unsigned (&a)[4], const unsigned (&b)[2],
                                            Dot dot);
__device__ __forceinline__ void mma(int *c, const unsigned (&a)[4], const unsigned (&b)[2]) {
#ifndef CUDA_EMU
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  mma_by_hand(c, a, b, [](unsigned l, unsigned r) { return dot(l, r); });
#endif
}
#endif
#include "words.cuh"

// Word j of C bytes, the lowest first; bytes past the last channel are 0.
__device__ __forceinline__ unsigned bytes(const i8 *x, i64 C, int j) {
  if (C % 4 == 0 && aligned<4>(x)) return *(const unsigned *)(x + 4 * j);
  unsigned word = 0;
  for (int i = 0; i < 4; i++)
    if (4 * j + i < C) word |= (unsigned)(u8)x[4 * j + i] << (8 * i);
  return word;
}

// A pixel's window, or a filter, as words: tap by tap, each rounded up to whole words.
struct Pixels {
  const i8 *x;
  const Image &g;
  unsigned fill;
  Window window;
  bool there;
  Tap tap;

  __device__ __forceinline__ Pixels(const i8 *x, const Image &g, int zero, i64 pixel, bool there)
      : x(x),
        g(g),
        fill((unsigned)(u8)zero * 0x01010101u),
        window(g, there ? pixel : 0),
        there(there),
        tap((threadIdx.x & 3) * 4, (int)((g.C + 3) / 4), (int)g.S) {}
  __device__ __forceinline__ void words(unsigned (&to)[4]) const {
    Tap at = tap;
    for (int i = 0; i < 4; i++) {
      to[i] = !there || at.r >= g.R          ? 0
              : window.inside(g, at.r, at.s) ? bytes(x + window.at(g, at.r, at.s), g.C, at.j)
                                             : fill;
      at.step(1);
    }
  }
  __device__ __forceinline__ void step() { tap.step(WORDS); }
};

struct Filter {
  const i8 *w;
  const Image &g;
  bool there;
  Tap tap;

  __device__ __forceinline__ Filter(const i8 *w, const Image &g, i64 k, bool there)
      : w(w + k * g.R * g.S * g.C),
        g(g),
        there(there),
        tap((threadIdx.x & 3) * 4, (int)((g.C + 3) / 4), (int)g.S) {}
  __device__ __forceinline__ void words(unsigned (&to)[4]) const {
    Tap at = tap;
    for (int i = 0; i < 4; i++) {
      to[i] = there && at.r < g.R ? bytes(w + (at.r * g.S + at.s) * g.C, g.C, at.j) : 0;
      at.step(1);
    }
  }
  __device__ __forceinline__ void step() { tap.step(WORDS); }
};

extern "C" __global__ void int_conv2d_v1(const i8 *x, const i8 *w, int *y, int zero, Image g) {
  const i64 n = g.N * g.P * g.Q * g.K;
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    const i64 k = i % g.K;
    const Window window(g, i / g.K);
    int sum = 0;
    for (i64 r = 0; r < g.R; r++)
      for (i64 s = 0; s < g.S; s++)
        if (window.inside(g, r, s))
          for (i64 c = 0; c < g.C; c++)
            sum += (x[window.at(g, r, s) + c] - zero) * w[((k * g.R + r) * g.S + s) * g.C + c];
    y[i] = sum;
  }
}

extern "C" __global__ void __launch_bounds__(256, 2)
    int_conv2d_tile(const i8 *x, const i8 *w, int *y, int zero, Image g) {
  const i64 pixels = g.N * g.P * g.Q, words = g.R * g.S * ((g.C + 3) / 4);
  const i64 pixel = (i64)blockIdx.x * 64;
  for (i64 filter = (i64)blockIdx.y * 64; filter < g.K; filter += (i64)gridDim.y * 64) {
    const int line = threadIdx.x >> 2;
    WordTile tile;
    int *ignored, *sums;
    tile.multiply(Pixels(x, g, zero, pixel + line, pixel + line < pixels),
                  Filter(w, g, filter + line, filter + line < g.K), words, ignored, sums);
#pragma unroll
    for (int e = 0; e < 16; e++) {
      const int column = WordTile::column(e);
      const i64 m = pixel + WordTile::row(e), k = filter + column;
      if (m < pixels && k < g.K)
        y[m * g.K + k] = (int)((unsigned)tile.c[e] - (unsigned)zero * (unsigned)sums[column]);
    }
    __syncthreads();  // the sums are in use until here
  }
}
