package ibrik.ssl.eval;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// A box that a detector found.
///
/// @param image number of the image
/// @param category class of the object
/// @param box where
/// @param score how sure, larger is surer
public record Detection(int image, int category, Box box, double score) {
  /// An object that is there.
  ///
  /// @param image number of the image
  /// @param category class of the object
  /// @param box where
  /// @param area pixels of the object itself, by which COCO sorts into sizes
  /// @param difficult VOC: neither finding nor missing it counts
  /// @param crowd COCO: many objects in one box; finding it any number of times does not count
  public record Truth(
      int image, int category, Box box, double area, boolean difficult, boolean crowd) {
    /// An ordinary object that fills its box.
    public Truth(int image, int category, Box box) {
      this(image, category, box, box.area(), false, false);
    }
  }

  static <T> Map<Integer, List<T>> by(ToIntFunction<T> key, List<T> all) {
    return all.stream()
        .collect(Collectors.groupingBy(key::applyAsInt, TreeMap::new, Collectors.toList()));
  }
}
