package ibrik.ssl.data;

/// Which images a run is trained and judged on.
public enum Split {
  /// Training and test images as the data set has them.
  OFFICIAL,
  /// The last fifth of the training images is the test set, the rest is trained on; the data set's
  /// own test images are not looked at. For choosing settings. With CIFAR-10: batches 1 to 4, and
  /// batch 5.
  HOLDOUT
}
