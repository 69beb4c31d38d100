/* op        attention, attention_backward          family attend
 * math      s = scale q k^T; y = softmax(s) v; lse = ln sum e^s. P = e^(s - lse); dS = scale P (dy v^T -
 *           slope); dq = dS k; dk = dS^T q; dv = P^T dy
 * shapes    q,dq [heads,M,D], k,dk [heads,S,D], v,dv [heads,S,E], y,dy [heads,M,E], lse,slope [heads,M];
 *           any heads, M, D, E >= 0, S >= 1; D and E are compiled in
 * dtypes    T = f32|f64|bf16|f16; computed in f32 (f64: f64); NaN and infinities propagate
 * traffic   forward: q and y once, k and v once per TILE rows of q (from L2); gradient: twice as many
 * flops     forward 2*heads*M*S*(D+E), gradient 4*heads*M*S*(2D+2E)   compute bound
 * launch    block 256; grid tiles of TILE rows; static smem <= 48 KB; tails handled
 * order     tiles one after the other, trees within a tile, no atomics => bit-stable
 * variants  v1 plain arithmetic, a tile of scores in shared memory at a time (default); the gradient
 *           computes the scores twice: once along the rows for dq, once along the columns for dk, dv
 * measured  not on a GPU yet
 * paper     Vaswani et al. 2017, arXiv:1706.03762; the running maximum: Milakov and Gimelshein 2018,
 *           arXiv:1805.02867; tiles: Dao et al. 2022, arXiv:2205.14135                */
#include "ibrik.cuh"

// So that every type compiles by itself; AttendCuda.java gives all three.
#ifndef TILE
#define TILE 8
#define DEPTH 64
#define WIDTH 64
#endif

typedef acc<T> A;
constexpr int LANES = 256 / TILE;  // threads of a row of the tile, all of one warp
constexpr int MY_DEPTH = (DEPTH + LANES - 1) / LANES + (DEPTH == 0);  // columns of a thread
constexpr int MY_WIDTH = (WIDTH + LANES - 1) / LANES + (WIDTH == 0);

__device__ __forceinline__ A infinity() { return (A)__int_as_float(0x7f800000); }
__device__ __forceinline__ A larger(A a, A b) { return a != a ? a : b > a || b != b ? b : a; }

// Over the threads of a row, in each of them.
__device__ __forceinline__ A row_max(A x) {
  for (int by = LANES / 2; by > 0; by >>= 1) x = larger(x, __shfl_xor_sync(0xffffffffu, x, by));
  return x;
}
__device__ __forceinline__ A row_sum(A x) {
  for (int by = LANES / 2; by > 0; by >>= 1) x += __shfl_xor_sync(0xffffffffu, x, by);
  return x;
}

// TILE rows of a matrix [rows,COLUMNS] into shared memory; 0 below the last.
template <int COLUMNS>
__device__ void fetch(A (*tile)[COLUMNS + 1], const T *x, i64 first, i64 rows) {
  for (int i = threadIdx.x; i < TILE * COLUMNS; i += 256) {
    const int r = i / (COLUMNS + (COLUMNS == 0)), c = i % (COLUMNS + (COLUMNS == 0));
    tile[r][c] = first + r < rows ? widen(x[(first + r) * COLUMNS + c]) : (A)0;
  }
}

template <int COLUMNS> __device__ __forceinline__ A dot(const A *a, const A *b) {
  A sum = 0;
  for (int c = 0; c < COLUMNS; c++) sum = fma(a[c], b[c], sum);
  return sum;
}

