// Included by every kernel: element types, how they widen and round, sums over a warp and a block.

typedef signed char i8;
typedef unsigned char u8;  // bool as well, 0 or 1
typedef long long i64;
typedef unsigned long long u64;
struct bf16 { unsigned short bits; };
struct f16 { unsigned short bits; };

// Element types that the launcher chooses. Not macros themselves: a header of the compiler may call
// a template's parameter T.
#ifdef TYPE_T
typedef TYPE_T T;
#endif
#ifdef TYPE_U
typedef TYPE_U U;
#endif
#ifdef TYPE_FROM
typedef TYPE_FROM FROM;
#endif
#ifdef TYPE_TO
typedef TYPE_TO TO;
#endif

// The type to compute in: 16-bit floats widen to f32, all others stay.
template <class T> struct compute { using type = T; };
template <> struct compute<bf16> { using type = float; };
template <> struct compute<f16> { using type = float; };
template <class T> using acc = typename compute<T>::type;

template <class T> __device__ __forceinline__ T widen(T x) { return x; }
__device__ __forceinline__ float widen(bf16 x) { return __uint_as_float((unsigned)x.bits << 16); }
__device__ __forceinline__ float widen(f16 x) {
#ifdef CUDA_EMU
  _Float16 half;
  memcpy(&half, &x, 2);
  return (float)half;
#else
  float y;
  asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
  return y;
#endif
}

// Rounds to nearest, ties to even.
template <class T> struct narrow_to {
  static __device__ __forceinline__ T of(T x) { return x; }
};
template <> struct narrow_to<bf16> {
  static __device__ __forceinline__ bf16 of(float x) {
    unsigned u = __float_as_uint(x);
    bf16 y;
    // NaN keeps its sign and upper digits and becomes quiet.
    y.bits = x != x ? (unsigned short)(u >> 16 | 0x40)
                    : (unsigned short)((u + 0x7fffu + (u >> 16 & 1)) >> 16);
    return y;
  }
};
template <> struct narrow_to<f16> {
  static __device__ __forceinline__ f16 of(float x) {
    f16 y;
#ifdef CUDA_EMU
    _Float16 half = (_Float16)x;
    memcpy(&y, &half, 2);
#else
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
#endif
    return y;
  }
};
template <class T> __device__ __forceinline__ T narrow(acc<T> x) { return narrow_to<T>::of(x); }

// The number of this thread in the grid, and of all threads: for loops that stride over the items.
__device__ __forceinline__ i64 thread_index() {
  return (i64)blockIdx.x * blockDim.x + threadIdx.x;
}
__device__ __forceinline__ i64 thread_count() { return (i64)gridDim.x * blockDim.x; }

// The sum over the 32 lanes of a warp, in every lane. All lanes call it.
template <class A> __device__ __forceinline__ A warp_sum(A x) {
  for (int by = 16; by > 0; by >>= 1) x += __shfl_xor_sync(0xffffffffu, x, by);
  return x;
}

// The sum over a block of whole warps, at most 1024 threads along x, in every thread. All threads
// call it; a fixed tree, so the bits depend on blockDim alone.
template <class A> __device__ __forceinline__ A block_sum(A x) {
  __shared__ A parts[32];
  __syncthreads();  // a call before may still be reading
  x = warp_sum(x);
  if ((threadIdx.x & 31) == 0) parts[threadIdx.x >> 5] = x;
  __syncthreads();
  x = (threadIdx.x & 31) < (blockDim.x >> 5) ? parts[threadIdx.x & 31] : (A)0;
  return warp_sum(x);
}
