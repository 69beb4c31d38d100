package ibrik.ssl.data;

import java.util.Arrays;
import java.util.List;

/// Images in JPEG and PNG files, of any sizes.
final class ImageFiles implements ImageSet {
  private final List<ImageFile> files;
  private final int[] labels;
  private final List<String> classNames;

  /// @param labels one per file, [ImageSet#NO_LABEL] where unknown; copied
  ImageFiles(List<ImageFile> files, int[] labels, List<String> classNames) {
    this.files = List.copyOf(files);
    this.labels = Arrays.copyOf(labels, files.size());
    this.classNames = List.copyOf(classNames);
  }

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public Image image(int index) {
    return files.get(index).image();
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public String name(int index) {
    return files.get(index).path();
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }
}
