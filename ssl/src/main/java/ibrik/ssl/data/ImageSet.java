package ibrik.ssl.data;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/// Numbered images, with labels where known.
public interface ImageSet {
  /// Label of an image without one.
  int NO_LABEL = -1;

  /// Number of images.
  int size();

  /// Image `index`. Called from several threads.
  ///
  /// @throws DataException if it cannot be read
  Image image(int index);

  /// Class of image `index`, or [#NO_LABEL].
  int label(int index);

  /// Name of image `index` in its data set, whatever part of it this is: the path of its file, or
  /// its number where there are no files.
  default String name(int index) {
    return Integer.toString(Objects.checkIndex(index, size()));
  }

  /// Names of the classes, by label; empty if there are no labels.
  List<String> classNames();

  /// The first `count` images, all of them if there are fewer.
  ///
  /// @throws IllegalArgumentException if `count` is negative
  default ImageSet first(int count) {
    if (count < 0) {
      throw new IllegalArgumentException(
          "[image_set] the number of images must be at least 0; got " + count);
    }
    return select(IntStream.range(0, Math.min(count, size())).toArray());
  }

  /// The images numbered `indices`, in that order.
  ///
  /// @throws IndexOutOfBoundsException if there is no such image
  default ImageSet select(int[] indices) {
    return new Selection(this, indices);
  }
}
