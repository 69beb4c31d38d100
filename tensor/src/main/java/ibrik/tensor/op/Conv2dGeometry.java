package ibrik.tensor.op;

/// How a kernel moves over an image, in pixels.
///
/// @param strideHeight rows between outputs, at least 1
/// @param strideWidth columns between outputs, at least 1
/// @param padHeight zero rows added above and below
/// @param padWidth zero columns added left and right
/// @param dilationHeight rows between kernel taps, at least 1
/// @param dilationWidth columns between kernel taps, at least 1
/// @param groups independent groups of channels, at least 1
public record Conv2dGeometry(
    int strideHeight,
    int strideWidth,
    int padHeight,
    int padWidth,
    int dilationHeight,
    int dilationWidth,
    int groups) {
  /// Checks the ranges.
  public Conv2dGeometry {
    if (strideHeight < 1
        || strideWidth < 1
        || padHeight < 0
        || padWidth < 0
        || dilationHeight < 1
        || dilationWidth < 1
        || groups < 1) {
      throw new IllegalArgumentException(
          "[conv2d] stride, dilation and groups must be at least 1, padding at least 0; got"
              + " stride "
              + strideHeight
              + "x"
              + strideWidth
              + ", pad "
              + padHeight
              + "x"
              + padWidth
              + ", dilation "
              + dilationHeight
              + "x"
              + dilationWidth
              + ", groups "
              + groups);
    }
  }

  /// The same stride and padding both ways, no dilation, one group.
  public static Conv2dGeometry of(int stride, int pad) {
    return new Conv2dGeometry(stride, stride, pad, pad, 1, 1, 1);
  }

  /// This geometry with `count` groups.
  public Conv2dGeometry grouped(int count) {
    return new Conv2dGeometry(
        strideHeight, strideWidth, padHeight, padWidth, dilationHeight, dilationWidth, count);
  }

  /// Rows of the output for an image of `height` and a kernel of `rows`.
  public long outHeight(long height, long rows) {
    return out(height, rows, strideHeight, padHeight, dilationHeight);
  }

  /// Columns of the output for an image of `width` and a kernel of `columns`.
  public long outWidth(long width, long columns) {
    return out(width, columns, strideWidth, padWidth, dilationWidth);
  }

  private static long out(long size, long taps, int stride, int pad, int dilation) {
    long span = size + 2L * pad - dilation * (taps - 1) - 1;
    return span < 0 ? 0 : span / stride + 1;
  }
}
