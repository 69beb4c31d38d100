/* op        sum, mean, max, min, arg_max           family reduce
 * math      y_oi = join_k x_oki; mean divides by the length; arg_max: the first k of the largest
 * shapes    x [O,K,I] after neighbours are merged, y [O,I]; any extents >= 0; other axis sets by `any`
 * dtypes    T = f32|f64|bf16|f16|i64|i32|i8|u8; 16-bit floats accumulate in f32, integers in i64
 * traffic   read O*K*I*sizeof(T), write O*I*sizeof(T) bytes; split adds 2*S*O*I*sizeof(accumulator)
 * flops     O*K*I   bandwidth bound
 * launch    block 256 (rows), 32x8 (columns); static smem <= 8.3 KB; tail handled
 * order     fixed trees that depend on the shape alone, no atomics => bit-stable
 * variants  v1 element of y per thread (any, arg_max) | rows: row per block | columns: 32 columns per
 *           block (default); where y is small, K is cut into S parts that a second launch joins
 * measured  not on a GPU yet                                                          */
#include "ibrik.cuh"
#include "walk.cuh"

template <class U> struct totals { using type = i64; };  // integers: exact modulo their width
template <> struct totals<float> { using type = float; };
template <> struct totals<double> { using type = double; };
template <> struct totals<bf16> { using type = float; };
template <> struct totals<f16> { using type = float; };
typedef totals<T>::type A;

template <class U> struct bounds {  // of the accumulator; integers start at the bounds of T
  static __device__ __forceinline__ U least() { return -least_negated(); }
  static __device__ __forceinline__ U least_negated() { return (U)__int_as_float(0x7f800000); }
};
template <> struct bounds<i64> {
  static __device__ __forceinline__ i64 least() {
    return (acc<T>)-1 > (acc<T>)0 ? 0 : (i64)(~0ull << (8 * sizeof(T) - 1));
  }
  static __device__ __forceinline__ i64 least_negated() {
    return (acc<T>)-1 > (acc<T>)0 ? 255 : ~(i64)(~0ull << (8 * sizeof(T) - 1));
  }
};

struct Sum {
  static __device__ __forceinline__ A start() { return 0; }
  static __device__ __forceinline__ A join(A a, A b) { return a + b; }
};
struct Max {  // NaN if any is
  static __device__ __forceinline__ A start() { return bounds<A>::least(); }
  static __device__ __forceinline__ A join(A a, A b) { return a != a ? a : b > a || b != b ? b : a; }
};
struct Min {
  static __device__ __forceinline__ A start() { return bounds<A>::least_negated(); }
  static __device__ __forceinline__ A join(A a, A b) { return a != a ? a : b < a || b != b ? b : a; }
};

// One part of K: of row o the elements [begin, end), to part s of y.
struct Part {
  i64 o, begin, end;
  __device__ __forceinline__ Part(i64 row, i64 parts, i64 K) {
    const i64 length = (K + parts - 1) / parts, s = row % parts;
    o = row / parts;
    begin = min(K, s * length);
    end = min(K, begin + length);
  }
};

// Elements of x and y are T, those of the parts in between A.
template <class In> __device__ __forceinline__ A load_any(const In *x) { return (A)widen(*x); }
template <class Out> __device__ __forceinline__ void store_any(Out *y, A x) {
  *y = narrow<Out>((acc<Out>)x);
}

// I = 1. A block per row and part: threads stride along K, then a tree over the block.
template <class R, class In, class Out>
__device__ void rows(const In *x, Out *y, i64 O, i64 K, i64 parts, double divisor) {
  __shared__ A tree[256];
  for (i64 row = blockIdx.x; row < O * parts; row += gridDim.x) {
    const Part part(row, parts, K);
    A t = R::start();
    for (i64 k = part.begin + threadIdx.x; k < part.end; k += blockDim.x)
      t = R::join(t, load_any(x + part.o * K + k));
    tree[threadIdx.x] = t;
    __syncthreads();
    for (int half = 128; half > 0; half >>= 1) {
      if (threadIdx.x < half) tree[threadIdx.x] = R::join(tree[threadIdx.x], tree[threadIdx.x + half]);
      __syncthreads();
    }
    // No barrier after this: only thread 0 writes and reads tree[0], and nobody reads the rest again.
    if (threadIdx.x == 0) store_any(y + row, (A)(tree[0] / (A)divisor));
  }
}

