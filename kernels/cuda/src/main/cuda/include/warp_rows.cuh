// A warp per row: products of rows, summed in a fixed tree.

// Rows that this warp takes: for (i64 i = warp_index(); i < rows; i += warp_count()).
__device__ __forceinline__ i64 warp_index() {
  return thread_index() >> 5;
}
__device__ __forceinline__ i64 warp_count() {
  return thread_count() >> 5;
}

// x . y in every lane. All lanes call it.
__device__ __forceinline__ T warp_dot(const T *x, const T *y, i64 width) {
  T t = 0;
  for (i64 d = threadIdx.x & 31; d < width; d += 32) t += x[d] * y[d];
  return warp_sum(t);
}

// 1 / sqrt(max(square, eps)), rounded once; NaN stays.
__device__ __forceinline__ T guarded(T square, T eps) {
  return (T)(1 / sqrt((double)(square < eps ? eps : square)));
}
