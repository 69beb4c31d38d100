// What g++ needs to compile a .cu file for the host: the names of CUDA that kernels use.
//
// A block's threads are fibers on one thread of the host. They change over only inside barriers,
// shuffles and votes (emu.cpp), so atomics are ordinary operations here; which fiber goes on is
// drawn at random, as is the order of the blocks. Threads of the host never run side by side.
// The words that mark kernels and shared memory are rewritten before the compiler sees them
// (EmulatedCompiler).
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CUDA_EMU 1
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define __restrict__ __restrict

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
static const int warpSize = 32;

extern "C" {
void emu_sync_block(void);
int emu_count_block(int predicate);
void emu_sync_warp(unsigned mask);
uint64_t emu_exchange(unsigned mask, uint64_t value, unsigned source);
unsigned emu_ballot(unsigned mask, int predicate);
unsigned emu_lane(void);
unsigned emu_active(void);
void *emu_dynamic_shared(void);
void emu_shared(void *at, size_t bytes);
void emu_trap(void);
}

#define EMU_VECTOR(T, name, align)                                                               \
  struct alignas(align * 2) name##2 { T x, y; };                                                 \
  struct name##3 { T x, y, z; };                                                                 \
  struct alignas(align * 4 > 16 ? 16 : align * 4) name##4 { T x, y, z, w; };                     \
  inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                     \
  inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
EMU_VECTOR(float, float, 4)
EMU_VECTOR(int, int, 4)
EMU_VECTOR(short, short, 2)
EMU_VECTOR(unsigned short, ushort, 2)
EMU_VECTOR(signed char, char, 1)
EMU_VECTOR(unsigned char, uchar, 1)
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) double2 { double x, y; };
struct alignas(16) longlong2 { long long x, y; };
struct alignas(16) ulonglong2 { unsigned long long x, y; };
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline double2 make_double2(double x, double y) { return {x, y}; }

// ---- barriers, shuffles, votes

inline void __syncthreads() { emu_sync_block(); }
inline int __syncthreads_count(int p) { return emu_count_block(p); }
inline int __syncthreads_or(int p) { return emu_count_block(p) != 0; }
inline int __syncthreads_and(int p) { return emu_count_block(!p) == 0; }
inline void __syncwarp(unsigned mask = ~0u) { emu_sync_warp(mask); }
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}
inline void __nanosleep(unsigned) {}
inline void __trap() { emu_trap(); }
inline unsigned __activemask() { return emu_active(); }

template <class T> T emu_swap(unsigned mask, T value, unsigned source) {
  static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = emu_exchange(mask, bits, source);
  memcpy(&value, &bits, sizeof value);
  return value;
}
template <class T> T __shfl_sync(unsigned m, T v, int source, int width = 32) {
  return emu_swap(m, v, (emu_lane() & ~(width - 1u)) | ((unsigned)source & (width - 1u)));
}
template <class T> T __shfl_down_sync(unsigned m, T v, unsigned by, int width = 32) {
  unsigned lane = emu_lane();
  return emu_swap(m, v, (lane & (width - 1u)) + by < (unsigned)width ? lane + by : lane);
}
template <class T> T __shfl_up_sync(unsigned m, T v, unsigned by, int width = 32) {
  unsigned lane = emu_lane();
  return emu_swap(m, v, (lane & (width - 1u)) >= by ? lane - by : lane);
}
template <class T> T __shfl_xor_sync(unsigned m, T v, int bits, int width = 32) {
  unsigned lane = emu_lane(), source = lane ^ (unsigned)bits;
  return emu_swap(m, v, source < (lane & ~(width - 1u)) + (unsigned)width ? source : lane);
}
inline unsigned __ballot_sync(unsigned m, int p) { return emu_ballot(m, p); }
inline int __any_sync(unsigned m, int p) { return emu_ballot(m, p) != 0; }
inline int __all_sync(unsigned m, int p) { return emu_ballot(m, !p) == 0; }
template <class T, class F> T emu_reduce(unsigned mask, T value, F combine) {
  T total = 0;
  bool first = true;
  for (unsigned lane = 0; lane < 32; lane++)
    if (mask >> lane & 1) {
      T other = emu_swap(mask, value, lane);
      total = first ? other : combine(total, other);
      first = false;
    }
  return total;
}
template <class T> T __reduce_add_sync(unsigned m, T v) {
  return emu_reduce(m, v, [](T a, T b) { return (T)(a + b); });
}
template <class T> T __reduce_max_sync(unsigned m, T v) {
  return emu_reduce(m, v, [](T a, T b) { return a > b ? a : b; });
}
template <class T> T __reduce_min_sync(unsigned m, T v) {
  return emu_reduce(m, v, [](T a, T b) { return a < b ? a : b; });
}
template <class T> unsigned __match_any_sync(unsigned m, T v) {
  unsigned same = 0;
  for (unsigned lane = 0; lane < 32; lane++)
    if (m >> lane & 1) {
      T other = emu_swap(m, v, lane);
      same |= (unsigned)(memcmp(&other, &v, sizeof v) == 0) << lane;
    }
  return same;
}

