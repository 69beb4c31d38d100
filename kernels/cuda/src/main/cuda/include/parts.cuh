// The second half of a sum that was cut into parts: y_o = factor sum_j parts[o, j]. A block of 256
// per output, a fixed tree.

extern "C" __global__ void sum_parts(const T *parts, T *y, i64 outputs, i64 length, double factor) {
  for (i64 o = blockIdx.x; o < outputs; o += gridDim.x) {
    T t = 0;
    for (i64 j = threadIdx.x; j < length; j += blockDim.x) t += parts[o * length + j];
    t = block_sum(t);
    if (threadIdx.x == 0) y[o] = t * (T)factor;
  }
}
