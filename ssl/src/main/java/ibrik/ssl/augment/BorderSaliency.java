package ibrik.ssl.augment;

import ibrik.ssl.data.Image;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A subject without any training: what differs in colour from the rim of the image. The distance
/// of each pixel from the mean colour of the rim is split in two by Otsu's threshold, and the
/// largest connected part of the far side is the subject; a part below 1 % or above 90 % of the
/// area is none.
///
/// A cheap stand-in for the saliency network of the paper, meant for small pictures with one thing
/// in the middle. **Source** Otsu 1979, "A threshold selection method from gray-level histograms".
public record BorderSaliency() implements Saliency {
  private static final int BINS = 256;
  private static final double LEAST_SHARE = 0.01;
  private static final double MOST_SHARE = 0.9;

  @Override
  public boolean @Nullable [] of(Image image, String name) {
    return of(image);
  }

  /// The mask; null where no subject stands out.
  public boolean @Nullable [] of(Image image) {
    double[] distances = distances(image, rim(image));
    double most = Arrays.stream(distances).max().orElse(0);
    if (most == 0) {
      return null;
    }
    int[] bins = new int[distances.length];
    for (int i = 0; i < bins.length; i++) {
      bins[i] = (int) (distances[i] / most * (BINS - 1));
    }
    int threshold = otsu(bins);
    boolean[] far = new boolean[bins.length];
    for (int i = 0; i < far.length; i++) {
      far[i] = bins[i] > threshold;
    }
    boolean[] subject = new boolean[far.length];
    double share = (double) largest(far, image.width(), subject) / far.length;
    return share < LEAST_SHARE || share > MOST_SHARE ? null : subject;
  }

  /// Mean colour of the outermost pixels.
  private static double[] rim(Image image) {
    double[] sum = new double[image.channels()];
    int count = 0;
    for (int y = 0; y < image.height(); y++) {
      boolean edge = y == 0 || y == image.height() - 1;
      for (int x = 0; x < image.width(); x++) {
        if (edge || x == 0 || x == image.width() - 1) {
          for (int c = 0; c < sum.length; c++) {
            sum[c] += value(image, y * image.width() + x, c);
          }
          count++;
        }
      }
    }
    for (int c = 0; c < sum.length; c++) {
      sum[c] /= count;
    }
    return sum;
  }

  private static int value(Image image, int pixel, int channel) {
    return image.pixels()[pixel * image.channels() + channel] & 0xFF;
  }

  private static double[] distances(Image image, double[] colour) {
    double[] distances = new double[image.height() * image.width()];
    for (int i = 0; i < distances.length; i++) {
      double squares = 0;
      for (int c = 0; c < colour.length; c++) {
        double difference = value(image, i, c) - colour[c];
        squares += difference * difference;
      }
      distances[i] = Math.sqrt(squares);
    }
    return distances;
  }

  /// The last bin of the near class: of all splits the one with the largest variance between the
  /// classes.
  static int otsu(int[] bins) {
    long[] histogram = new long[BINS];
    long sum = 0;
    for (int bin : bins) {
      histogram[bin]++;
      sum += bin;
    }
    long below = 0;
    long sumBelow = 0;
    double best = -1;
    int threshold = 0;
    for (int t = 0; t < BINS - 1; t++) {
      below += histogram[t];
      sumBelow += t * histogram[t];
      long above = bins.length - below;
      if (below == 0 || above == 0) {
        continue;
      }
      double gap = (double) sumBelow / below - (double) (sum - sumBelow) / above;
      double between = (double) below * above * gap * gap;
      if (between > best) {
        best = between;
        threshold = t;
      }
    }
    return threshold;
  }

  /// Writes the largest part of `set` that hangs together by sides to `part`; its size.
  static int largest(boolean[] set, int width, boolean[] part) {
    int[] number = new int[set.length];
    int best = 0;
    int size = 0;
    int parts = 0;
    for (int i = 0; i < set.length; i++) {
      if (set[i] && number[i] == 0) {
        parts++;
        int found = flood(set, width, i, parts, number);
        if (found > size) {
          size = found;
          best = parts;
        }
      }
    }
    for (int i = 0; i < set.length; i++) {
      part[i] = size > 0 && number[i] == best;
    }
    return size;
  }

  private static int flood(boolean[] set, int width, int from, int name, int[] number) {
    ArrayDeque<Integer> open = new ArrayDeque<>();
    open.add(from);
    number[from] = name;
    int size = 0;
    while (!open.isEmpty()) {
      int at = open.remove();
      size++;
      int x = at % width;
      int[] next = {
        at - width, at + width, x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1,
      };
      for (int other : next) {
        if (other >= 0 && other < set.length && set[other] && number[other] == 0) {
          number[other] = name;
          open.add(other);
        }
      }
    }
    return size;
  }
}
