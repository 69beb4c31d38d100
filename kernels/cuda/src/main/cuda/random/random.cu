/* op        random_uniform, random_normal, random_bernoulli   family random
 * math      Philox4x32-10 of (seed, block, stream); uniform: low + (high-low) u; bernoulli: u < p;
 *           normal: mean + std r cos|sin(2 pi v), r = sqrt(-2 ln(1-u))
 * shapes    key [2] i64: seed, stream; y [n], any n >= 0
 * dtypes    T = f32|f64|bf16|f16. A block of 4 words gives 4 elements, 2 of f64. The arithmetic is f64 without
 *           fused multiply-add, so uniform and bernoulli have the reference's bits; of f64 normals,
 *           and of few f32 ones, the last digit may differ as the library's logarithm and cosine do
 * traffic   write n*sizeof(T) bytes
 * flops     30 integer multiplications per 4 elements; normal: f64 logarithm, root, sine
 * launch    block 256; grid <= 8 per multiprocessor; static smem 0 B; tail handled
 * order     element i depends on the key and i alone => the same bits on any grid
 * variants  v1 a block of words per thread and turn (default)
 * measured  not on a GPU yet
 * paper     Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"      */
#include "ibrik.cuh"

constexpr int EACH = sizeof(T) == 8 ? 2 : 4;  // elements of a block of words

__device__ __forceinline__ void philox(u64 key, u64 low, u64 high, unsigned *c) {
  c[0] = (unsigned)low;
  c[1] = (unsigned)(low >> 32);
  c[2] = (unsigned)high;
  c[3] = (unsigned)(high >> 32);
  unsigned k0 = (unsigned)key, k1 = (unsigned)(key >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const unsigned a = c[0], b = c[2];
    c[0] = __umulhi(0xCD9E8D57u, b) ^ c[1] ^ k0;
    c[1] = 0xCD9E8D57u * b;
    c[2] = __umulhi(0xD2511F53u, a) ^ c[3] ^ k1;
    c[3] = 0xD2511F53u * a;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

// Numbers of [0, 1): the top 24 bits of a word, or the top 53 of two.
__device__ __forceinline__ void units(const unsigned *words, double *u) {
  for (int k = 0; k < EACH; k++)
    u[k] = EACH == 4 ? (words[k] >> 8) * 0x1p-24
                     : (double)(((u64)words[2 * k] << 32 | words[2 * k + 1]) >> 11) * 0x1p-53;
}

struct Uniform {
  static __device__ __forceinline__ void of(double *u, double low, double high) {
    for (int k = 0; k < EACH; k++) u[k] = __dadd_rn(low, __dmul_rn(high - low, u[k]));
  }
};
struct Bernoulli {
  static __device__ __forceinline__ void of(double *u, double p, double) {
    for (int k = 0; k < EACH; k++) u[k] = u[k] < p;
  }
};
struct Normal {
  static __device__ __forceinline__ void of(double *u, double mean, double std) {
    for (int k = 0; k < EACH; k += 2) {
      const double r = sqrt(-2 * log(1 - u[k])), angle = 6.283185307179586476925 * u[k + 1];
      u[k] = __dadd_rn(mean, __dmul_rn(std, r * cos(angle)));
      u[k + 1] = __dadd_rn(mean, __dmul_rn(std, r * sin(angle)));
    }
  }
};

struct alignas(EACH * sizeof(T)) Block { T at[EACH]; };

template <class D>
__device__ void draw(const i64 *key, T *y, i64 n, double a, double b, bool aligned) {
  const u64 seed = (u64)key[0], stream = (u64)key[1];
  for (i64 i = thread_index(); i < (n + EACH - 1) / EACH; i += thread_count()) {
    unsigned words[4];
    double u[EACH];
    philox(seed, (u64)i, stream, words);
    units(words, u);
    D::of(u, a, b);
    Block block;
    for (int k = 0; k < EACH; k++) block.at[k] = narrow<T>((acc<T>)u[k]);
    T *to = y + i * EACH;
    if (aligned && (i + 1) * EACH <= n) {
      *(Block *)to = block;
    } else {
      for (int k = 0; k < EACH && i * EACH + k < n; k++) to[k] = block.at[k];
    }
  }
}

#define DRAW(name, D)                                                                              \
  extern "C" __global__ void name##_v1(const i64 *key, T *y, i64 n, double a, double b,            \
                                       int aligned) {                                              \
    draw<D>(key, y, n, a, b, aligned);                                                             \
  }
DRAW(random_uniform, Uniform)
DRAW(random_bernoulli, Bernoulli)
DRAW(random_normal, Normal)
