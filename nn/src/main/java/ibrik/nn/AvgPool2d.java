package ibrik.nn;

import ibrik.tensor.Tensor;

/// The mean of each square window of `[N,H,W,C]`, padding counted as zeros.
public final class AvgPool2d extends Module {
  private final int window;
  private final int stride;
  private final int pad;

  /// Window, stride and padding in pixels.
  public AvgPool2d(Build build, int window, int stride, int pad) {
    super(build);
    this.window = window;
    this.stride = stride;
    this.pad = pad;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.avgPool2d(window, stride, pad);
  }

  @Override
  protected String detail() {
    return window + "x" + window + ", stride " + stride;
  }
}
