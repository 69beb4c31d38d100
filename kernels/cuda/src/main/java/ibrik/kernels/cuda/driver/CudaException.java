package ibrik.kernels.cuda.driver;

/// A call of CUDA that failed: which call, what it answered, what it was about.
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// The driver's answer to a request for memory that it cannot serve.
  public static final int OUT_OF_MEMORY = 2;

  private final int code;

  /// @param call the function that failed
  /// @param code its status
  /// @param detail name of the status, kernel, launch, sizes: what helps to find the fault
  public CudaException(String call, int code, String detail) {
    super("[cuda] " + call + " failed with status " + code + ": " + detail);
    this.code = code;
  }

  /// The status, in the numbering of the library whose call failed.
  public int code() {
    return code;
  }
}
