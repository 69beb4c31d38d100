/* op        narrow, concat, pad, broadcast_to, transpose v1, assign   family layout
 * math      runs: y[o, to+j] = x[o, from+j]; pad: as runs, 0 elsewhere; strided: y_i = x[place(i)]
 * shapes    x [outer, X], y [outer, Y]; strided: y of up to 8 axes after neighbours are merged; any extents
 * dtypes    T = u8|bf16|int|i64|uint4: any element type as 1, 2, 4, 8 or 16 bytes of bits
 * traffic   read and write every byte that moves once
 * flops     0     bandwidth bound
 * launch    block 256; grid <= 8 per multiprocessor; static smem 0 B; tail handled by the stride loop
 * order     elements are independent
 * variants  v1 an element, or 16 bytes of elements, per thread and turn (default); INDEX unsigned or i64
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "walk.cuh"

#ifndef INDEX  // unsigned where places fit it: division by 64 bits is slow
#define INDEX i64
#endif

// `length` elements of each row, from place `from` of x to place `to` of y.
extern "C" __global__ void runs_v1(const T *x, T *y, i64 n, i64 length, i64 x_step, i64 from,
                                   i64 y_step, i64 to) {
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    const INDEX o = (INDEX)i / (INDEX)length, j = (INDEX)i - o * (INDEX)length;
    y[(i64)o * y_step + to + j] = x[(i64)o * x_step + from + j];
  }
}

// Rows of `wide` elements around rows of `length`, the rest 0.
extern "C" __global__ void pad_v1(const T *x, T *y, i64 n, i64 wide, i64 length, i64 before) {
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    const INDEX o = (INDEX)i / (INDEX)wide;
    const i64 j = i - (i64)o * wide - before;
    y[i] = j >= 0 && j < length ? x[(i64)o * length + j] : T{};
  }
}

extern "C" __global__ void strided_v1(const T *x, T *y, i64 n, Walk<1> walk) {
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    INDEX rest = (INDEX)i;
    i64 at = 0;
    for (int axis = (int)walk.rank - 1; axis >= 0; axis--) {
      const INDEX extent = (INDEX)walk.extent[axis], above = rest / extent;
      at += (i64)(rest - above * extent) * walk.stride[0][axis];
      rest = above;
    }
    y[i] = x[at];
  }
}
