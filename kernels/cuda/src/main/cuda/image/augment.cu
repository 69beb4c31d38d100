/* op        augment                                family image
 * math      window of u8 / 255, resized (triangle or Catmull-Rom, stretched where it shrinks), clipped;
 *           flip; brightness, contrast, saturation, hue in the order drawn, each clipped; grey; blur;
 *           solarise; (x - mean) / std. Exactly: ImageOp.Augment
 * shapes    images [N,H,W,C] u8, C 1 or 3; rows [N,13] f32; subject [N,H,W] bool or none;
 *           y [N,h,w,K], K 1 or 3; any extents below 2^15, h*w*K below 2^31
 * dtypes    T = f32|bf16|f16: the views; computed in f32. A row that is not valid makes its view NaN
 * traffic   read N*H*W*C bytes at most, write N*h*w*K*sizeof(T) bytes
 * flops     (8 support + 4 taps + 30)*N*h*w*K   bandwidth bound
 * launch    block 256; grid a block per view, strided; dynamic smem 4 or 8*h*w*K B where that is at most
 *           48 KB, else as much scratch memory per block
 * order     of the mean: 256 sums in strides, then a fixed tree; depends on the view alone, no atomics
 * variants  v1 a block per view, which stays in shared memory between the steps; weights are worked out
 *           where they are needed
 * measured  not on a GPU yet
 * paper     Grill et al. 2020, arXiv:2006.07733, appendix B                                      */
#include "ibrik.cuh"

struct Sizes {  // ImageCuda.java
  i64 N, H, W, C, height, width, K, taps, bicubic, byol;
};

// A row of ViewParameters.
struct Drawn {
  int top, left, height, width, order;
  float brightness, contrast, saturation, hue, sigma, threshold;
  bool flip, gray, valid;

  __device__ __forceinline__ explicit Drawn(const float *row) {
    const float most = 32768;
    valid = row[2] >= 1 && row[2] <= most && row[3] >= 1 && row[3] <= most &&
            fabsf(row[0]) <= most && fabsf(row[1]) <= most && fabsf(row[9]) <= 0.5f;
    for (int i = 0; i < 13; i++) valid = valid && fabsf(row[i]) <= 3.402823466e38f;
    if (!valid) return;
    top = (int)row[0], left = (int)row[1], height = (int)row[2], width = (int)row[3];
    flip = row[4] != 0;
    order = (int)row[5];
    brightness = row[6], contrast = row[7], saturation = row[8], hue = row[9];
    gray = row[10] != 0;
    sigma = row[11], threshold = row[12];
  }
};

__device__ __forceinline__ float clip(float x) { return fminf(fmaxf(x, 0.f), 1.f); }
__device__ __forceinline__ float grey_of(float r, float g, float b) {
  return 0.2989f * r + 0.5870f * g + 0.1140f * b;
}

// How output i of m comes from n inputs: the weights of inputs `first` to `last`. Distances are
// whole numbers over a whole number, ((2k+1) m - (2i+1) n) / 2 max(n,m), so nothing is lost.
struct Taps {
  i64 m, n, centre;
  int first, last;
  bool bicubic;
  float total;

  __device__ __forceinline__ Taps(i64 i, i64 m, i64 n, bool bicubic)
      : m(m), n(n), centre((2 * i + 1) * n), bicubic(bicubic) {
    const i64 reach = 2 * (bicubic ? 2 : 1) * max(n, m);
    first = (int)max((i64)0, (centre - reach) / (2 * m) - 1);
    last = (int)min(n - 1, (centre + reach) / (2 * m) + 1);
    total = 0;
    for (int k = first; k <= last; k++) total += weight(k);
  }
  __device__ __forceinline__ float weight(int k) const {
    const float a = fabsf((float)((2 * k + 1) * m - centre) / (float)(2 * max(n, m)));
    if (!bicubic) return fmaxf(0.f, 1 - a);
    if (a < 1) return (1.5f * a - 2.5f) * a * a + 1;
    return a < 2 ? ((-0.5f * a + 2.5f) * a - 4) * a + 2 : 0.f;
  }
};

