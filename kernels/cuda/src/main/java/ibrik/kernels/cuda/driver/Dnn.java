package ibrik.kernels.cuda.driver;

import ibrik.tensor.DType;

/// Convolutions of a library.
public interface Dnn {
  /// Which of the three operands is computed.
  enum Role {
    /// y from x and w
    FORWARD,
    /// x from y and w
    BACKWARD_DATA,
    /// w from x and y
    BACKWARD_WEIGHT
  }

  /// A convolution of images NHWC with weights KRSC.
  ///
  /// @param dtype f32, f64, bf16 or f16, of all operands; 16-bit types accumulate in f32
  /// @param x `N, H, W, C`
  /// @param w `K, R, S, C/groups`
  /// @param y `N, P, Q, K`
  /// @param pad rows and columns of zeros
  /// @param stride rows and columns
  /// @param dilation rows and columns
  record Convolution(
      Role role,
      DType dtype,
      Extents x,
      Extents w,
      Extents y,
      Pair pad,
      Pair stride,
      Pair dilation,
      int groups,
      boolean tf32) {}

  /// Four extents, outermost first.
  record Extents(int a, int b, int c, int d) {}

  /// Along rows and along columns.
  record Pair(int rows, int columns) {}

  /// Bytes of work memory that [#run] needs.
  long workspaceBytes(Convolution convolution, long stream);

  /// Enqueues a convolution; `workspace` has the bytes of [#workspaceBytes].
  void run(Convolution convolution, long x, long w, long y, long workspace, long stream);
}