extern "C" __global__ void attention_v1(const T *q, const T *k, const T *v, T *y, T *lse, i64 heads,
                                        i64 M, i64 S, double scale) {
  __shared__ A queries[TILE][DEPTH + 1];
  __shared__ A keys[TILE][DEPTH + 1];
  __shared__ A values[TILE][WIDTH + 1];
  __shared__ A p[TILE][TILE + 1];
  const int row = threadIdx.x / LANES, lane = threadIdx.x % LANES;
  const i64 tiles = (M + TILE - 1) / TILE;
  for (i64 at = blockIdx.x; at < heads * tiles; at += gridDim.x) {
    const i64 head = at / tiles, first = at % tiles * TILE;
    fetch<DEPTH>(queries, q + head * M * DEPTH, first, M);
    A sum = 0, most = -infinity(), mine[MY_WIDTH] = {};
    for (i64 start = 0; start < S; start += TILE) {
      fetch<DEPTH>(keys, k + head * S * DEPTH, start, S);
      fetch<WIDTH>(values, v + head * S * WIDTH, start, S);
      __syncthreads();
      A here = -infinity();
      for (int j = lane; j < TILE; j += LANES) {
        p[row][j] = dot<DEPTH>(queries[row], keys[j]) * (A)scale;
        if (start + j < S) here = larger(here, p[row][j]);
      }
      here = larger(most, row_max(here));
      // Nothing but -infinity so far: there is nothing to scale, and nothing to add.
      const bool none = here == -infinity();
      const A keep = none ? (A)0 : exp(most - here);
      A added = 0;
      for (int j = lane; j < TILE; j += LANES) {
        p[row][j] = none || start + j >= S ? (A)0 : exp(p[row][j] - here);
        added += p[row][j];
      }
      sum = sum * keep + row_sum(added);
      most = here;
      __syncwarp();  // a row's p is its warp's
      for (int i = 0; i < MY_WIDTH; i++) {
        const int e = lane + i * LANES;
        if (e < WIDTH) {
          mine[i] *= keep;
          for (int j = 0; j < TILE && start + j < S; j++) mine[i] += p[row][j] * values[j][e];
        }
      }
      __syncthreads();  // before the next keys and values
    }
    if (first + row < M) {
      for (int i = 0; i < MY_WIDTH; i++)
        if (lane + i * LANES < WIDTH)
          y[(head * M + first + row) * WIDTH + lane + i * LANES] = narrow<T>(mine[i] / sum);
      // A row of -infinity: 0 / 0 above, and NaN here too.
      if (lane == 0)
        lse[head * M + first + row] = narrow<T>(sum == 0 ? infinity() - infinity() : log(sum) + most);
    }
    __syncthreads();  // before the next queries
  }
}

// P and dS of query `row` and key j of two tiles.
struct Slopes { A p, ds; };
__device__ __forceinline__ Slopes slopes(const A *query, const A *key, const A *value, const A *dy,
                                         A lse, A slope, A scale) {
  const A p = exp(dot<DEPTH>(query, key) * scale - lse);
  return {p, scale * p * (dot<WIDTH>(dy, value) - slope)};
}

// A tile of queries against all keys.
extern "C" __global__ void attention_backward_queries(const T *q, const T *k, const T *v,
                                                      const T *lse, const T *dy, const T *slope,
                                                      T *dq, i64 heads, i64 M, i64 S,
                                                      double scale) {
  __shared__ A queries[TILE][DEPTH + 1];
  __shared__ A keys[TILE][DEPTH + 1];
  __shared__ A values[TILE][WIDTH + 1];
  __shared__ A outer[TILE][WIDTH + 1];
  __shared__ A ds[TILE][TILE + 1];
  const int row = threadIdx.x / LANES, lane = threadIdx.x % LANES;
  const i64 tiles = (M + TILE - 1) / TILE;
  for (i64 at = blockIdx.x; at < heads * tiles; at += gridDim.x) {
    const i64 head = at / tiles, first = at % tiles * TILE, own = head * M + first + row;
    fetch<DEPTH>(queries, q + head * M * DEPTH, first, M);
    fetch<WIDTH>(outer, dy + head * M * WIDTH, first, M);
    const bool there = first + row < M;
    const A log_sum = there ? widen(lse[own]) : (A)0, less = there ? widen(slope[own]) : (A)0;
    A mine[MY_DEPTH] = {};
    for (i64 start = 0; start < S; start += TILE) {
      fetch<DEPTH>(keys, k + head * S * DEPTH, start, S);
      fetch<WIDTH>(values, v + head * S * WIDTH, start, S);
      __syncthreads();
      for (int j = lane; j < TILE; j += LANES)
        ds[row][j] =
            slopes(queries[row], keys[j], values[j], outer[row], log_sum, less, (A)scale).ds;
      __syncwarp();  // a row's ds is its warp's
      for (int i = 0; i < MY_DEPTH; i++) {
        const int d = lane + i * LANES;
        if (d < DEPTH)
          for (int j = 0; j < TILE && start + j < S; j++) mine[i] += ds[row][j] * keys[j][d];
      }
      __syncthreads();  // before the next keys and values
    }
    if (there)
      for (int i = 0; i < MY_DEPTH; i++)
        if (lane + i * LANES < DEPTH) dq[own * DEPTH + lane + i * LANES] = narrow<T>(mine[i]);
    __syncthreads();  // before the next queries
  }
}

