package ibrik.ssl.data;

import ibrik.ssl.augment.BorderSaliency;
import ibrik.ssl.augment.NoSaliency;
import ibrik.ssl.augment.Saliency;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

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
/// @param notes what the user should be told about it, a sentence each
/// @param saliency says what the subject of an image is, for views without background
public record DataSet(
    String name,
    ImageSet train,
    ImageSet test,
    int height,
    int width,
    int channels,
    List<Float> mean,
    List<Float> std,
    String fingerprint,
    List<String> notes,
    Saliency saliency) {
  /// Largest side of a view, pixels.
  static final int MAX_SIDE = 4096;

  /// One of so many training images is held out.
  private static final int HOLDOUT = 5;

  /// Checks that all fits together, and copies the lists.
  public DataSet {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    notes = List.copyOf(notes);
    if (height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE) {
      throw new IllegalArgumentException(
          "[data] views must have 1 to "
              + MAX_SIDE
              + " rows and columns; got "
              + height
              + "x"
              + width);
    }
    if ((channels != 1 && channels != 3) || mean.size() != channels || std.size() != channels) {
      throw new IllegalArgumentException(
          "[data] needs 1 or 3 channels and a mean and a deviation for each; got "
              + channels
              + " channels, mean "
              + mean
              + ", std "
              + std);
    }
  }

  /// With subjects that [BorderSaliency] finds.
  public DataSet(
      String name,
      ImageSet train,
      ImageSet test,
      int height,
      int width,
      int channels,
      List<Float> mean,
      List<Float> std,
      String fingerprint,
      List<String> notes) {
    this(
        name,
        train,
        test,
        height,
        width,
        channels,
        mean,
        std,
        fingerprint,
        notes,
        new BorderSaliency());
  }

  /// With nothing to tell.
  public DataSet(
      String name,
      ImageSet train,
      ImageSet test,
      int height,
      int width,
      int channels,
      List<Float> mean,
      List<Float> std,
      String fingerprint) {
    this(name, train, test, height, width, channels, mean, std, fingerprint, List.of());
  }

  /// The same with the first `count` training images only. They are representative: sets whose
  /// files are sorted by class are shuffled when they are opened, by a fixed seed.
  ///
  /// @param count at least 1; beyond the size of the set it changes nothing
  public DataSet limit(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "[data] the number of training images must be at least 1; got "
              + count
              + "; leave the limit out to use all "
              + train.size());
    }
    if (count >= train.size()) {
      return this;
    }
    return new DataSet(
        name,
        train.first(count),
        test,
        height,
        width,
        channels,
        mean,
        std,
        fingerprint + "/first-" + count,
        notes,
        saliency);
  }

  /// Training and test images by `split`. Mean and deviation stay as they are.
  ///
  /// @throws IllegalArgumentException if there are too few training images to hold some out
  public DataSet split(Split split) {
    if (split == Split.OFFICIAL) {
      return this;
    }
    int all = train.size();
    int held = all / HOLDOUT;
    if (held < 1) {
      throw new IllegalArgumentException(
          "[data] the holdout split needs at least "
              + HOLDOUT
              + " training images; got "
              + all
              + "; take the official split");
    }
    List<String> told = new ArrayList<>(notes);
    told.add(
        String.format(
            Locale.ROOT,
            "holdout split: trained on the first %,d of %,d training images, tested on the last"
                + " %,d of them; the official test images are not used",
            all - held,
            all,
            held));
    return new DataSet(
        name,
        train.first(all - held),
        train.select(IntStream.range(all - held, all).toArray()),
        height,
        width,
        channels,
        mean,
        std,
        fingerprint + "/holdout",
        told,
        saliency);
  }

  /// The same with views of `size x size`, to which images are resampled; 0 changes nothing.
  DataSet resized(int size) {
    if (size == 0) {
      return this;
    }
    return new DataSet(
        name, train, test, size, size, channels, mean, std, fingerprint, notes, saliency);
  }

  /// The same with subjects of other origin: `border` of [BorderSaliency], `none` of none, anything
  /// else of the masks in that folder, which then count for the fingerprint.
  ///
  /// @throws DataException if masks are missing or do not fit
  public DataSet subjects(String source) {
    return switch (source) {
      case "border" -> subjects(new BorderSaliency(), fingerprint);
      case "none" -> subjects(new NoSaliency(), fingerprint);
      default -> {
        MaskFiles masks = MaskFiles.open(Path.of(source), train);
        yield subjects(masks, fingerprint + "/masks-" + masks.fingerprint());
      }
    };
  }

  private DataSet subjects(Saliency other, String sum) {
    return new DataSet(name, train, test, height, width, channels, mean, std, sum, notes, other);
  }

  /// Names of the classes by label.
  public List<String> classNames() {
    return train.classNames();
  }
}
