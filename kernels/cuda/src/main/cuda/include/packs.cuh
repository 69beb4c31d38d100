// W neighbouring numbers at a time, in one load of 16 bytes where they lie right.

typedef acc<T> A;
constexpr int PACK = 16 / sizeof(T);
template <int W> struct alignas(W * sizeof(T)) Pack { T at[W]; };

// W neighbours of a row as the type to compute in; `packed`: one load, aligned.
template <int W> struct Values {
  A at[W];
  __device__ __forceinline__ Values() {}
  __device__ __forceinline__ Values(const T *x, bool packed) {
    if (packed) {
      const Pack<W> p = *(const Pack<W> *)x;
      for (int j = 0; j < W; j++) at[j] = widen(p.at[j]);
    } else {
      for (int j = 0; j < W; j++) at[j] = widen(x[j]);
    }
  }
  __device__ __forceinline__ void to(T *y, bool packed) const {
    if (packed) {
      Pack<W> p;
      for (int j = 0; j < W; j++) p.at[j] = narrow<T>(at[j]);
      *(Pack<W> *)y = p;
    } else {
      for (int j = 0; j < W; j++) y[j] = narrow<T>(at[j]);
    }
  }
};
