// Products of matrices, tile by tile: what losses of similarities are made of. Needs pack.cuh.
//
// A block of 256 threads has a square tile of C = A B with 16 PER rows; thread t, with ty = t / 16
// and tx = t % 16, has PER x PER of its elements:
//
//            tx: 0 0 0 0 1 1 1 1 ... 15 15 15 15 | the same again for PER = 8
//   ty: 0    4 x 4 elements of thread 0 ...
//       0    (tile_place(i, ty), tile_place(j, tx))

// PER: 4 or 8, the launcher says.
#ifndef PER
#define PER 4
#endif
static const int SIDE = 16 * PER;
static const int DEPTH = 16;

__device__ __forceinline__ int tile_place(int i, int t) { return (i >> 2) * 64 + t * 4 + (i & 3); }

// Element e of the SIDE x DEPTH that a block loads, in the order that lies in memory.
template <bool K_FAST> __device__ __forceinline__ int row_of(int e) {
  return K_FAST ? e / DEPTH : e % SIDE;
}
template <bool K_FAST> __device__ __forceinline__ int depth_of(int e) {
  return K_FAST ? e % DEPTH : e / SIDE;
}

// c = A B over K. a(row, k) and b(k, column) count from the tile's corner and give 0 outside.
// A_FAST, B_FAST: whether neighbours along k, not along rows or columns, are neighbours in memory.
// The next DEPTH of both is on its way from memory while this one is multiplied.
template <bool A_FAST, bool B_FAST, class LoadA, class LoadB>
__device__ __forceinline__ void multiply_tile(LoadA a, LoadB b, i64 K, T (&c)[PER][PER]) {
  __shared__ Pack<T, 4> left[DEPTH][SIDE / 4 + 1];
  __shared__ Pack<T, 4> right[DEPTH][SIDE / 4 + 1];
  const int t = threadIdx.x, tx = t & 15, ty = t >> 4;
  T next_a[PER], next_b[PER];
#pragma unroll
  for (int i = 0; i < PER; i++)
#pragma unroll
    for (int j = 0; j < PER; j++) c[i][j] = 0;
#pragma unroll
  for (int l = 0; l < PER; l++) {
    const int e = t + 256 * l;
    next_a[l] = depth_of<A_FAST>(e) < K ? a(row_of<A_FAST>(e), depth_of<A_FAST>(e)) : 0;
    next_b[l] = depth_of<B_FAST>(e) < K ? b(depth_of<B_FAST>(e), row_of<B_FAST>(e)) : 0;
  }
  for (i64 k0 = 0; k0 < K; k0 += DEPTH) {
    __syncthreads();  // the chunk before, and a call before, may still be in use
#pragma unroll
    for (int l = 0; l < PER; l++) {
      const int e = t + 256 * l;
      const int i = row_of<A_FAST>(e), j = row_of<B_FAST>(e);
      left[depth_of<A_FAST>(e)][i >> 2].at[i & 3] = next_a[l];
      right[depth_of<B_FAST>(e)][j >> 2].at[j & 3] = next_b[l];
    }
    __syncthreads();
#pragma unroll
    for (int l = 0; l < PER; l++) {
      const int e = t + 256 * l;
      const i64 ka = k0 + DEPTH + depth_of<A_FAST>(e), kb = k0 + DEPTH + depth_of<B_FAST>(e);
      next_a[l] = ka < K ? a(row_of<A_FAST>(e), ka) : 0;
      next_b[l] = kb < K ? b(kb, row_of<B_FAST>(e)) : 0;
    }
#pragma unroll
    for (int k = 0; k < DEPTH; k++) {
      Pack<T, 4> l[PER / 4], r[PER / 4];
#pragma unroll
      for (int i = 0; i < PER / 4; i++) {
        l[i] = left[k][i * 16 + ty];
        r[i] = right[k][i * 16 + tx];
      }
#pragma unroll
      for (int i = 0; i < PER; i++)
#pragma unroll
        for (int j = 0; j < PER; j++) c[i][j] += l[i >> 2].at[i & 3] * r[j >> 2].at[j & 3];
    }
  }
}

// A matrix in memory, from one corner of a tile: rows `row` apart, columns `column` apart.
struct Corner {
  const T *at;
  i64 row, column, rows, columns;  // rows and columns that are left from here

  __device__ __forceinline__ T operator()(i64 i, i64 j) const {
    return i < rows && j < columns ? at[i * row + j * column] : 0;
  }
};

// C[M,N], its rows `ldc` apart, = A B, or += with `add`. A block per tile, tiles of rows along x.
template <bool A_FAST, bool B_FAST>
__device__ __forceinline__ void product(const T *a, i64 lda, const T *b, i64 ldb, T *c, i64 ldc,
                                        i64 M, i64 N, i64 K, int add) {
  const i64 m = (i64)blockIdx.x * SIDE;
  for (i64 n = (i64)blockIdx.y * SIDE; n < N; n += (i64)gridDim.y * SIDE) {
    T tile[PER][PER];
    const Corner left{A_FAST ? a + m * lda : a + m, A_FAST ? lda : 1, A_FAST ? 1 : lda, M - m, K};
    const Corner right{B_FAST ? b + n * ldb : b + n, B_FAST ? 1 : ldb, B_FAST ? ldb : 1, K, N - n};
    multiply_tile<A_FAST, B_FAST>(left, right, K, tile);
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
extern "C" __global__ void product_nn(const T *a, i64 lda, const T *b, i64 ldb, T *c, i64 ldc, i64 M,
                                      i64 N, i64 K, int add) {
  product<true, false>(a, lda, b, ldb, c, ldc, M, N, K, add);
}
// A transposed: its columns lie in memory.
extern "C" __global__ void product_tn(const T *a, i64 lda, const T *b, i64 ldb, T *c, i64 ldc, i64 M,
                                      i64 N, i64 K, int add) {
  product<false, false>(a, lda, b, ldb, c, ldc, M, N, K, add);
}
// B transposed.
extern "C" __global__ void product_nt(const T *a, i64 lda, const T *b, i64 ldb, T *c, i64 ldc, i64 M,
                                      i64 N, i64 K, int add) {
  product<true, true>(a, lda, b, ldb, c, ldc, M, N, K, add);
}
