package ibrik.ssl.method.fastmoco;

import ibrik.tensor.LayoutOps;
import ibrik.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Split and combine, section 3.2 of Fast-MoCo.
public final class Patches {
  private Patches() {}

  /// Cuts images into a grid: `[B,H,W,C]` to `[s s B, H/s, W/s, C]`, first the upper left patches
  /// of all images, then those to the right of them, and so on row by row.
  ///
  /// @throws IllegalArgumentException unless `split` divides height and width
  public static Tensor split(Tensor images, int split) {
    long batch = images.dim(0);
    long patches = (long) split * split;
    long height = images.dim(1) / split;
    long width = images.dim(2) / split;
    long channels = images.dim(3);
    if (height * split != images.dim(1) || width * split != images.dim(2)) {
      throw new IllegalArgumentException(
          "[patches] split must divide height and width; got "
              + split
              + " and images: "
              + images.spec()
              + "; set another --image-size or --split");
    }
    return images
        .reshape(batch, split, height, split, width * channels)
        .transpose(1, 3, 0, 2, 4)
        .reshape(patches * batch, height, width, channels);
  }

  /// Means of all choices of `r` of `n` patches: `[n B, D]`, patch by patch, to `[(n over r) B,
  /// D]`, choice by choice in the order of their numbers.
  public static Tensor combine(Tensor features, int n, int r) {
    long batch = features.dim(0) / n;
    List<Tensor> means = new ArrayList<>();
    for (List<Integer> chosen : choices(n, r)) {
      means.add(
          chosen.stream()
              .map(patch -> features.narrow(0, patch * batch, batch))
              .reduce(Tensor::add)
              .orElseThrow()
              .div(r));
    }
    return LayoutOps.concat(0, means);
  }

  /// All sets of `r` of the numbers below `n`, in lexicographic order.
  static List<List<Integer>> choices(int n, int r) {
    List<List<Integer>> all = new ArrayList<>();
    choose(0, n, r, List.of(), all);
    return all;
  }

  private static void choose(
      int from, int n, int r, List<Integer> chosen, List<List<Integer>> all) {
    if (chosen.size() == r) {
      all.add(chosen);
      return;
    }
    for (int i = from; i < n; i++) {
      List<Integer> more = new ArrayList<>(chosen);
      more.add(i);
      choose(i + 1, n, r, List.copyOf(more), all);
    }
  }
}
