package ibrik.tensor;

/// Where a tensor lives and which backend computes on it: `cpu`, `reference`, `cuda:1`.
///
/// @param backend name of the backend that serves the device
/// @param index number of the device within the backend, from 0
public record Device(String backend, int index) {
  /// The default: SIMD kernels on the host where the cpu backend is present, else the reference.
  public static final Device CPU = new Device("cpu", 0);

  /// The scalar backend whose results define every op.
  public static final Device REFERENCE = new Device("reference", 0);

  /// Checks the arguments.
  public Device {
    if (backend.isEmpty() || index < 0) {
      throw new IllegalArgumentException(
          "[device] needs a backend name and an index >= 0; got '" + backend + ":" + index + "'");
    }
  }

  /// Reads `cpu`, `cuda` or `cuda:1`.
  ///
  /// @throws IllegalArgumentException if the text has another form
  public static Device parse(String text) {
    int colon = text.indexOf(':');
    try {
      return colon < 0
          ? new Device(text, 0)
          : new Device(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException notNumber) {
      throw new IllegalArgumentException(
          "[device] must look like cpu or cuda:1; got '" + text + "'", notNumber);
    }
  }

  @Override
  public String toString() {
    return index == 0 ? backend : backend + ":" + index;
  }
}
