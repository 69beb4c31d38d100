package ibrik.ssl.data;

import java.util.List;
import java.util.Objects;

/// Some images of another set, in an order of their own.
final class Selection implements ImageSet {
  private final ImageSet all;
  private final int[] indices;

  /// @param indices numbers of images in `all`; copied
  Selection(ImageSet all, int[] indices) {
    for (int index : indices) {
      Objects.checkIndex(index, all.size());
    }
    this.all = all;
    this.indices = indices.clone();
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public Image image(int index) {
    return all.image(indices[Objects.checkIndex(index, indices.length)]);
  }

  @Override
  public int label(int index) {
    return all.label(indices[Objects.checkIndex(index, indices.length)]);
  }

  @Override
  public String name(int index) {
    return all.name(indices[Objects.checkIndex(index, indices.length)]);
  }

  @Override
  public List<String> classNames() {
    return all.classNames();
  }
}
