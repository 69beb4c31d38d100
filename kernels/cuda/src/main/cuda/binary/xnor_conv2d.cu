/* op        xnor_conv2d                             family binary
 * math      y = alpha_o dot; dot = sum of products of signs over the taps
 *           = C taps - 2 pa - 2 pw + 4 popc(x and w), with pa and pw the negative signs of the
 *           window and of the filter; a tap outside counts as nothing, 1 or -1: for nothing its C
 *           signs and its part of pw are left out
 * shapes    x i32 [N,H,W,words], w i32 [O,R,S,words], alpha [O], y [N,P,Q,O]; 32 channels per word;
 *           any N, O >= 0; bits past the last channel are 0 in both
 * dtypes    T = f32|f64 (alpha and y); exact up to the product with alpha
 * traffic   read 4*(N*H*W + O*R*S)*words, write N*P*Q*O*sizeof(T) bytes at best
 * flops     N*P*Q*O*R*S*words products of words   compute bound
 * launch    block 256; static smem <= 11 KB; tails handled
 * order     integers: none
 * variants  v1 an element of y per thread, xor and popc | tile: 64 pixels by 64 filters, and +
 *           popc | tile with TENSOR: mma.m16n8k256.and.popc (default on sm_80 to sm_90, where
 *           and.popc is one instruction; xor.popc is not on sm_90)
 * measured  not on a GPU yet
 * paper     Rastegari et al. 2016, arXiv:1603.05279 */
#include "ibrik.cuh"
#include "neighbours.cuh"

__device__ __forceinline__ int dot(unsigned a, unsigned b) {
  return __popc(a & b);
}
__device__ __forceinline__ int weight(unsigned word) {
  return __popc(word);
}

#ifdef TENSOR
template <class Dot>
__device__ __forceinline__ void mma_by_hand(int *c, const unsigned (&a)[4], const unsigned (&b)[2],
                                            Dot dot);
