/* op        neg ... clamp                         family elementwise
 * math      y = f(x); p and q are the attributes of scale, offset, pow and clamp
 * shapes    x,y [n], any n >= 0
 * dtypes    T = f32|f64|bf16|f16; 16-bit types compute in f32; NaN and infinities propagate
 * traffic   read n*sizeof(T), write n*sizeof(T) bytes
 * flops     1*n to about 20*n   bandwidth bound
 * launch    grid <= 8 per multiprocessor; block 256; static smem 0 B; tail handled by the stride loop
 * order     elements are independent; y may be x
 * variants  v1 one element per thread and turn (default)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"

typedef acc<T> A;

#define UNARY(name, value)                                                                         \
  extern "C" __global__ void name##_v1(const T *x_, T *y_, i64 n, double p_, double q_) {          \
    const A p = (A)p_, q = (A)q_;                                                                  \
    for (i64 i = thread_index(); i < n; i += thread_count()) {                                     \
      const A x = widen(x_[i]);                                                                    \
      y_[i] = narrow<T>(value);                                                                    \
    }                                                                                              \
    (void)p;                                                                                       \
    (void)q;                                                                                       \
  }

__device__ __forceinline__ float power(float x, float y) { return powf(x, y); }
__device__ __forceinline__ double power(double x, double y) { return pow(x, y); }

UNARY(neg, -x)
UNARY(abs, x < 0 ? -x : x + 0)  // + 0 makes -0 a 0
UNARY(sign, x > 0 ? 1 : x < 0 ? -1 : x)
UNARY(exp, exp(x))
UNARY(log, log(x))
UNARY(sqrt, sqrt(x))
UNARY(rsqrt, 1 / sqrt(x))
UNARY(reciprocal, 1 / x)
UNARY(square, x * x)
UNARY(sin, sin(x))
UNARY(cos, cos(x))
UNARY(tanh, tanh(x))
UNARY(sigmoid, 1 / (1 + exp(-x)))
UNARY(erf, erf(x))
UNARY(relu, x < 0 ? 0 : x)  // NaN stays
UNARY(floor, floor(x))
UNARY(round, rint(x))
UNARY(scale, p * x)
UNARY(offset, x + p)
UNARY(pow, power(x, p))
UNARY(clamp, x < p ? p : x > q ? q : x)  // NaN stays
