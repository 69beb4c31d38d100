package ibrik.ssl.data;

import java.util.Arrays;
import java.util.List;

/// Images of one size in one array.
final class MemoryImages implements ImageSet {
  private final int height;
  private final int width;
  private final int channels;
  private final byte[] pixels;
  private final int[] labels;
  private final List<String> classNames;

  /// @param pixels all images one after the other, channels last
  /// @param labels one per image
  MemoryImages(
      int height, int width, int channels, byte[] pixels, int[] labels, List<String> classNames) {
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
    return new Image(
        height, width, channels, Arrays.copyOfRange(pixels, index * bytes, (index + 1) * bytes));
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
