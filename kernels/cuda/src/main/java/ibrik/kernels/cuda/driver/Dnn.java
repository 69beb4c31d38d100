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
  /// @param tf32 whether f32 may be rounded to 10 bits of mantissa first
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
      boolean tf32) {
    /// The same with f32 that may be rounded, if it is of f32.
    public Convolution rounded() {
      boolean may = dtype == DType.F32;
      return new Convolution(role, dtype, x, w, y, pad, stride, dilation, groups, may);
    }
  }

  /// Four extents, outermost first.
  record Extents(int a, int b, int c, int d) {}

  /// Along rows and along columns.
  record Pair(int rows, int columns) {}

  /// Which algorithms are considered, and how one is picked.
  enum Choice {
    /// the first that the library suggests and that gives the same bits every time
    HEURISTIC,
    /// the fastest that gives the same bits every time, measured on the device
    MEASURED,
    /// the fastest, measured; sums may be added in another order from run to run
    FASTEST
  }

  /// What the library calls itself: choices hold for one version.
  String version();

  /// The number of the algorithm to take. [Choice#MEASURED] and [Choice#FASTEST] run all of them
  /// and wait.
  ///
  /// @throws CudaException if none is left
  int choose(Convolution convolution, Choice choice, long stream);

  /// Bytes of work memory that [#run] needs with `algorithm`; -1 where that does not serve the
  /// convolution.
  long workspaceBytes(Convolution convolution, int algorithm, long stream);

  /// Enqueues a convolution; `workspace` has the bytes of [#workspaceBytes].
  void run(
      Convolution convolution,
      int algorithm,
      long x,
      long w,
      long y,
      long workspace,
      long workspaceBytes,
      long stream);
}