// One image as the views see it: K channels in [0, 1], zeros around.
struct Image {
  const u8 *bytes, *subject;
  int H, W, C, K;

  __device__ __forceinline__ void add(float weight, int row, int column, float *sum) const {
    if (row < 0 || row >= H || column < 0 || column >= W) return;
    const i64 at = (i64)row * W + column;
    if (subject && !subject[at]) {
      for (int c = 0; c < K; c++) sum[c] += weight * 0.5f;
    } else if (C == 3 && K == 1) {
      const u8 *p = bytes + 3 * at;
      sum[0] += weight * (grey_of(p[0], p[1], p[2]) / 255.f);
    } else {
      for (int c = 0; c < K; c++) sum[c] += weight * (bytes[C * at + (C == 1 ? 0 : c)] / 255.f);
    }
  }
};

__device__ __forceinline__ void resize(const Image &image, const Drawn &drawn, const Sizes &g, int y,
                                       int x, float *sum) {
  const Taps down(y, g.height, drawn.height, g.bicubic);
  const Taps across(x, g.width, drawn.width, g.bicubic);
  for (int c = 0; c < 3; c++) sum[c] = 0;
  for (int r = down.first; r <= down.last; r++) {
    float line[3] = {0, 0, 0};
    for (int s = across.first; s <= across.last; s++)
      image.add(across.weight(s), drawn.top + r, drawn.left + s, line);
    for (int c = 0; c < 3; c++) sum[c] += down.weight(r) * line[c];
  }
  for (int c = 0; c < 3; c++) sum[c] = clip(sum[c] / (down.total * across.total));
}

__device__ __forceinline__ void mix_with_grey(float *p, float share) {
  const float grey = grey_of(p[0], p[1], p[2]) * (1 - share);
  for (int c = 0; c < 3; c++) p[c] = clip(p[c] * share + grey);
}

// Saturation of HSV times `factor`, at most 1: how far a channel lies below the value is
// proportional to it.
__device__ __forceinline__ void saturate(float *p, float factor) {
  const float value = fmaxf(p[0], fmaxf(p[1], p[2]));
  const float chroma = value - fminf(p[0], fminf(p[1], p[2]));
  const float ratio = factor * chroma <= value ? factor : value / chroma;
  for (int c = 0; c < 3; c++) p[c] = clip(value - (value - p[c]) * ratio);
}

// With hue h in sixths of the circle a channel lies chroma * clip(min(k, 4 - k)) below the value,
// k = (h + 5, h + 3, h + 1) mod 6.
__device__ __forceinline__ void turn_hue(float *p, float turns) {
  const float value = fmaxf(p[0], fmaxf(p[1], p[2]));
  const float chroma = value - fminf(p[0], fminf(p[1], p[2]));
  if (chroma == 0) return;
  const float hue = value == p[0]   ? (p[1] - p[2]) / chroma
                    : value == p[1] ? (p[2] - p[0]) / chroma + 2
                                    : (p[0] - p[1]) / chroma + 4;
  for (int c = 0; c < 3; c++) {
    float k = hue + 6 * turns + 11 - 2 * c;  // from 3 to 19
    k -= 6 * (int)(k / 6);
    p[c] = clip(value - chroma * clip(fminf(k, 4 - k)));
  }
}

// The pixels of this thread. No other thread touches them, so steps without neighbours need no
// barrier between them.
#define EACH_PIXEL(i) for (int i = threadIdx.x; i < pixels; i += blockDim.x)

__device__ __forceinline__ void change(float *x, int pixels, int which, const Drawn &drawn,
                                       const Sizes &g) {
  const int K = (int)g.K;
  float mean[3] = {0, 0, 0};
  if (which == 1) {
    for (int c = 0; c < K; c++) {
      float sum = 0;
      EACH_PIXEL(i) sum += x[i * K + c];
      mean[c] = block_sum(sum) / pixels;
    }
    if (!g.byol && K == 3) mean[0] = mean[1] = mean[2] = grey_of(mean[0], mean[1], mean[2]);
  }
  EACH_PIXEL(i) {
    float *p = x + i * K;
    if (which == 0) {
      for (int c = 0; c < K; c++)
        p[c] = clip(g.byol ? p[c] + drawn.brightness : p[c] * drawn.brightness);
    } else if (which == 1) {
      for (int c = 0; c < K; c++) p[c] = clip((p[c] - mean[c]) * drawn.contrast + mean[c]);
    } else if (which == 2 && K == 3) {
      if (g.byol)
        saturate(p, drawn.saturation);
      else
        mix_with_grey(p, drawn.saturation);
    } else if (which == 3 && K == 3) {
      turn_hue(p, drawn.hue);
    }
  }
}

