package ibrik.ssl.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// Images of one size in one array.
final class MemoryImages implements ImageSet {
  private final int height;
  private final int width;
  private final int channels;
  private final byte[] pixels;
  private final int[] labels;
  private final List<String> classNames;

  /// @param pixels all images one after the other, channels last
  /// @param labels one per image; neither array is copied
  MemoryImages(
      int height, int width, int channels, byte[] pixels, int[] labels, List<String> classNames) {
    if (pixels.length != (long) labels.length * height * width * channels) {
      throw new IllegalArgumentException(
          "[image_set] "
              + labels.length
              + " images of "
              + height
              + "x"
              + width
              + "x"
              + channels
              + " do not make "
              + pixels.length
              + " bytes");
    }
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.pixels = pixels;
    this.labels = labels;
    this.classNames = List.copyOf(classNames);
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Image image(int index) {
    int bytes = height * width * channels;
    int from = Objects.checkIndex(index, labels.length) * bytes;
    return new Image(height, width, channels, Arrays.copyOfRange(pixels, from, from + bytes));
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }
}
