/* op        one_hot                                family index
 * math      y_mc = [index_m = c]
 * shapes    index [M] i32, y [M,classes]; any M >= 0
 * dtypes    T = all with whole bytes. An index outside [0,classes) gives zeros
 * traffic   write M*classes*sizeof(T) bytes
 * flops     0     bandwidth bound
 * launch    block 256; grid <= 8 per multiprocessor; static smem 0 B; tail handled by the stride loop
 * order     elements are independent
 * variants  v1 an element per thread and turn (default); INDEX unsigned or i64
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"

#ifndef INDEX  // unsigned where places fit it: division by 64 bits is slow
#define INDEX i64
#endif

extern "C" __global__ void one_hot_v1(const int *index, T *y, i64 n, i64 classes) {
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    const INDEX m = (INDEX)i / (INDEX)classes;
    y[i] = narrow<T>((acc<T>)(index[m] == (int)(i - (i64)m * classes)));
  }
}
