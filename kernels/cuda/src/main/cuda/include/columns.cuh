// Sums down the columns of a matrix [M,C]. A block of X x Y = 256 threads takes a part of the rows
// and W*X neighbouring columns: thread (x,y) the columns W*x ... and the rows y, y+Y, ... of the
// part. The Y threads of a column are joined in a tree, the parts by a second launch. X, Y, W and the
// rows of a part come from the shape alone, so the bits do too.

#include "packs.cuh"

// The first column of this thread; C is a multiple of W.
template <int W> __device__ __forceinline__ i64 first_column() {
  return ((i64)blockIdx.x * blockDim.x + threadIdx.x) * W;
}

// Joins what the Y threads of a column hold; the result is in y = 0. Y is a power of two.
template <class S> __device__ __forceinline__ S join_column(S mine) {
  __shared__ S tree[256];
  const int at = threadIdx.y * blockDim.x + threadIdx.x;
  __syncthreads();  // a call before may still be reading
  tree[at] = mine;
  __syncthreads();
  for (int half = blockDim.y / 2; half > 0; half >>= 1) {
    if (threadIdx.y < half) tree[at] = S::join(tree[at], tree[at + half * blockDim.x]);
    __syncthreads();
  }
  return tree[threadIdx.x];
}

// Two sums at once.
struct Two {
  A first, second;
  static __device__ __forceinline__ Two join(Two a, Two b) {
    return {a.first + b.first, a.second + b.second};
  }
};

// Two sums of a part, to parts [S][2][C].
template <int W> __device__ void put_part(const Two *mine, A *parts, i64 c, i64 C) {
  for (int j = 0; j < W; j++) {
    const Two sum = join_column(mine[j]);
    if (threadIdx.y == 0 && c < C) {
      parts[(2 * (i64)blockIdx.y) * C + c + j] = sum.first;
      parts[(2 * (i64)blockIdx.y + 1) * C + c + j] = sum.second;
    }
  }
}

// The sums of all S parts of column c, in y = 0 of a block of 8 x 32.
__device__ __forceinline__ Two all_parts(const A *parts, i64 S, i64 c, i64 C) {
  Two sum = {0, 0};
  if (c < C)
    for (i64 s = threadIdx.y; s < S; s += blockDim.y)
      sum = Two::join(sum, {parts[2 * s * C + c], parts[(2 * s + 1) * C + c]});
  return join_column(sum);
}
