/* op        requantize, pack_int4, unpack_int4      family integer
 * math      requantize: clamp(round((sum + bias) multiplier / 2^shift) + zero, low, high), half to
 *           even, sum + bias wraps; int4: eight to a word, the first in the lowest bits, two's
 *           complement
 * shapes    sum i32 [n], n = rows*C; bias, multiplier, shift i32 [C]; y i8 [n]; int4: i8
 *           [rows,count], i32 words [rows, ceil(count/8)]; any extents >= 0
 * dtypes    i32, i8; exact
 * traffic   requantize: read 4*n, write n bytes; int4: n and n/2 bytes
 * flops     about 10*n   bandwidth bound
 * launch    block 256; static smem 0 B; tails handled
 * order     integers: none
 * variants  requantize: 16 bytes per thread and turn; int4: v1, a word or an element per thread
 * measured  not on a GPU yet
 * paper     Jacob et al. 2018, arXiv:1712.05877, section 2.2, but half to even */
#include "ibrik.cuh"
#include "neighbours.cuh"

__device__ __forceinline__ i8 requantized(int sum, int bias, int multiplier, int shift, int zero,
                                          int low, int high) {
  const i64 product = (i64)(int)((unsigned)sum + (unsigned)bias) * multiplier;
  const i64 whole = product >> shift;
  const i64 rest = product - (i64)((u64)whole << shift);  // from 0 to 2^shift - 1
  const i64 half = shift == 0 ? 1 : (i64)1 << (shift - 1);
  const i64 up = rest > half || (rest == half && (whole & 1)) ? 1 : 0;
  return (i8)min(max(whole + up + zero, (i64)low), (i64)high);
}

extern "C" __global__ void requantize(const int *sum, const int *bias, const int *multiplier,
                                      const int *shift, i8 *y, i64 n, i64 C, int zero, int low,
                                      int high) {
  Channel channel(C, 1);
  for (i64 i = thread_index() * 4; i < n; i += thread_count() * 4) {
    Pack<int, 4> from;
    Pack<i8, 4> to;
    load(from, sum, i, n);
    channel.seek(i);
    for (int j = 0; j < 4 && i + j < n; j++) {
      const i64 c = channel.index;
      to.at[j] = requantized(from.at[j], bias[c], multiplier[c], shift[c], zero, low, high);
      channel.step();
    }
    store(to, y, i, n);
  }
}

extern "C" __global__ void pack_int4_v1(const i8 *x, int *words, i64 rows, i64 count, i64 perRow) {
  for (i64 w = thread_index(); w < rows * perRow; w += thread_count()) {
    const i64 row = w / perRow, first = w % perRow * 8;
    unsigned word = 0;
    for (int j = 0; j < 8; j++)
      if (first + j < count) word |= (unsigned)(x[row * count + first + j] & 15) << (4 * j);
    words[w] = (int)word;
  }
}

extern "C" __global__ void unpack_int4_v1(const int *words, i8 *y, i64 rows, i64 count,
                                          i64 perRow) {
  for (i64 i = thread_index(); i < rows * count; i += thread_count()) {
    const i64 k = i % count;
    const unsigned word = (unsigned)words[i / count * perRow + k / 8];
    y[i] = (i8)((int)(word << (28 - 4 * (int)(k % 8))) >> 28);
  }
}