// A tile of keys against all queries.
extern "C" __global__ void attention_backward_keys(const T *q, const T *k, const T *v, const T *lse,
                                                   const T *dy, const T *slope, T *dk, T *dv,
                                                   i64 heads, i64 M, i64 S, double scale) {
  __shared__ A queries[TILE][DEPTH + 1];
  __shared__ A keys[TILE][DEPTH + 1];
  __shared__ A values[TILE][WIDTH + 1];
  __shared__ A outer[TILE][WIDTH + 1];
  __shared__ A p[TILE][TILE + 1];
  __shared__ A ds[TILE][TILE + 1];
  const int row = threadIdx.x / LANES, lane = threadIdx.x % LANES;
  const i64 tiles = (S + TILE - 1) / TILE;
  for (i64 at = blockIdx.x; at < heads * tiles; at += gridDim.x) {
    const i64 head = at / tiles, first = at % tiles * TILE, own = head * S + first + row;
    fetch<DEPTH>(keys, k + head * S * DEPTH, first, S);
    fetch<WIDTH>(values, v + head * S * WIDTH, first, S);
    A of_key[MY_DEPTH] = {}, of_value[MY_WIDTH] = {};
    for (i64 start = 0; start < M; start += TILE) {
      fetch<DEPTH>(queries, q + head * M * DEPTH, start, M);
      fetch<WIDTH>(outer, dy + head * M * WIDTH, start, M);
      __syncthreads();
      for (int j = lane; j < TILE && start + j < M; j += LANES) {
        const A log_sum = widen(lse[head * M + start + j]), less = widen(slope[head * M + start + j]);
        const Slopes s =
            slopes(queries[j], keys[row], values[row], outer[j], log_sum, less, (A)scale);
        p[row][j] = s.p;
        ds[row][j] = s.ds;
      }
      __syncwarp();  // a row's p and ds are its warp's
      for (int i = 0; i < MY_DEPTH; i++) {
        const int d = lane + i * LANES;
        if (d < DEPTH)
          for (int j = 0; j < TILE && start + j < M; j++) of_key[i] += ds[row][j] * queries[j][d];
      }
      for (int i = 0; i < MY_WIDTH; i++) {
        const int e = lane + i * LANES;
        if (e < WIDTH)
          for (int j = 0; j < TILE && start + j < M; j++) of_value[i] += p[row][j] * outer[j][e];
      }
      __syncthreads();  // before the next queries
    }
    if (first + row < S) {
      for (int i = 0; i < MY_DEPTH; i++)
        if (lane + i * LANES < DEPTH) dk[own * DEPTH + lane + i * LANES] = narrow<T>(of_key[i]);
      for (int i = 0; i < MY_WIDTH; i++)
        if (lane + i * LANES < WIDTH) dv[own * WIDTH + lane + i * LANES] = narrow<T>(of_value[i]);
    }
    __syncthreads();  // before the next keys
  }
}
