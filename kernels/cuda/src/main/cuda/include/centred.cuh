// Columns of a batch [B,D] without their mean. A block of 32 x 8 threads has 32 columns, 8 threads
// to a column; blockIdx.x counts them.

// The sum over the 8 threads of a column, in all of them.
__device__ __forceinline__ T column_sum(T x) {
  __shared__ T tile[8][33];
  __syncthreads();  // a call before may still be reading
  tile[threadIdx.y][threadIdx.x] = x;
  __syncthreads();
  x = 0;
  for (int j = 0; j < 8; j++) x += tile[j][threadIdx.x];
  return x;
}

// Mean and sum of squared distances from it, in two passes. All threads call it.
struct Moments {
  T mean, squares;
  __device__ __forceinline__ Moments(const T *z, i64 B, i64 D, i64 j) {
    T t = 0;
    if (j < D)
      for (i64 b = threadIdx.y; b < B; b += 8) t += z[b * D + j];
    mean = column_sum(t) / B;
    t = 0;
    if (j < D)
      for (i64 b = threadIdx.y; b < B; b += 8) {
        const T off = z[b * D + j] - mean;
        t += off * off;
      }
    squares = column_sum(t);
  }
};

__device__ __forceinline__ i64 column_index() {
  return (i64)blockIdx.x * 32 + threadIdx.x;
}
