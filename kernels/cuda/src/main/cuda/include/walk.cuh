// Places in tensors that broadcast to one shape. Axes are outermost first; neighbouring axes along
// which every operand walks alike have been merged (Walks.java).

template <int N> struct Walk {
  i64 rank;
  i64 extent[8];
  i64 stride[N][8];  // 0 along broadcast axes

  // Where the element of each operand lies that belongs to element i of the result.
  __device__ __forceinline__ void places(i64 i, i64 *at) const {
    for (int k = 0; k < N; k++) at[k] = 0;
    for (int axis = (int)rank - 1; axis >= 0; axis--) {
      const i64 here = i % extent[axis];
      i /= extent[axis];
      for (int k = 0; k < N; k++) at[k] += here * stride[k][axis];
    }
  }
};
