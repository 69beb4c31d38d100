// Products and sums that are rounded one by one: the compiler may otherwise join a product and a
// sum into one fma, and integers of a quantiser would differ from backend to backend.

__device__ __forceinline__ float times(float a, float b) {
  return __fmul_rn(a, b);
}
__device__ __forceinline__ double times(double a, double b) {
  return __dmul_rn(a, b);
}
__device__ __forceinline__ float plus(float a, float b) {
  return __fadd_rn(a, b);
}
__device__ __forceinline__ double plus(double a, double b) {
  return __dadd_rn(a, b);
}
