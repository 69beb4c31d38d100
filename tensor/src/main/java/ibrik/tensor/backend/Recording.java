package ibrik.tensor.backend;

/// Kernels that a backend has taken down with their arguments, to run all of them at once.
public interface Recording extends AutoCloseable {
  /// Runs them, in order.
  void replay();

  /// Frees what the recording holds. A second close does nothing.
  @Override
  void close();
}