// y = x blurred along columns (`step` 1 pixel) or rows; the rim goes on outside.
__device__ __forceinline__ void blur(const float *x, float *y, int pixels, const Drawn &drawn,
                                     const Sizes &g, bool along_columns) {
  const int K = (int)g.K, width = (int)g.width, radius = (int)(g.taps / 2);
  const float sigma = fmaxf(drawn.sigma, 1e-3f), scale = -0.5f / (sigma * sigma);
  float total = 0;
  for (int k = -radius; k <= radius; k++) total += expf(k * k * scale);
  EACH_PIXEL(i) {
    const int row = i / width, column = i % width;
    float sum[3] = {0, 0, 0};
    for (int k = -radius; k <= radius; k++) {
      const int r = along_columns ? row : min(max(row + k, 0), (int)g.height - 1);
      const int s = along_columns ? min(max(column + k, 0), width - 1) : column;
      for (int c = 0; c < K; c++) sum[c] += expf(k * k * scale) * x[(r * width + s) * K + c];
    }
    for (int c = 0; c < K; c++) y[i * K + c] = sum[c] / total;
  }
}

// `scratch`: room for one view of each block, two with a blur; none if dynamic shared memory is it.
extern "C" __global__ void augment_v1(const u8 *images, const float *rows, const u8 *subject, T *y,
                                      float *scratch, Sizes g, float mean0, float mean1,
                                      float mean2, float std0, float std1, float std2) {
  extern __shared__ float dynamic[];
  const int K = (int)g.K, pixels = (int)(g.height * g.width), elems = pixels * K;
  const i64 room = g.taps > 1 ? 2 * (i64)elems : elems;
  float *x = scratch ? scratch + blockIdx.x * room : dynamic;
  for (i64 n = blockIdx.x; n < g.N; n += gridDim.x) {
    T *view = y + n * elems;
    const Drawn drawn(rows + n * 13);
    if (!drawn.valid) {
      for (int i = threadIdx.x; i < elems; i += blockDim.x)
        view[i] = narrow<T>(__int_as_float(0x7fc00000));
      continue;
    }
    const i64 area = g.H * g.W;
    const Image image = {images + n * area * g.C, subject ? subject + n * area : subject, (int)g.H,
                         (int)g.W, (int)g.C, K};
    __syncthreads();  // the view before may still be written from x
    EACH_PIXEL(i) {
      const int row = i / (int)g.width, column = i % (int)g.width;
      float sum[3];
      resize(image, drawn, g, row, drawn.flip ? (int)g.width - 1 - column : column, sum);
      for (int c = 0; c < K; c++) x[i * K + c] = sum[c];
    }
    for (int step = 0; drawn.order >= 0 && step < 4; step++)
      change(x, pixels, drawn.order >> 2 * step & 3, drawn, g);
    if (drawn.gray && K == 3) EACH_PIXEL(i) mix_with_grey(x + i * K, 0);
    if (drawn.sigma >= 0 && g.taps > 1) {
      __syncthreads();
      blur(x, x + elems, pixels, drawn, g, true);
      __syncthreads();
      blur(x + elems, x, pixels, drawn, g, false);
    }
    __syncthreads();  // from here on a thread writes what others made
    for (int i = threadIdx.x; i < elems; i += blockDim.x) {
      const int c = i % K;
      const float value = x[i] < drawn.threshold ? x[i] : 1 - x[i];
      const float mean = c == 0 ? mean0 : c == 1 ? mean1 : mean2;
      const float std = c == 0 ? std0 : c == 1 ? std1 : std2;
      view[i] = narrow<T>((clip(value) - mean) / std);
    }
  }
}
