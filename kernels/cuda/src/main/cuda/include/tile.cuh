// Products of matrices, tile by tile: what losses of similarities and convolutions are made of.
// Needs neighbours.cuh. Elements of T are widened when they are loaded.
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
static const int DEPTH = PER == 8 ? 8 : 16;
static const int EACH = SIDE * DEPTH / 256;  // elements of a chunk that a thread loads

__device__ __forceinline__ int tile_place(int i, int t) {
  return (i >> 2) * 64 + t * 4 + (i & 3);
}

// One side of a product is rows of A, or columns of B, from the corner of a tile on: element (i, k).
// A thread loads EACH of a chunk: neighbours along k are those of neighbouring threads if K_FAST,
// else neighbours along i, whichever lie together in memory.
template <bool K_FAST>
struct Lane {
  static const int STEP =
      K_FAST ? 256 / DEPTH : 256 / SIDE;  // between a thread's elements: along i, or k
  int i, k;                               // of the first one

  __device__ __forceinline__ Lane() {
    i = K_FAST ? threadIdx.x / DEPTH : threadIdx.x % SIDE;
    k = K_FAST ? threadIdx.x % DEPTH : threadIdx.x / SIDE;
  }
  __device__ __forceinline__ void put(const acc<T> (&from)[EACH],
                                      Pack<acc<T>, 4> (&to)[DEPTH][SIDE / 4 + 1]) {
#pragma unroll
    for (int l = 0; l < EACH; l++) {
      const int y = K_FAST ? i + l * STEP : i;
      to[K_FAST ? k : k + l * STEP][y >> 2].at[y & 3] = from[l];
    }
  }
};

// A side that lies in memory as a matrix: element (i, k) at i*ld + k if K_FAST, else at k*ld + i.
template <bool K_FAST>
struct Operand : Lane<K_FAST> {
  using Lane<K_FAST>::STEP;
  using Lane<K_FAST>::i;
  using Lane<K_FAST>::k;
  const T *at;  // this thread's first element
  i64 ld, K;
  int count;

  // `left`: rows or columns from the corner to the end.
  __device__ __forceinline__ Operand(const T *corner, i64 ld, i64 left, i64 K) : ld(ld), K(K) {
    count = (int)min(left, (i64)SIDE);
    at = corner + (K_FAST ? i * ld + k : k * ld + i);
  }
  // This thread's elements of the DEPTH from k0 on; 0 outside.
  __device__ __forceinline__ void fetch(acc<T> (&to)[EACH], i64 k0) {
    const i64 rest = K - k0;
#pragma unroll
    for (int l = 0; l < EACH; l++) {
      const bool there =
          K_FAST ? i + l * STEP < count && k < rest : i < count && k + l * STEP < rest;
      to[l] = there ? widen(at[l * STEP * ld]) : 0;
    }
    at += K_FAST ? (i64)DEPTH : DEPTH * ld;
  }
};

// c = A B over K, each chunk fetched once and in order. The next DEPTH of both is on its way from
// memory while this one is multiplied.
template <class Left, class Right>
__device__ __forceinline__ void multiply_tile(Left a, Right b, i64 K, acc<T> (&c)[PER][PER]) {
  __shared__ Pack<acc<T>, 4> left[DEPTH][SIDE / 4 + 1];
  __shared__ Pack<acc<T>, 4> right[DEPTH][SIDE / 4 + 1];
  const int tx = threadIdx.x & 15, ty = threadIdx.x >> 4;
  acc<T> next_a[EACH], next_b[EACH];
#pragma unroll
  for (int i = 0; i < PER; i++)
#pragma unroll
    for (int j = 0; j < PER; j++) c[i][j] = 0;
  a.fetch(next_a, 0);
  b.fetch(next_b, 0);
  for (i64 k0 = 0; k0 < K; k0 += DEPTH) {
    __syncthreads();  // the chunk before, and a call before, may still be in use
    a.put(next_a, left);
    b.put(next_b, right);
    __syncthreads();
    a.fetch(next_a, k0 + DEPTH);
    b.fetch(next_b, k0 + DEPTH);
#pragma unroll 4
    for (int k = 0; k < DEPTH; k++) {
      Pack<acc<T>, 4> l[PER / 4], r[PER / 4];
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
