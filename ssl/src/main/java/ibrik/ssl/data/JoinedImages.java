package ibrik.ssl.data;

import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;

/// Image sets one after the other, all with the class names of the first.
final class JoinedImages implements ImageSet {
  private final List<ImageSet> parts;
  private final int size;

  JoinedImages(List<ImageSet> parts) {
    this.parts = List.copyOf(parts);
    this.size = parts.stream().mapToInt(ImageSet::size).reduce(0, Math::addExact);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Image image(int index) {
    return at(index, ImageSet::image);
  }

  @Override
  public int label(int index) {
    return at(index, ImageSet::label);
  }

  private <T> T at(int index, BiFunction<ImageSet, Integer, T> get) {
    int rest = Objects.checkIndex(index, size);
    for (ImageSet part : parts) {
      if (rest < part.size()) {
        return get.apply(part, rest);
      }
      rest -= part.size();
    }
    throw new IllegalStateException("[image_set] parts changed their sizes");
  }

  @Override
  public List<String> classNames() {
    return parts.getFirst().classNames();
  }
}
