/* op        transpose, tiled                       family layout
 * math      y[b, c, r] = x[b, r, c], where b runs over any other axes
 * shapes    r [R]: the last axis of y; c [C]: the axis along which x is dense; b: up to 8 axes
 * dtypes    T = u8|bf16|int|i64: any element type as 1, 2, 4 or 8 bytes of bits
 * traffic   read and write n*sizeof(T) bytes, both along whole lines
 * flops     0     bandwidth bound
 * launch    block 256 as 32x8; grid one tile of 32x32; static smem <= 8.4 KB; tails handled
 * order     elements are independent
 * variants  v1 is strided_v1 of moves.cu | tiles through shared memory (default where lines would break)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "walk.cuh"

extern "C" __global__ void transpose_tiles(const T *x, T *y, i64 R, i64 C, i64 x_step, i64 y_step,
                                           i64 tiles, Walk<2> others) {
  __shared__ T tile[32][33];  // 33: no two rows in one bank
  const i64 across = (C + 31) / 32, down = (R + 31) / 32;
  for (i64 at = blockIdx.x; at < tiles; at += gridDim.x) {
    i64 start[2];
    others.places(at / (across * down), start);
    const i64 r0 = at / across % down * 32, c0 = at % across * 32;
    for (int k = threadIdx.y; k < 32; k += 8)
      if (r0 + k < R && c0 + threadIdx.x < C)
        tile[k][threadIdx.x] = x[start[0] + (r0 + k) * x_step + c0 + threadIdx.x];
    __syncthreads();
    for (int k = threadIdx.y; k < 32; k += 8)
      if (c0 + k < C && r0 + threadIdx.x < R)
        y[start[1] + (c0 + k) * y_step + r0 + threadIdx.x] = tile[threadIdx.x][k];
    __syncthreads();  // before the next tile
  }
}
