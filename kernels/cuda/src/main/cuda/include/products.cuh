// Products of matrices in memory as kernels, for strips that are never kept: f32 and f64. Needs
// neighbours.cuh.
#include "tile.cuh"

// C[M,N], its rows `ldc` apart, = A B, or += with `add`. A block per tile, tiles of rows along x.
template <bool A_FAST, bool B_FAST>
__device__ __forceinline__ void product(const T *a, i64 lda, const T *b, i64 ldb, T *c, i64 ldc,
                                        i64 M, i64 N, i64 K, int add) {
  const i64 m = (i64)blockIdx.x * SIDE;
  for (i64 n = (i64)blockIdx.y * SIDE; n < N; n += (i64)gridDim.y * SIDE) {
    T tile[PER][PER];
    multiply_tile(Operand<A_FAST>(A_FAST ? a + m * lda : a + m, lda, M - m, K),
                  Operand<B_FAST>(B_FAST ? b + n * ldb : b + n, ldb, N - n, K), K, tile);
#pragma unroll
    for (int i = 0; i < PER; i++)
#pragma unroll
      for (int j = 0; j < PER; j++) {
        const i64 y = m + tile_place(i, threadIdx.x >> 4), x = n + tile_place(j, threadIdx.x & 15);
        if (y < M && x < N) {
          T *to = c + y * ldc + x;
          *to = add ? *to + tile[i][j] : tile[i][j];
        }
      }
  }
}

// A and B with their rows in memory.
extern "C" __global__ void __launch_bounds__(256, 2)
    product_nn(const T *a, i64 lda, const T *b, i64 ldb, T *c, i64 ldc, i64 M, i64 N, i64 K,
               int add) {
  product<true, false>(a, lda, b, ldb, c, ldc, M, N, K, add);
}
// A transposed: its columns lie in memory.
extern "C" __global__ void __launch_bounds__(256, 2)
    product_tn(const T *a, i64 lda, const T *b, i64 ldb, T *c, i64 ldc, i64 M, i64 N, i64 K,
               int add) {
  product<false, false>(a, lda, b, ldb, c, ldc, M, N, K, add);
}
// B transposed.
extern "C" __global__ void __launch_bounds__(256, 2)
    product_nt(const T *a, i64 lda, const T *b, i64 ldb, T *c, i64 ldc, i64 M, i64 N, i64 K,
               int add) {
  product<true, true>(a, lda, b, ldb, c, ldc, M, N, K, add);
}
