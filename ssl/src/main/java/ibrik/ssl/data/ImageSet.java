package ibrik.ssl.data;

import java.util.List;

/// Numbered images, with labels where known.
public interface ImageSet {
  /// Label of an image without one.
  int NO_LABEL = -1;

  /// Number of images.
  int size();

  /// Image `index`. Called from several threads.
  Image image(int index);

  /// Class of image `index`, or [#NO_LABEL].
  int label(int index);

  /// Names of the classes, by label; empty if there are no labels.
  List<String> classNames();

  /// The first `count` images.
  default ImageSet first(int count) {
    ImageSet all = this;
    int size = Math.min(count, size());
    return new ImageSet() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public Image image(int index) {
        return all.image(java.util.Objects.checkIndex(index, size));
      }

      @Override
      public int label(int index) {
        return all.label(java.util.Objects.checkIndex(index, size));
      }

      @Override
      public List<String> classNames() {
        return all.classNames();
      }
    };
  }
}
