/* op        ema, sgd, lars, adam_w                 family update
 * math      ema: p += (1-tau)(s-p). sgd: g = grad + wd p; m = mu m + g; p -= lr (nesterov ? g + mu m : m).
 *           lars: g = (grad + wd p) trust, trust = eta |p| / |grad + wd p|, else as sgd.
 *           adam_w: m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2;
 *           p -= lr (m/(1-b1^t) / (sqrt(v/(1-b2^t)) + eps) + wd p)
 * shapes    a list of tensors of any sizes, 500/(groups+3) of them a launch: 83 for sgd and lars
 * dtypes    T = f32|f64|bf16|f16; computed in f32 (f64: f64); scalars U; NaN and infinities propagate
 * traffic   ema: read 2*n, write n; sgd: 3, 2; lars: 5, 2; adam_w: 4, 3 times n*sizeof(T) bytes
 * flops     ema 3*n; sgd 6*n; lars 11*n; adam_w 15*n   bandwidth bound
 * launch    block 256 per part of 8192 elements of one tensor; static smem <= 272 B; tails handled
 * order     norms: parts of 8192 elements and trees that depend on the sizes alone => bit-stable
 * variants  v1 16-byte loads, elements where a tensor does not start at 16 bytes (default)
 * measured  not on a GPU yet
 * paper     lars: You et al. 2017, arXiv:1708.03888; adam_w: Loshchilov and Hutter 2019, arXiv:1711.05101 */
#include "ibrik.cuh"
#include "rows.cuh"

constexpr i64 PART = 8192;

// A list of tensors in G groups (parameters, gradients, moments), and which parts of the launch are
// whose: tensor t has parts first[t] ... first[t+1]-1. UpdateCuda.java fills it in.
template <int G> struct Tensors {
  static constexpr int MOST = 500 / (G + 3);  // a kernel takes 4 KiB of arguments
  i64 count, parts;
  T *at[G][MOST];
  i64 elements[MOST];
  i64 first[MOST];
  double decay[MOST];  // lars: NaN where a parameter is neither decayed nor scaled
};

// The part of this block.
template <int G> struct Part {
  int t = 0;
  i64 begin, end;
  bool aligned = true;
  __device__ __forceinline__ Part(const Tensors<G> &list) {
    int above = (int)list.count;  // the last t with first[t] <= this part
    while (above - t > 1) {
      const int middle = (t + above) / 2;
      if (list.first[middle] <= blockIdx.x) t = middle; else above = middle;
    }
    begin = (blockIdx.x - list.first[t]) * PART;
    end = min(begin + PART, list.elements[t]);
    for (int g = 0; g < G; g++) aligned = aligned && ((u64)list.at[g][t] & 15) == 0;
  }
};

#define EACH_PACK_OF(part, i) \
  for (i64 i = part.begin + threadIdx.x * PACK; i < part.end; i += 256 * PACK)

extern "C" __global__ void ema_v1(Tensors<2> list, const U *tau) {
  const Part<2> part(list);
  T *target = list.at[0][part.t];
  const T *source = list.at[1][part.t];
  const A move = (A)(1 - (double)widen(*tau));
  EACH_PACK_OF(part, i) {
    const bool whole = part.aligned && i + PACK <= part.end;
    Values p = load(target, i, part.end, whole);
    const Values s = load(source, i, part.end, whole);
    for (int j = 0; j < PACK; j++) p.at[j] += move * (s.at[j] - p.at[j]);
    store(target, i, part.end, whole, p);
  }
}

// The step that sgd and lars share.
__device__ void momentum_step(const Tensors<3> &list, const Part<3> &part, A decay, A scale, A mu,
                              A lr, bool nesterov) {
  T *weights = list.at[0][part.t], *moments = list.at[2][part.t];
  const T *slopes = list.at[1][part.t];
  EACH_PACK_OF(part, i) {
    const bool whole = part.aligned && i + PACK <= part.end;
    Values p = load(weights, i, part.end, whole), m = load(moments, i, part.end, whole);
    const Values slope = load(slopes, i, part.end, whole);
    for (int j = 0; j < PACK; j++) {
      const A g = (slope.at[j] + decay * p.at[j]) * scale;
      m.at[j] = mu * m.at[j] + g;
      p.at[j] -= lr * (nesterov ? g + mu * m.at[j] : m.at[j]);
    }
    store(moments, i, part.end, whole, m);
    store(weights, i, part.end, whole, p);
  }
}

