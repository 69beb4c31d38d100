// Logarithms of sums of exponentials.

__device__ __forceinline__ T infinity() {
  return (T)__int_as_float(0x7f800000);
}

// sum of w e^x, the largest x apart so that nothing overflows. A NaN or +infinity makes it NaN.
struct LogSum {
  T most, sum;

  __device__ __forceinline__ LogSum() : most(-infinity()), sum(0) {}
  __device__ __forceinline__ LogSum(T most, T sum) : most(most), sum(sum) {}
  __device__ __forceinline__ void add(T x, T w) {
    if (x > most || x != x) {                   // NaN becomes the largest, and nothing is larger
      sum = sum * exp(most - x) + w + (x - x);  // infinity becomes NaN, as in max - max
      most = x;
    } else if (x > -infinity()) {
      sum += w * exp(x - most);
    }
  }
  __device__ __forceinline__ T log_sum() const { return most + log(sum); }
};
