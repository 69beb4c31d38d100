/* op        add ... relu_backward, compare         family elementwise
 * math      y = f(a, b); compare: y = a ? b
 * shapes    a, b broadcast to y; up to 8 axes after neighbours that walk alike are merged
 * dtypes    T = f32|f64|bf16|f16|i64|i32|i8|u8 (div: floats); y is T, or bool for compare
 * traffic   read a and b once where they are not broadcast, write n elements
 * flops     1*n   bandwidth bound
 * launch    grid <= 8 per multiprocessor; block 256; static smem 0 B; tail handled by the stride loop
 * order     elements are independent; y may be a or b where they have its shape
 * variants  v1 divides the index along the axes | flat strides of 0 or 1, no division (default where it fits)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "walk.cuh"

typedef acc<T> A;

#define BINARY(name, R, value)                                                                     \
  extern "C" __global__ void name##_v1(const T *a_, const T *b_, R *y_, i64 n, Walk<2> walk) {     \
    for (i64 i = thread_index(); i < n; i += thread_count()) {                                     \
      i64 at[2];                                                                                   \
      walk.places(i, at);                                                                          \
      const A a = widen(a_[at[0]]), b = widen(b_[at[1]]);                                          \
      y_[i] = narrow<R>(value);                                                                    \
    }                                                                                              \
  }                                                                                                \
  extern "C" __global__ void name##_flat(const T *a_, const T *b_, R *y_, i64 n, i64 step_a,       \
                                         i64 step_b) {                                             \
    for (i64 i = thread_index(); i < n; i += thread_count()) {                                     \
      const A a = widen(a_[i * step_a]), b = widen(b_[i * step_b]);                                \
      y_[i] = narrow<R>(value);                                                                    \
    }                                                                                              \
  }

BINARY(add, T, (A)(a + b))
BINARY(sub, T, (A)(a - b))
BINARY(mul, T, (A)(a * b))
BINARY(div, T, (A)(a / b))
BINARY(maximum, T, a != a ? a : b > a || b != b ? b : a)  // NaN if either is
BINARY(minimum, T, a != a ? a : b < a || b != b ? b : a)
BINARY(relu_backward, T, b > 0 ? a : (A)0)
BINARY(equal, u8, a == b)
BINARY(not_equal, u8, a != b)
BINARY(less, u8, a < b)
BINARY(less_equal, u8, a <= b)
BINARY(greater, u8, a > b)
BINARY(greater_equal, u8, a >= b)
