package ibrik.ssl.data;

import ibrik.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The views of some images, ready to be copied to a device. The memory is reused: it is valid
/// until the next batch is asked for.
///
/// @param epoch from 0
/// @param step within the epoch, from 0
/// @param indices which images
/// @param labels their classes, [ImageSet#NO_LABEL] where unknown
/// @param views one per view: f32, dense
/// @param shapes of the views: `[size, H, W, C]`, each with its own H and W
@SuppressWarnings("ArrayRecordComponent")
public record Batch(
    int epoch,
    int step,
    int[] indices,
    int[] labels,
    List<MemorySegment> views,
    List<Shape> shapes) {
  /// Number of images.
  public int size() {
    return indices.length;
  }
}
