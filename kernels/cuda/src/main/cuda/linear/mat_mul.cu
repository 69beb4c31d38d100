/* op        mat_mul                               family linear
 * math      c_mn = sum_k op(a)_mk op(b)_kn, for every batch
 * shapes    a [.., M,K] or [.., K,M], b [.., K,N] or [.., N,K], c [.., M,N]; batches broadcast; any extents >= 0
 * dtypes    T = f32|f64|bf16|f16; 16-bit types multiply and accumulate in f32
 * traffic   tiled: read (M*K*N/64 + K*N*M/64)*sizeof(T), write M*N*sizeof(T) bytes
 * flops     2*M*N*K   compute bound from K of a few hundred on
 * launch    block 256, 16x16; grid (N/64, M/64, batches); static smem 8.3 KB (f32); tail handled
 * order     every element adds its products in the order of k => bit-stable
 * variants  v1 element per thread | tiled: 64x64 of c per block, 4x4 per thread (default where cuBLAS is absent)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "walk.cuh"

typedef acc<T> A;

// Row-major, transposed on request.
__device__ __forceinline__ A at(const T *x, i64 row, i64 column, i64 rows, i64 columns, int transposed) {
  return widen(transposed ? x[column * rows + row] : x[row * columns + column]);
}

extern "C" __global__ void mat_mul_v1(const T *a, const T *b, T *c, i64 M, i64 N, i64 K,
                                      int transpose_a, int transpose_b, i64 batches, Walk<2> walk) {
  for (i64 i = thread_index(); i < batches * M * N; i += thread_count()) {
    i64 from[2];
    walk.places(i / (M * N), from);
    const i64 m = i / N % M, n = i % N;
    A sum = 0;
    for (i64 k = 0; k < K; k++)
      sum += at(a + from[0], m, k, M, K, transpose_a) * at(b + from[1], k, n, K, N, transpose_b);
    c[i] = narrow<T>(sum);
  }
}

// A block computes 64 x 64 of c. Slices of 16 along k of both operands pass through shared memory;
// a thread holds rows y, y+16, y+32, y+48 and columns x, x+16, ... of the tile in registers.
extern "C" __global__ void mat_mul_tiled(const T *a, const T *b, T *c, i64 M, i64 N, i64 K,
                                         int transpose_a, int transpose_b, i64 batches,
                                         Walk<2> walk) {
  __shared__ A tile_a[16][65];  // [k][m]; 65: no two rows in one bank
  __shared__ A tile_b[16][65];  // [k][n]
  const int x = threadIdx.x, y = threadIdx.y, linear = y * 16 + x;
  const i64 m0 = (i64)blockIdx.y * 64, n0 = (i64)blockIdx.x * 64;
  for (i64 batch = blockIdx.z; batch < batches; batch += gridDim.z) {
    i64 from[2];
    walk.places(batch, from);
    A sums[4][4];
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 4; j++) sums[i][j] = 0;
    for (i64 k0 = 0; k0 < K; k0 += 16) {
      for (int e = linear; e < 16 * 64; e += 256) {
        // Neighbouring threads load neighbours in memory, whichever way the operand lies.
        const int ka = transpose_a ? e / 64 : e % 16, ma = transpose_a ? e % 64 : e / 16;
        const int kb = transpose_b ? e % 16 : e / 64, nb = transpose_b ? e / 16 : e % 64;
        tile_a[ka][ma] = m0 + ma < M && k0 + ka < K
                             ? at(a + from[0], m0 + ma, k0 + ka, M, K, transpose_a)
                             : (A)0;
        tile_b[kb][nb] = n0 + nb < N && k0 + kb < K
                             ? at(b + from[1], k0 + kb, n0 + nb, K, N, transpose_b)
                             : (A)0;
      }
      __syncthreads();
      for (int k = 0; k < 16; k++) {
        A left[4], right[4];
        for (int i = 0; i < 4; i++) left[i] = tile_a[k][y + 16 * i];
        for (int j = 0; j < 4; j++) right[j] = tile_b[k][x + 16 * j];
        for (int i = 0; i < 4; i++)
          for (int j = 0; j < 4; j++) sums[i][j] += left[i] * right[j];
      }
      __syncthreads();  // before the next slice overwrites this one
    }
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 4; j++) {
        const i64 m = m0 + y + 16 * i, n = n0 + x + 16 * j;
        if (m < M && n < N) c[(batch * M + m) * N + n] = narrow<T>(sums[i][j]);
      }
  }
}
