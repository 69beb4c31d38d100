// Neighbours in memory that one access of 16 bytes moves.

template <class T, int N = 16 / sizeof(T)>
struct alignas(N * sizeof(T)) Pack {
  static const int COUNT = N;
  T at[N];
};

// Whether a pack may begin at p.
template <int BYTES>
__device__ __forceinline__ bool aligned(const void *p) {
  return ((u64)p & (BYTES - 1)) == 0;
}

// Elements i, i+1, ... of x, those from n on undefined. One access where all are there and lie
// well; one by one otherwise.
template <class T, int N>
__device__ __forceinline__ void load(Pack<T, N> &to, const T *x, i64 i, i64 n) {
  if (i + N <= n && aligned<N * sizeof(T)>(x)) {
    to = *(const Pack<T, N> *)(x + i);
  } else {
    for (int j = 0; j < N; j++)
      if (i + j < n) to.at[j] = x[i + j];
  }
}

template <class T, int N>
__device__ __forceinline__ void store(const Pack<T, N> &from, T *y, i64 i, i64 n) {
  if (i + N <= n && aligned<N * sizeof(T)>(y)) {
    *(Pack<T, N> *)(y + i) = from;
  } else {
    for (int j = 0; j < N; j++)
      if (i + j < n) y[i + j] = from.at[j];
  }
}

// Which channel elements belong to, in a tensor seen as [outer, channels, inner].
struct Channel {
  i64 channels, inner;
  i64 index;  // of the channel
  i64 rest;   // of the element along inner

  __device__ __forceinline__ Channel(i64 channels, i64 inner) : channels(channels), inner(inner) {
    index = 0;
    rest = 0;
  }
  __device__ __forceinline__ void seek(i64 i) {
    if (channels == 1) return;
    if (i <= 0x7fffffff && inner <= 0x7fffffff) {  // half the digits, a quarter of the work
      const unsigned row = (unsigned)i / (unsigned)inner;
      rest = (unsigned)i - row * (unsigned)inner;
      index = channels <= 0x7fffffff ? row % (unsigned)channels : row;
    } else {
      rest = i % inner;
      index = i / inner % channels;
    }
  }
  // To the next element.
  __device__ __forceinline__ void step() {
    if (channels == 1 || ++rest < inner) return;
    rest = 0;
    if (++index == channels) index = 0;
  }
};
