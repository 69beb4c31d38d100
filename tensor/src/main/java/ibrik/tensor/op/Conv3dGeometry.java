package ibrik.tensor.op;

/// How a kernel moves over a video: over each frame as over an image, and from frame to frame.
///
/// @param stride frames between outputs, at least 1
/// @param pad zero frames added before and after
/// @param dilation frames between kernel taps, at least 1
/// @param image rows, columns and groups
public record Conv3dGeometry(int stride, int pad, int dilation, Conv2dGeometry image) {
  /// Checks the ranges.
  public Conv3dGeometry {
    if (stride < 1 || pad < 0 || dilation < 1) {
      throw new IllegalArgumentException(
          "[conv3d] stride and dilation must be at least 1, padding at least 0; got stride "
              + stride
              + ", pad "
              + pad
              + ", dilation "
              + dilation);
    }
  }

  /// The same stride and padding along all axes, no dilation, one group.
  public static Conv3dGeometry of(int stride, int pad) {
    return new Conv3dGeometry(stride, pad, 1, Conv2dGeometry.of(stride, pad));
  }

  /// Frames of the output for a video of `frames` and a kernel of `taps` frames.
  public long outFrames(long frames, long taps) {
    long span = frames + 2L * pad - dilation * (taps - 1) - 1;
    return span < 0 ? 0 : span / stride + 1;
  }
}
