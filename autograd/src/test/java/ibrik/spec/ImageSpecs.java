package ibrik.spec;

import static ibrik.spec.Input.bool;
import static ibrik.spec.Input.bytes;
import static ibrik.spec.Input.views;
import static ibrik.spec.OpSpec.flat;

import ibrik.tensor.DType;
import ibrik.tensor.op.ImageOp;
import ibrik.tensor.op.ImageOp.Filter;
import ibrik.tensor.op.ImageOp.Jitter;
import java.util.Collections;
import java.util.List;

/// Samples of [ImageOp].
final class ImageSpecs {
  private ImageSpecs() {}

  static ImageOp.Augment augment(int height, int width, int taps, int channels) {
    return augment(height, width, taps, channels, Filter.BICUBIC, Jitter.BYOL);
  }

  private static ImageOp.Augment augment(
      int height, int width, int taps, int channels, Filter filter, Jitter jitter) {
    return new ImageOp.Augment(
        height,
        width,
        taps,
        filter,
        jitter,
        Collections.nCopies(channels, 0.4f),
        Collections.nCopies(channels, 0.25f),
        DType.F32);
  }

  static void add(List<OpSpec> specs) {
    for (Filter filter : Filter.values()) {
      for (Jitter jitter : Jitter.values()) {
        // Sizes of images: smaller than the views, as large, larger, much larger; views by lanes.
        long[][] sizes = {
          {1, 1, 1, 1, 1},
          {1, 1, 1, 5, 3},
          {7, 5, 3, 4, 3},
          {9, 12, 3, 17, 16},
          {16, 15, 1, 16, 15},
          {12, 31, 3, 33, 32},
          {70, 40, 3, 9, 11},
          {40, 70, 1, 24, 5}
        };
        for (long[] s : sizes) {
          sample(specs, s, 1 + 2 * (int) (s[3] / 5), filter, jitter);
        }
      }
    }
    long one = ViewRows.KINDS;
    specs.add(flat(augment(3, 4, 3, 3), bytes(0, 5, 5, 3), views(0, 5, 5)));
    specs.add(flat(augment(1, 1, 1, 1), bytes(1, 1, 1, 1), views(1, 1, 1)));
    // Grey to colour, colour to grey, and what is not subject.
    close(specs, augment(6, 7, 3, 3), bytes(one, 5, 6, 1), views(one, 5, 6));
    close(specs, augment(6, 7, 3, 1), bytes(one, 5, 6, 3), views(one, 5, 6));
    close(specs, augment(6, 7, 3, 3), bytes(one, 5, 6, 3), views(one, 5, 6), bool(one, 5, 6));
    close(specs, augment(9, 5, 1, 1), bytes(one, 7, 9, 1), views(one, 7, 9), bool(one, 7, 9));
    specs.add(flat(augment(1, 1, 3, 1), bytes(1, 1, 1, 1), views(1, 1, 1), bool(1, 1, 1)));
  }

  /// Several images, and views that do not fit the shared memory of a block on a GPU.
  static void addLarge(List<OpSpec> specs) {
    close(specs, augment(72, 64, 7, 3), bytes(14, 40, 50, 3), views(14, 40, 50));
  }

  private static void sample(
      List<OpSpec> specs, long[] size, int taps, Filter filter, Jitter jitter) {
    int height = (int) size[0];
    int width = (int) size[1];
    long n = ViewRows.KINDS;
    ImageOp.Augment op = augment((int) size[3], (int) size[4], taps, (int) size[2], filter, jitter);
    close(specs, op, bytes(n, height, width, size[2]), views(n, height, width));
  }

  private static void close(List<OpSpec> specs, ImageOp.Augment op, Input... inputs) {
    specs.add(flat(op, inputs).depth(16).loose(4, "hue divides differences of near values"));
  }
}
