/* op        conv2d, conv2d_backward_data, conv2d_backward_weight      family linear
 * math      y_npqk = sum_rsc x_n,p*u+r*d-pad,..,c w_krsc within a group; the other two are its gradients
 * shapes    x [N,H,W,C], w [K,R,S,C/G], y [N,P,Q,K]; zeros outside x
 * dtypes    T = f32|f64|bf16|f16; 16-bit types multiply and accumulate in f32
 * traffic   from the caches; memory sees each operand about once where it fits into L2
 * flops     2*N*P*Q*K*R*S*C/G
 * launch    grid <= 8 per multiprocessor; block 256; static smem 0 B; tail handled by the stride loop
 * order     every element adds its products in a fixed order => bit-stable
 * variants  v1 element per thread (default where cuDNN is absent and tiles would be mostly empty); tiled: conv2d_tiled.cu
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"

typedef acc<T> A;

struct Geometry {
  i64 N, H, W, C, K, R, S, P, Q, G;
  i64 stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
};

extern "C" __global__ void conv2d_v1(const T *x, const T *w, T *y, Geometry g) {
  const i64 per_group = g.C / g.G, kernels = g.K / g.G;
  for (i64 i = thread_index(); i < g.N * g.P * g.Q * g.K; i += thread_count()) {
    const i64 k = i % g.K, q = i / g.K % g.Q, p = i / g.K / g.Q % g.P, n = i / g.K / g.Q / g.P;
    A sum = 0;
    for (i64 r = 0; r < g.R; r++) {
      const i64 h = p * g.stride_h + r * g.dilation_h - g.pad_h;
      if (h < 0 || h >= g.H) continue;
      for (i64 s = 0; s < g.S; s++) {
        const i64 v = q * g.stride_w + s * g.dilation_w - g.pad_w;
        if (v < 0 || v >= g.W) continue;
        const T *from = x + ((n * g.H + h) * g.W + v) * g.C + k / kernels * per_group;
        const T *with = w + ((k * g.R + r) * g.S + s) * per_group;
        for (i64 c = 0; c < per_group; c++) sum += widen(from[c]) * widen(with[c]);
      }
    }
    y[i] = narrow<T>(sum);
  }
}

// dx: which (p, r) meet row h? Those with p*stride = h + pad - r*dilation.
extern "C" __global__ void conv2d_backward_data_v1(const T *dy, const T *w, T *dx, Geometry g) {
  const i64 per_group = g.C / g.G, kernels = g.K / g.G;
  for (i64 i = thread_index(); i < g.N * g.H * g.W * g.C; i += thread_count()) {
    const i64 c = i % g.C, v = i / g.C % g.W, h = i / g.C / g.W % g.H, n = i / g.C / g.W / g.H;
    const i64 group = c / per_group;
    A sum = 0;
    for (i64 r = 0; r < g.R; r++) {
      const i64 ph = h + g.pad_h - r * g.dilation_h;
      if (ph < 0 || ph % g.stride_h != 0 || ph / g.stride_h >= g.P) continue;
      for (i64 s = 0; s < g.S; s++) {
        const i64 qw = v + g.pad_w - s * g.dilation_w;
        if (qw < 0 || qw % g.stride_w != 0 || qw / g.stride_w >= g.Q) continue;
        const T *from = dy + ((n * g.P + ph / g.stride_h) * g.Q + qw / g.stride_w) * g.K;
        for (i64 k = group * kernels; k < (group + 1) * kernels; k++)
          sum += widen(from[k]) * widen(w[((k * g.R + r) * g.S + s) * per_group + c % per_group]);
      }
    }
    dx[i] = narrow<T>(sum);
  }
}

extern "C" __global__ void conv2d_backward_weight_v1(const T *x, const T *dy, T *dw, Geometry g) {
  const i64 per_group = g.C / g.G, kernels = g.K / g.G;
  for (i64 i = thread_index(); i < g.K * g.R * g.S * per_group; i += thread_count()) {
    const i64 c = i % per_group, s = i / per_group % g.S, r = i / per_group / g.S % g.R;
    const i64 k = i / per_group / g.S / g.R, channel = k / kernels * per_group + c;
    A sum = 0;
    for (i64 n = 0; n < g.N; n++)
      for (i64 p = 0; p < g.P; p++) {
        const i64 h = p * g.stride_h + r * g.dilation_h - g.pad_h;
        if (h < 0 || h >= g.H) continue;
        for (i64 q = 0; q < g.Q; q++) {
          const i64 v = q * g.stride_w + s * g.dilation_w - g.pad_w;
          if (v < 0 || v >= g.W) continue;
          sum += widen(x[((n * g.H + h) * g.W + v) * g.C + channel]) *
                 widen(dy[((n * g.P + p) * g.Q + q) * g.K + k]);
        }
      }
    dw[i] = narrow<T>(sum);
  }
}
