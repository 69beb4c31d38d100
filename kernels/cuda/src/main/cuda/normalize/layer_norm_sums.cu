/* op        layer_norm_backward: gamma and beta    family normalize
 * math      dgamma = sum_N dy (x-mu) r; dbeta = sum_N dy, with the rows' mu and r as layer_norm.cu left them
 * shapes    x,dy [N,C] row-major; rows [N][2]; dgamma,dbeta [C]; any N, C >= 0
 * dtypes    T = f32|f64|bf16|f16; summed in f32 (f64: f64)
 * traffic   read 2*N*C*sizeof(T) bytes; parts: 4*S*C*sizeof(accumulator)
 * flops     5*N*C   bandwidth bound
 * launch    block 256 as X x Y (sums), 8x32 (join); static smem 4.1 KB; tails handled
 * order     parts of the rows and trees that depend on the shape alone => bit-stable
 * variants  v1 a column per thread | packs 16 bytes of columns per thread (default where C allows)
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "columns.cuh"

template <int W>
__device__ void sums(const T *x, const T *dy, const A *rows, A *parts, i64 N, i64 C, i64 length,
                     bool packed) {
  const i64 c = first_column<W>(), begin = blockIdx.y * length, end = min(N, begin + length);
  Two sum[W] = {};
  if (c < C)
    for (i64 n = begin + threadIdx.y; n < end; n += blockDim.y) {
      const Values<W> v(x + n * C + c, packed), g(dy + n * C + c, packed);
      const A mean = rows[2 * n], r = rows[2 * n + 1];
      for (int j = 0; j < W; j++)
        sum[j] = Two::join(sum[j], {g.at[j] * ((v.at[j] - mean) * r), g.at[j]});
    }
  put_part<W>(sum, parts, c, C);
}

extern "C" __global__ void layer_norm_sums_v1(const T *x, const T *dy, const A *rows, A *parts,
                                              i64 N, i64 C, i64 length, int packed) {
  sums<1>(x, dy, rows, parts, N, C, length, packed);
}
extern "C" __global__ void layer_norm_sums_packs(const T *x, const T *dy, const A *rows, A *parts,
                                                 i64 N, i64 C, i64 length, int packed) {
  sums<PACK>(x, dy, rows, parts, N, C, length, packed);
}

extern "C" __global__ void layer_norm_sums_join(const A *parts, T *dgamma, T *dbeta, i64 S, i64 C) {
  const i64 c = first_column<1>();
  const Two sum = all_parts(parts, S, c, C);
  if (threadIdx.y == 0 && c < C) {
    dgamma[c] = narrow<T>(sum.first);
    dbeta[c] = narrow<T>(sum.second);
  }
}
