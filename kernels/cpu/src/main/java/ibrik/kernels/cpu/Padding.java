package ibrik.kernels.cpu;

import java.lang.foreign.MemorySegment;

/// Copies a window of an NHWC image, zeros where the window leaves the image.
final class Padding {
  private Padding() {}

  /// Copies rows `y0 ... y1-1`, columns `x0 ... x1-1` and `channels` channels from `channelStart`
  /// on of the image that starts at float `image` of `from`, densely to the start of `to`.
  static void copy(
      MemorySegment from,
      long image,
      int height,
      int width,
      int allChannels,
      int channelStart,
      int channels,
      MemorySegment to,
      int y0,
      int y1,
      int x0,
      int x1) {
    int columns = x1 - x0;
    int left = Math.clamp(-x0, 0, columns);
    int right = Math.clamp(x1 - width, 0, columns - left);
    for (int y = y0; y < y1; y++) {
      long target = (long) (y - y0) * columns * channels * 4;
      if (y < 0 || y >= height) {
        zero(to, target, (long) columns * channels);
        continue;
      }
      zero(to, target, (long) left * channels);
      int inside = columns - left - right;
      long source = (image + ((long) y * width + x0 + left) * allChannels + channelStart) * 4;
      long start = target + (long) left * channels * 4;
      if (channels == allChannels) {
        MemorySegment.copy(from, source, to, start, (long) inside * channels * 4);
      } else {
        for (int x = 0; x < inside; x++) {
          MemorySegment.copy(
              from,
              source + (long) x * allChannels * 4,
              to,
              start + (long) x * channels * 4,
              channels * 4L);
        }
      }
      zero(to, start + (long) inside * channels * 4, (long) right * channels);
    }
  }

  private static void zero(MemorySegment to, long offset, long floats) {
    if (floats > 0) {
      to.asSlice(offset, floats * 4).fill((byte) 0);
    }
  }
}
