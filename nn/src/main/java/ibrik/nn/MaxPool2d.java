package ibrik.nn;

import ibrik.tensor.Tensor;

/// The largest element of each square window of `[N,H,W,C]`.
public final class MaxPool2d extends Module {
  private final int window;
  private final int stride;
  private final int pad;

  /// Window, stride and padding in pixels.
  public MaxPool2d(Build build, int window, int stride, int pad) {
    super(build);
    this.window = window;
    this.stride = stride;
    this.pad = pad;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.maxPool2d(window, stride, pad);
  }

  @Override
  protected String detail() {
    return window + "x" + window + ", stride " + stride;
  }
}
