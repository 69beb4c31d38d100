/* op        fill, iota                            family create
 * math      fill: y = value; iota: y_i = i
 * shapes    y [n], any n >= 0
 * dtypes    T = all with whole bytes
 * traffic   write n*sizeof(T) bytes
 * flops     0     bandwidth bound
 * launch    grid <= 8 per multiprocessor; block 256; static smem 0 B; tail handled by the stride loop
 * order     elements are independent
 * variants  v1 one element per thread and turn (default)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"

extern "C" __global__ void fill_v1(T *y, i64 n, T value) {
  for (i64 i = thread_index(); i < n; i += thread_count()) y[i] = value;
}

extern "C" __global__ void iota_v1(T *y, i64 n) {
  for (i64 i = thread_index(); i < n; i += thread_count()) y[i] = narrow<T>((acc<T>)i);
}
