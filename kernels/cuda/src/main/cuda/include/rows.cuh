// Rows of C numbers, each worked on by a team of 1, 32 or 256 threads. A thread takes 16 bytes of
// neighbouring elements at a turn whether or not they can be loaded at once: the order of additions
// does not depend on where a tensor lies.

typedef acc<T> A;
constexpr int PACK = 16 / sizeof(T);  // elements
struct alignas(16) Pack { T at[PACK]; };
struct Values { A at[PACK]; };

// Elements c, c+1, ... of a row. `packed`: C is a multiple of PACK and the row starts at a multiple
// of 16 bytes, as the launcher found. What lies past C is 0.
__device__ __forceinline__ Values load(const T *row, i64 c, i64 C, bool packed) {
  Values v;
  if (packed) {
    const Pack p = *(const Pack *)(row + c);
    for (int j = 0; j < PACK; j++) v.at[j] = widen(p.at[j]);
  } else {
    for (int j = 0; j < PACK; j++) v.at[j] = c + j < C ? widen(row[c + j]) : (A)0;
  }
  return v;
}
__device__ __forceinline__ void store(T *row, i64 c, i64 C, bool packed, const Values &v) {
  if (packed) {
    Pack p;
    for (int j = 0; j < PACK; j++) p.at[j] = narrow<T>(v.at[j]);
    *(Pack *)(row + c) = p;
  } else {
    for (int j = 0; j < PACK && c + j < C; j++) row[c + j] = narrow<T>(v.at[j]);
  }
}

// The larger one; NaN if either is.
__device__ __forceinline__ A larger(A a, A b) { return a != a ? a : b > a || b != b ? b : a; }
__device__ __forceinline__ A infinity() { return (A)__int_as_float(0x7f800000); }

__device__ __forceinline__ A warp_max(A x) {
  for (int by = 16; by > 0; by >>= 1) x = larger(x, __shfl_xor_sync(0xffffffffu, x, by));
  return x;
}
__device__ __forceinline__ A block_max(A x) {
  __shared__ A parts[32];
  __syncthreads();  // a call before may still be reading
  x = warp_max(x);
  if ((threadIdx.x & 31) == 0) parts[threadIdx.x >> 5] = x;
  __syncthreads();
  x = (threadIdx.x & 31) < (blockDim.x >> 5) ? parts[threadIdx.x & 31] : -infinity();
  return warp_max(x);
}

// W threads to a row. row(): the first of this team; rows(): how far to the next; lane(): the place
// in the team. sum and max are called by all and give all the same.
template <int W> struct Team;
template <> struct Team<1> {
  static __device__ __forceinline__ i64 row() { return thread_index(); }
  static __device__ __forceinline__ i64 rows() { return thread_count(); }
  static __device__ __forceinline__ int lane() { return 0; }
  static __device__ __forceinline__ A sum(A x) { return x; }
  static __device__ __forceinline__ A max(A x) { return x; }
};
template <> struct Team<32> {
  static __device__ __forceinline__ i64 row() { return thread_index() >> 5; }
  static __device__ __forceinline__ i64 rows() { return thread_count() >> 5; }
  static __device__ __forceinline__ int lane() { return threadIdx.x & 31; }
  static __device__ __forceinline__ A sum(A x) { return warp_sum(x); }
  static __device__ __forceinline__ A max(A x) { return warp_max(x); }
};
template <> struct Team<256> {
  static __device__ __forceinline__ i64 row() { return blockIdx.x; }
  static __device__ __forceinline__ i64 rows() { return gridDim.x; }
  static __device__ __forceinline__ int lane() { return threadIdx.x; }
  static __device__ __forceinline__ A sum(A x) { return block_sum(x); }
  static __device__ __forceinline__ A max(A x) { return block_max(x); }
};

// Every row of this team, and in it every pack of this thread.
#define EACH_ROW(W, row, N) for (i64 row = Team<W>::row(); row < (N); row += Team<W>::rows())
#define EACH_PACK(W, c, C) for (i64 c = Team<W>::lane() * PACK; c < (C); c += W * PACK)
#define EACH_OF_PACK(j, c, C) for (int j = 0; j < PACK && c + j < (C); j++)
