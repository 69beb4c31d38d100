package ibrik.kernels.cuda.driver;

/// Source that the compiler refused. The message holds the compiler's own, each with file and line.
public final class CompileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// @param file name of the source
  /// @param log what the compiler said
  public CompileException(String file, String log) {
    super("[cuda] " + file + " does not compile:\n" + log.strip());
  }
}
