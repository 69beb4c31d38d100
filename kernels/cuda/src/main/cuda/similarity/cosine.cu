/* op        cosine_regression, cosine_regression_backward   family similarity
 * math      n(u) = u / sqrt(max(|u|^2, eps)); loss = 2 - 2 n(x).n(y);
 *           dx = -2 dloss (n(y) - n(x) cos) / |x|, without the second term below the guard
 * shapes    x, y, dx [B,D] row-major; loss, dloss [B]; any B, D >= 0
 * dtypes    T = f32|f64; NaN propagates
 * traffic   read 2*B*D*sizeof(T), a second time from a cache; the gradient writes
 *           B*D*sizeof(T) bytes
 * flops     6*B*D, the gradient 10*B*D   bandwidth bound
 * launch    block 256; static smem 0 B; tails handled
 * order     fixed tree over the lanes => bit-stable
 * variants  v1 a warp per row (default)
 * measured  not on a GPU yet
 * paper     Grill et al. 2020, arXiv:2006.07733, eq. 2 */
#include "ibrik.cuh"
#include "warp_rows.cuh"

// The second pass finds the rows in the L1 cache. Products of unit rows, as in the composition: a
// loss near 0 has no digits to lose.
extern "C" __global__ void cosine_regression_v1(const T *x_, const T *y_, T *loss, i64 B, i64 D,
                                                double eps) {
  for (i64 i = warp_index(); i < B; i += warp_count()) {
    const T *x = x_ + i * D, *y = y_ + i * D;
    const T rx = guarded(warp_dot(x, x, D), (T)eps), ry = guarded(warp_dot(y, y, D), (T)eps);
    T cosine = 0;
    for (i64 d = threadIdx.x & 31; d < D; d += 32) cosine += (x[d] * rx) * (y[d] * ry);
    cosine = warp_sum(cosine);
    if ((threadIdx.x & 31) == 0) loss[i] = 2 - 2 * cosine;
  }
}

// Three products in one pass.
struct Products {
  T xy, xx, yy;
  __device__ __forceinline__ Products(const T *x, const T *y, i64 width) : xy(0), xx(0), yy(0) {
    for (i64 d = threadIdx.x & 31; d < width; d += 32) {
      const T a = x[d], b = y[d];
      xy += a * b;
      xx += a * a;
      yy += b * b;
    }
    xy = warp_sum(xy);
    xx = warp_sum(xx);
    yy = warp_sum(yy);
  }
};

extern "C" __global__ void cosine_regression_bwd_v1(const T *x, const T *y, const T *dloss, T *dx,
                                                    i64 B, i64 D, double eps_) {
  const T eps = (T)eps_;
  for (i64 i = warp_index(); i < B; i += warp_count()) {
    const Products p(x + i * D, y + i * D, D);
    const T r = guarded(p.xx, eps);
    const T scale = -2 * dloss[i] * r * guarded(p.yy, eps);
    const T along = p.xx < eps ? 0 : p.xy * r * r;
    for (i64 d = threadIdx.x & 31; d < D; d += 32)
      dx[i * D + d] = scale * (y[i * D + d] - x[i * D + d] * along);
  }
}
