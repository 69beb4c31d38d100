package ibrik.bench.peers;

/// One library's way to do the work of a contest. Holds its inputs; freed by [#close()].
interface Side extends AutoCloseable {
  /// Does the work once and frees what it made.
  void run();

  /// Does the work once and gives its result in the layout of this project; or the part of the
  /// result that all sides have.
  float[] result();

  @Override
  void close();
}
