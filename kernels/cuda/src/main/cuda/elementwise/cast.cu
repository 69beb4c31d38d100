/* op        cast, not, is_finite                   family elementwise
 * math      cast: y = (TO) x; floats round to nearest even, float to integer truncates and saturates
 * shapes    x,y [n], any n >= 0
 * dtypes    FROM, TO = all with whole bytes; bool is TO = u8 with -DTO_BOOL
 * traffic   read n*sizeof(FROM), write n*sizeof(TO) bytes
 * flops     1*n   bandwidth bound
 * launch    grid <= 8 per multiprocessor; block 256; static smem 0 B; tail handled by the stride loop
 * order     elements are independent
 * variants  v1 one element per thread and turn (default)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"

// Float to integer: the C conversion of a number out of range is undefined, so the ends are tested.
template <class To> __device__ __forceinline__ To saturate(double x, double low, double past) {
  return x != x ? (To)0 : x < low ? (To)low : x >= past ? (To)((u64)past - 1) : (To)x;
}

template <class To> struct cast_to {  // floats
  template <class A> static __device__ __forceinline__ To of(A x) { return narrow<To>((acc<To>)x); }
};
#define CAST_TO_INTEGER(To, low, past)                                                             \
  template <> struct cast_to<To> {                                                                 \
    static __device__ __forceinline__ To of(float x) { return saturate<To>(x, low, past); }        \
    static __device__ __forceinline__ To of(double x) { return saturate<To>(x, low, past); }       \
    template <class A> static __device__ __forceinline__ To of(A x) { return (To)x; }              \
  };
CAST_TO_INTEGER(i64, -9223372036854775808.0, 9223372036854775808.0)
CAST_TO_INTEGER(int, -2147483648.0, 2147483648.0)
CAST_TO_INTEGER(i8, -128.0, 128.0)
CAST_TO_INTEGER(u8, 0.0, 256.0)

extern "C" __global__ void cast_v1(const FROM *x, TO *y, i64 n) {
  for (i64 i = thread_index(); i < n; i += thread_count()) {
#ifdef TO_BOOL
    y[i] = widen(x[i]) != 0;
#else
    y[i] = cast_to<TO>::of(widen(x[i]));
#endif
  }
}

extern "C" __global__ void not_v1(const FROM *x, u8 *y, i64 n) {
  for (i64 i = thread_index(); i < n; i += thread_count()) y[i] = widen(x[i]) == 0;
}

extern "C" __global__ void is_finite_v1(const FROM *x_, u8 *y, i64 n) {
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    const acc<FROM> x = widen(x_[i]);
    y[i] = x - x == 0;
  }
}
