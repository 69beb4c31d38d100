/* op        where                                  family elementwise
 * math      y = c ? a : b
 * shapes    c, a, b broadcast to y; up to 8 axes after neighbours that walk alike are merged
 * dtypes    T = all with whole bytes; c bool
 * traffic   read n bytes and n*sizeof(T), write n*sizeof(T) bytes
 * flops     0     bandwidth bound
 * launch    grid <= 8 per multiprocessor; block 256; static smem 0 B; tail handled by the stride loop
 * order     elements are independent; y may be a or b where they have its shape
 * variants  v1 divides the index along the axes (default)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "walk.cuh"

extern "C" __global__ void where_v1(const u8 *c, const T *a, const T *b, T *y, i64 n, Walk<3> walk) {
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    i64 at[3];
    walk.places(i, at);
    y[i] = c[at[0]] ? a[at[1]] : b[at[2]];
  }
}
