package ibrik.kernels.cuda.driver;

/// What a device is.
///
/// @param name as the driver gives it
/// @param major compute capability, before the point
/// @param minor compute capability, after the point
/// @param multiprocessors their number
/// @param memoryBytes all its memory
/// @param sharedBytes most shared memory that a block can opt in to
/// @param l2Bytes its second-level cache
public record DeviceInfo(
    String name,
    int major,
    int minor,
    int multiprocessors,
    long memoryBytes,
    int sharedBytes,
    long l2Bytes) {
  /// `sm_90`.
  public String arch() {
    return "sm_" + major + minor;
  }

  /// The compute capability as one number: 90 for 9.0.
  public int capability() {
    return 10 * major + minor;
  }
}