__device__ __forceinline__ void mma(int *c, const unsigned (&a)[4], const unsigned (&b)[2]) {
#ifndef CUDA_EMU
  asm("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
      "{%8,%9}, {%0,%1,%2,%3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  mma_by_hand(c, a, b, [](unsigned l, unsigned r) { return dot(l, r); });
#endif
}
#endif
#include "words.cuh"

// What lies outside the image.
enum { NOTHING = 0, PLUS = 1, MINUS = 2 };

// Word j of `channels` times -1.
__device__ __forceinline__ unsigned negative(i64 channels, i64 j) {
  const i64 rest = channels - 32 * j;
  return rest >= 32 ? 0xffffffffu : (1u << rest) - 1;
}

// The words of one pixel's window, outside ones filled in.
struct Pixels {
  const unsigned *x;
  const Image &g;
  i64 channels;
  int outside;
  Window window;
  bool there;  // a pixel, not past the last one
  Tap tap;

  __device__ __forceinline__ Pixels(const unsigned *x, const Image &g, i64 channels, int outside,
                                    i64 pixel, bool there)
      : x(x),
        g(g),
        channels(channels),
        outside(outside),
        window(g, there ? pixel : 0),
        there(there),
        tap((threadIdx.x & 3) * 4, (int)g.C, (int)g.S) {}
  __device__ __forceinline__ unsigned word(const Tap &at) const {
    if (!there || at.r >= g.R) return 0;
    if (window.inside(g, at.r, at.s)) return x[window.at(g, at.r, at.s) + at.j];
    return outside == MINUS ? negative(channels, at.j) : 0;
  }
  __device__ __forceinline__ void words(unsigned (&to)[4]) const {
    if (g.C % 4 == 0 && aligned<16>(x)) {  // four words of one tap
      if (there && tap.r < g.R && window.inside(g, tap.r, tap.s)) {
        const Pack<unsigned, 4> v =
            *(const Pack<unsigned, 4> *)(x + window.at(g, tap.r, tap.s) + tap.j);
        for (int i = 0; i < 4; i++) to[i] = v.at[i];
        return;
      }
    }
    Tap at = tap;
    for (int i = 0; i < 4; i++) {
      to[i] = word(at);
      at.step(1);
    }
  }
  __device__ __forceinline__ void step() { tap.step(WORDS); }
};

// The words of one filter, which lie one after the other.
struct Filter {
  const unsigned *w;
  i64 rest;  // words from here to the end

  __device__ __forceinline__ Filter(const unsigned *w, i64 words, i64 o, bool there)
      : w(w + o * words + (threadIdx.x & 3) * 4), rest(there ? words - (threadIdx.x & 3) * 4 : 0) {}
  __device__ __forceinline__ void words(unsigned (&to)[4]) const {
    Pack<unsigned, 4> v;
    for (int i = 0; i < 4; i++) v.at[i] = 0;
    load(v, w, 0, rest);
    for (int i = 0; i < 4; i++) to[i] = v.at[i];
  }
  __device__ __forceinline__ void step() {
    w += WORDS;
    rest -= WORDS;
  }
};

// Negative signs of every tap of every filter: counts [O, R S].
extern "C" __global__ void xnor_conv2d_taps(const unsigned *w, int *counts, i64 taps, i64 words) {
  for (i64 i = thread_index(); i < taps; i += thread_count()) {
    int count = 0;
    for (i64 j = 0; j < words; j++) count += __popc(w[i * words + j]);
    counts[i] = count;
  }
}

extern "C" __global__ void xnor_conv2d_v1(const unsigned *x, const unsigned *w, const T *alpha,
                                          T *y, i64 channels, int outside, Image g) {
  const i64 n = g.N * g.P * g.Q * g.K;
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    const i64 o = i % g.K;
    const Window window(g, i / g.K);
    i64 total = 0;
    for (i64 r = 0; r < g.R; r++)
      for (i64 s = 0; s < g.S; s++) {
        const bool inside = window.inside(g, r, s);
        if (!inside && outside == NOTHING) continue;
        const unsigned *filter = w + ((o * g.R + r) * g.S + s) * g.C;
        int differ = 0;
        for (i64 j = 0; j < g.C; j++) {
          const unsigned here = inside             ? x[window.at(g, r, s) + j]
                                : outside == MINUS ? negative(channels, j)
                                                   : 0;
          differ += __popc(here ^ filter[j]);
        }
        total += channels - 2 * differ;
      }
    y[i] = alpha[o] * (T)total;
  }
}

extern "C" __global__ void __launch_bounds__(256, 2)
    xnor_conv2d_tile(const unsigned *x, const unsigned *w, const T *alpha, const int *counts, T *y,
                     i64 channels, int outside, Image g) {
  const i64 pixels = g.N * g.P * g.Q, words = g.R * g.S * g.C, taps = g.R * g.S;
  const i64 pixel = (i64)blockIdx.x * 64;
  for (i64 filter = (i64)blockIdx.y * 64; filter < g.K; filter += (i64)gridDim.y * 64) {
    const int line = threadIdx.x >> 2;
    WordTile tile;
    int *pa, *pw;
    tile.multiply(Pixels(x, g, channels, outside, pixel + line, pixel + line < pixels),
                  Filter(w, words, filter + line, filter + line < g.K), words, pa, pw);
#pragma unroll
    for (int e = 0; e < 16; e++) {
      const int row = WordTile::row(e), column = WordTile::column(e);
      const i64 m = pixel + row, o = filter + column;
      if (m >= pixels || o >= g.K) continue;
      i64 real = taps;
      int negative_weights = pw[column];
      if (outside == NOTHING) {
        const Window window(g, m);
        if (!window.whole(g))
          for (i64 tap = 0; tap < taps; tap++)
            if (!window.inside(g, tap / g.S, tap % g.S)) {
              real--;
              negative_weights -= counts[o * taps + tap];
            }
      }
      const i64 total = channels * real - 2 * (pa[row] + negative_weights) + 4 * (i64)tile.c[e];
      y[m * g.K + o] = alpha[o] * (T)total;
    }
    __syncthreads();  // pa and pw are in use until here
  }
}
