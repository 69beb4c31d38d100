package ibrik.ssl.data;

import ibrik.tensor.random.PhiloxStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Orders in which classes are mixed, the same in every run.
final class ClassOrder {
  /// Names the random numbers of all shuffles here. Fixed: it decides what a data set is, not how a
  /// run goes.
  private static final long SEED = 0x1B21C;

  /// One image in so many is held out.
  private static final int HOLD_OUT = 10;

  private ClassOrder() {}

  /// The images shuffled.
  static ImageSet shuffled(ImageSet images) {
    return images.select(new PhiloxStream(SEED, 0).permutation(images.size()));
  }

  /// The images, shuffled if they are sorted by class.
  static ImageSet mixed(ImageSet images) {
    for (int i = 1; i < images.size(); i++) {
      if (images.label(i) < images.label(i - 1)) {
        return images;
      }
    }
    boolean oneClass = images.size() < 2 || images.label(0) == images.label(images.size() - 1);
    return oneClass ? images : shuffled(images);
  }

  /// Images to train on and images held out.
  record Split(ImageSet train, ImageSet test) {}

  /// Holds out a tenth of each class, at least one image of every class that has two. Images
  /// without a label count as one class.
  static Split holdOut(ImageSet images) {
    int groups = Math.max(1, images.classNames().size());
    List<Integer> train = new ArrayList<>();
    List<Integer> test = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      List<Integer> members = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        if (Math.max(0, images.label(i)) == g) {
          members.add(i);
        }
      }
      int[] order = new PhiloxStream(SEED, 1 + g).permutation(members.size());
      int held = members.size() < 2 ? 0 : Math.max(1, Math.round((float) order.length / HOLD_OUT));
      for (int i = 0; i < order.length; i++) {
        (i < held ? test : train).add(members.get(order[i]));
      }
    }
    return new Split(images.select(sorted(train)), images.select(sorted(test)));
  }

  private static int[] sorted(List<Integer> indices) {
    int[] all = indices.stream().mapToInt(Integer::intValue).toArray();
    Arrays.sort(all);
    return all;
  }
}
