/* op        gather                                 family index
 * math      y_mk = x[index_m, k]
 * shapes    x [N,K], index [M] i32, y [M,K]; any extents
 * dtypes    T = u8|bf16|int|i64|uint4: any element type as 1, 2, 4, 8 or 16 bytes of bits. An index
 *           outside [0,N) gives zeros
 * traffic   read and write M*K*sizeof(T) bytes
 * flops     0     bandwidth bound
 * launch    block 256; grid <= 8 per multiprocessor; static smem 0 B; tail handled by the stride loop
 * order     elements are independent
 * variants  v1 an element, or 16 bytes of elements, per thread and turn (default); INDEX unsigned or i64
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"

#ifndef INDEX  // unsigned where places fit it: division by 64 bits is slow
#define INDEX i64
#endif

extern "C" __global__ void gather_v1(const T *x, const int *index, T *y, i64 N, i64 n, i64 K) {
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    const INDEX m = (INDEX)i / (INDEX)K, k = (INDEX)i - m * (INDEX)K;
    const int from = index[m];
    y[i] = from >= 0 && from < N ? x[from * K + k] : T{};
  }
}