// A block of 32 x 8 threads: 32 columns; 8 threads share a column's K.
template <class R, class In, class Out>
__device__ void columns(const In *x, Out *y, i64 O, i64 K, i64 I, i64 parts, double divisor) {
  __shared__ A tree[8][33];  // 33: no two rows in one bank
  const i64 i = (i64)blockIdx.x * 32 + threadIdx.x;
  for (i64 row = blockIdx.y; row < O * parts; row += gridDim.y) {
    const Part part(row, parts, K);
    A t = R::start();
    if (i < I)
      for (i64 k = part.begin + threadIdx.y; k < part.end; k += 8)
        t = R::join(t, load_any(x + (part.o * K + k) * I + i));
    tree[threadIdx.y][threadIdx.x] = t;
    __syncthreads();
    if (threadIdx.y == 0 && i < I) {
      for (int j = 1; j < 8; j++) t = R::join(t, tree[j][threadIdx.x]);
      store_any(y + row * I + i, (A)(t / (A)divisor));
    }
    __syncthreads();
  }
}

// Any set of axes: an element of y per thread, which walks over its K.
template <class R>
__device__ void any(const T *x, T *y, i64 n, i64 K, const Walk<1> &kept, const Walk<1> &reduced,
                    double divisor) {
  for (i64 i = thread_index(); i < n; i += thread_count()) {
    i64 from, at;
    kept.places(i, &from);
    A t = R::start();
    for (i64 k = 0; k < K; k++) {
      reduced.places(k, &at);
      t = R::join(t, (A)widen(x[from + at]));
    }
    store_any(y + i, (A)(t / (A)divisor));
  }
}

#define REDUCE(name, R)                                                                            \
  extern "C" __global__ void name##_rows(const T *x, T *y, i64 O, i64 K, double divisor) {         \
    rows<R>(x, y, O, K, 1, divisor);                                                               \
  }                                                                                                \
  extern "C" __global__ void name##_rows_split(const T *x, A *y, i64 O, i64 K, i64 parts) {        \
    rows<R>(x, y, O, K, parts, 1);                                                                 \
  }                                                                                                \
  extern "C" __global__ void name##_rows_join(const A *x, T *y, i64 O, i64 parts, double divisor) { \
    rows<R>(x, y, O, parts, 1, divisor);                                                           \
  }                                                                                                \
  extern "C" __global__ void name##_columns(const T *x, T *y, i64 O, i64 K, i64 I,                 \
                                            double divisor) {                                      \
    columns<R>(x, y, O, K, I, 1, divisor);                                                         \
  }                                                                                                \
  extern "C" __global__ void name##_columns_split(const T *x, A *y, i64 O, i64 K, i64 I,           \
                                                  i64 parts) {                                     \
    columns<R>(x, y, O, K, I, parts, 1);                                                           \
  }                                                                                                \
  extern "C" __global__ void name##_columns_join(const A *x, T *y, i64 O, i64 parts, i64 I,        \
                                                 double divisor) {                                 \
    columns<R>(x, y, O, parts, I, 1, divisor);                                                     \
  }                                                                                                \
  extern "C" __global__ void name##_any(const T *x, T *y, i64 n, i64 K, Walk<1> kept,              \
                                        Walk<1> reduced, double divisor) {                         \
    any<R>(x, y, n, K, kept, reduced, divisor);                                                    \
  }
REDUCE(sum, Sum)
REDUCE(max, Max)
REDUCE(min, Min)

extern "C" __global__ void arg_max_v1(const T *x, int *y, i64 O, i64 K, i64 I) {
  for (i64 i = thread_index(); i < O * I; i += thread_count()) {
    const T *from = x + i / I * K * I + i % I;
    acc<T> most = widen(from[0]);
    i64 best = 0;
    for (i64 k = 1; k < K && most == most; k++) {  // the first NaN wins
      const acc<T> v = widen(from[k * I]);
      if (v > most || v != v) {
        most = v;
        best = k;
      }
    }
    y[i] = (int)best;
  }
}
