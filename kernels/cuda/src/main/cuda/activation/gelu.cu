/* op        gelu, gelu_backward                    family activation
 * math      P = (1 + erf(x / sqrt 2)) / 2 = erfc(-x / sqrt 2) / 2; y = x P;
 *           dx = dy (P + x e^(-x^2/2) / sqrt(2 pi))
 * shapes    x,y,dy,dx [n], any n >= 0
 * dtypes    T = f32|f64|bf16|f16; computed in f32 (f64: f64); NaN and infinities propagate
 * traffic   read n*sizeof(T) (gradient: twice that), write n*sizeof(T) bytes
 * flops     25*n, gradient 40*n   bandwidth bound
 * launch    block 256; grid <= 8 per multiprocessor; static smem 0 B; tail handled by elements
 * order     elements are independent; y may be x, dx may be x or dy
 * variants  v1 16-byte loads, elements where tensors do not start at 16 bytes (default)
 * measured  not on a GPU yet
 * paper     Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2             */
#include "ibrik.cuh"
#include "rows.cuh"

// P(z <= x), as erfc(-x / sqrt 2) / 2: 1 + erf would cancel below 0.
__device__ __forceinline__ A below(A x) { return (A)0.5 * erfc(x * (A)-0.70710678118654752440); }

extern "C" __global__ void gelu_v1(const T *x, T *y, i64 n, int aligned) {
  for (i64 i = thread_index() * PACK; i < n; i += thread_count() * PACK) {
    const bool whole = aligned && i + PACK <= n;
    Values v = load(x, i, n, whole);
    for (int j = 0; j < PACK; j++) v.at[j] *= below(v.at[j]);
    store(y, i, n, whole, v);
  }
}

extern "C" __global__ void gelu_backward_v1(const T *x, const T *dy, T *dx, i64 n, int aligned) {
  for (i64 i = thread_index() * PACK; i < n; i += thread_count() * PACK) {
    const bool whole = aligned && i + PACK <= n;
    const Values v = load(x, i, n, whole);
    Values g = load(dy, i, n, whole);
    for (int j = 0; j < PACK; j++) {
      const A density = exp((A)-0.5 * v.at[j] * v.at[j]) * (A)0.39894228040143267794;
      g.at[j] *= below(v.at[j]) + v.at[j] * density;
    }
    store(dx, i, n, whole, g);
  }
}