// ---- atomics: fibers do not change over inside them

template <class T> struct emu_same { using type = T; };
template <class T> using emu_plain = typename emu_same<T>::type;
#define EMU_ATOMIC(name, expression)                                                             \
  template <class T> T name(T *at, emu_plain<T> v) {                                             \
    T old = *at;                                                                                 \
    *at = (T)(expression);                                                                       \
    return old;                                                                                  \
  }                                                                                              \
  template <class T> T name##_block(T *at, emu_plain<T> v) { return name(at, v); }
EMU_ATOMIC(atomicAdd, old + v)
EMU_ATOMIC(atomicSub, old - v)
EMU_ATOMIC(atomicMax, old < v ? v : old)
EMU_ATOMIC(atomicMin, v < old ? v : old)
EMU_ATOMIC(atomicExch, v)
EMU_ATOMIC(atomicAnd, old & v)
EMU_ATOMIC(atomicOr, old | v)
EMU_ATOMIC(atomicXor, old ^ v)
EMU_ATOMIC(atomicInc, old >= v ? 0 : old + 1)
EMU_ATOMIC(atomicDec, old == 0 || old > v ? v : old - 1)
template <class T> T atomicCAS(T *at, emu_plain<T> expected, emu_plain<T> v) {
  T old = *at;
  if (old == expected) *at = v;
  return old;
}

// ---- loads, bits, arithmetic

template <class T> T __ldg(const T *p) { return *p; }
template <class T> T __ldcs(const T *p) { return *p; }
template <class T> T __ldcg(const T *p) { return *p; }
template <class T> void __stcs(T *p, T v) { *p = v; }
template <class T> void __stcg(T *p, T v) { *p = v; }
template <class To, class From> To emu_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "same size");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}
inline float __uint_as_float(unsigned u) { return emu_bits<float>(u); }
inline float __int_as_float(int i) { return emu_bits<float>(i); }
inline unsigned __float_as_uint(float f) { return emu_bits<unsigned>(f); }
inline int __float_as_int(float f) { return emu_bits<int>(f); }
inline long long __double_as_longlong(double d) { return emu_bits<long long>(d); }
inline double __longlong_as_double(long long l) { return emu_bits<double>(l); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned)x); }
inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline unsigned __brev(unsigned x) {
  unsigned y = 0;
  for (int i = 0; i < 32; i++) y |= (x >> i & 1) << (31 - i);
  return y;
}
inline unsigned __byte_perm(unsigned a, unsigned b, unsigned s) {
  uint64_t both = (uint64_t)b << 32 | a;
  unsigned y = 0;
  for (int i = 0; i < 4; i++) y |= (unsigned)(both >> (8 * (s >> (4 * i) & 7)) & 0xff) << (8 * i);
  return y;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned by) {
  return (unsigned)(((uint64_t)high << 32 | low) << (by & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned by) {
  return (unsigned)(((uint64_t)high << 32 | low) >> (by & 31));
}
inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((uint64_t)a * b >> 32); }
inline int __mulhi(int a, int b) { return (int)((int64_t)a * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}
inline int __dp4a(int a, int b, int c) {
  for (int i = 0; i < 4; i++) c += (int8_t)(a >> (8 * i)) * (int8_t)(b >> (8 * i));
  return c;
}
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __log2f(float x) { return log2f(x); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }
inline int __float2int_rn(float x) { return (int)rintf(x); }
inline int __float2int_rz(float x) { return (int)x; }
inline int __float2int_rd(float x) { return (int)floorf(x); }
inline float __int2float_rn(int x) { return (float)x; }
inline void sincospif(float x, float *s, float *c) {
  *s = (float)sin(M_PI * (double)x);
  *c = (float)cos(M_PI * (double)x);
}
inline void sincospi(double x, double *s, double *c) {
  *s = sin(M_PI * x);
  *c = cos(M_PI * x);
}
#define EMU_EXTREMES(T)                                                                          \
  inline T min(T a, T b) { return b < a ? b : a; }                                               \
  inline T max(T a, T b) { return a < b ? b : a; }
EMU_EXTREMES(int)
EMU_EXTREMES(unsigned)
EMU_EXTREMES(long)
EMU_EXTREMES(unsigned long)
EMU_EXTREMES(long long)
EMU_EXTREMES(unsigned long long)
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

// ---- how the runtime calls a kernel: its arguments as the driver takes them

template <size_t...> struct emu_places {};
template <size_t N, size_t... I> struct emu_count : emu_count<N - 1, N - 1, I...> {};
template <size_t... I> struct emu_count<0, I...> { using type = emu_places<I...>; };
template <class T> struct emu_bare { using type = T; };
template <class T> struct emu_bare<const T> { using type = T; };
template <class... A, size_t... I>
void emu_spread(void (*kernel)(A...), void **arguments, emu_places<I...>) {
  kernel(*(typename emu_bare<A>::type *)arguments[I]...);
}
template <class... A> void emu_call(void (*kernel)(A...), void **arguments) {
  emu_spread(kernel, arguments, typename emu_count<sizeof...(A)>::type{});
}
