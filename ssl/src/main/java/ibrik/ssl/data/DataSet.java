package ibrik.ssl.data;

import java.util.List;

/// Images to train on and images to test on, of one size.
///
/// @param name what the user calls it
/// @param train training images
/// @param test test images
/// @param height rows that views have
/// @param width columns that views have
/// @param channels 1 or 3
/// @param mean per channel, of values in [0,1]: subtracted
/// @param std per channel: divided by
/// @param fingerprint SHA-256 over the files it was read from
public record DataSet(
    String name,
    ImageSet train,
    ImageSet test,
    int height,
    int width,
    int channels,
    List<Float> mean,
    List<Float> std,
    String fingerprint) {
  /// Copies the lists.
  public DataSet {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
  }

  /// The same with at most `count` training images.
  public DataSet limit(int count) {
    return new DataSet(
        name,
        train.first(count),
        test,
        height,
        width,
        channels,
        mean,
        std,
        fingerprint + "/first-" + count);
  }

  /// Names of the classes by label.
  public List<String> classNames() {
    return train.classNames();
  }
}
