package ibrik.ssl.data;

/// A data set cannot be read: which file, what is wrong with it, and what to do.
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// With a message for the user.
  public DataException(String message) {
    super(message);
  }

  /// With the failure underneath.
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