extern "C" __global__ void sgd_v1(Tensors<3> list, const U *lr, double mu, int nesterov) {
  const Part<3> part(list);
  momentum_step(list, part, (A)list.decay[part.t], 1, (A)mu, (A)widen(*lr), nesterov);
}

// |p|^2 and |grad + wd p|^2 of every part, to norms [parts][2].
extern "C" __global__ void lars_norms(Tensors<3> list, A *norms) {
  const Part<3> part(list);
  const A decay = (A)list.decay[part.t];
  if (decay != decay) return;  // the whole block
  A weights = 0, slopes = 0;
  EACH_PACK_OF(part, i) {
    const bool whole = part.aligned && i + PACK <= part.end;
    const Values p = load(list.at[0][part.t], i, part.end, whole);
    const Values slope = load(list.at[1][part.t], i, part.end, whole);
    for (int j = 0; j < PACK; j++) {
      const A g = slope.at[j] + decay * p.at[j];
      weights += p.at[j] * p.at[j];
      slopes += g * g;
    }
  }
  weights = block_sum(weights);
  slopes = block_sum(slopes);
  if (threadIdx.x == 0) {
    norms[2 * (i64)blockIdx.x] = weights;
    norms[2 * (i64)blockIdx.x + 1] = slopes;
  }
}

// Every block joins the norms of its tensor's parts once more: cheaper than a launch between.
extern "C" __global__ void lars_v1(Tensors<3> list, const A *norms, const U *lr_, double mu,
                                   double eta, int clip) {
  const Part<3> part(list);
  const double lr = (double)widen(*lr_), decay = list.decay[part.t];
  double trust = 1;
  if (decay == decay) {
    const i64 last = part.t + 1 < list.count ? list.first[part.t + 1] : list.parts;
    double weights = 0, slopes = 0;
    for (i64 k = list.first[part.t] + threadIdx.x; k < last; k += 256) {
      weights += (double)norms[2 * k];
      slopes += (double)norms[2 * k + 1];
    }
    weights = block_sum(weights);
    slopes = block_sum(slopes);
    if (weights != 0 && slopes != 0) trust = eta * sqrt(weights) / sqrt(slopes);
    if (clip) trust = trust / lr > 1 ? 1 : trust / lr;  // NaN stays
  }
  momentum_step(list, part, decay == decay ? (A)decay : (A)0, (A)trust, (A)mu, (A)lr, false);
}

extern "C" __global__ void adam_w_v1(Tensors<4> list, const U *lr_, const U *step, double beta1,
                                     double beta2, double eps_) {
  __shared__ double correct[2];
  if (threadIdx.x == 0) {
    correct[0] = 1 / (1 - pow(beta1, (double)widen(*step)));
    correct[1] = 1 / (1 - pow(beta2, (double)widen(*step)));
  }
  __syncthreads();
  const Part<4> part(list);
  const A lr = (A)widen(*lr_), b1 = (A)beta1, b2 = (A)beta2, eps = (A)eps_;
  const A rest1 = (A)(1 - beta1), rest2 = (A)(1 - beta2), decay = (A)list.decay[part.t];
  const A correct1 = (A)correct[0], correct2 = (A)correct[1];
  T *weights = list.at[0][part.t], *first = list.at[2][part.t], *second = list.at[3][part.t];
  const T *slopes = list.at[1][part.t];
  EACH_PACK_OF(part, i) {
    const bool whole = part.aligned && i + PACK <= part.end;
    Values p = load(weights, i, part.end, whole), m = load(first, i, part.end, whole);
    Values v = load(second, i, part.end, whole);
    const Values g = load(slopes, i, part.end, whole);
    for (int j = 0; j < PACK; j++) {
      m.at[j] = b1 * m.at[j] + rest1 * g.at[j];
      v.at[j] = b2 * v.at[j] + rest2 * g.at[j] * g.at[j];
      const A move = m.at[j] * correct1 / (sqrt(v.at[j] * correct2) + eps);
      p.at[j] -= lr * (move + decay * p.at[j]);
    }
    store(first, i, part.end, whole, m);
    store(second, i, part.end, whole, v);
    store(weights, i, part.end, whole, p);
  }
}
