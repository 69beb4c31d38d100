package ibrik.tensor.backend;

/// Hands out the memory of one device and counts it. Thread-safe.
public interface MemoryPool {
  /// A block of at least `bytes` bytes, aligned to 64 bytes, contents undefined.
  ///
  /// @throws OutOfMemoryError if the device has no more
  Buffer allocate(long bytes);

  /// Bytes asked for by blocks that are in use.
  long liveBytes();

  /// Highest value of [#liveBytes()] so far.
  long peakBytes();

  /// Starts a new measurement of [#peakBytes()] at the present level.
  void resetPeak();

  /// Bytes taken from the device, in use or kept for reuse.
  long reservedBytes();

  /// Gives unused blocks back to the device.
  void trim();
}
