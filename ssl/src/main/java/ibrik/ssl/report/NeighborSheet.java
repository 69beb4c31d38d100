package ibrik.ssl.report;

import ibrik.ssl.data.DataSet;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.eval.Neighbors;
import ibrik.ssl.report.ContactSheet.Cell;
import ibrik.ssl.report.ContactSheet.Frame;
import ibrik.tensor.Device;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/// Test images beside the training images whose features are nearest.
public final class NeighborSheet {
  private NeighborSheet() {}

  /// Some test images of as many classes as possible, neighbours by cosine.
  ///
  /// @param train features of `data.train()`, in its order
  /// @param test features of `data.test()`, in its order
  /// @param rows test images
  /// @param k neighbours of each, at most the number of training images
  /// @param seed draws the test images
  /// @throws IllegalArgumentException if banks and sets differ in size, or k is out of range
  public static BufferedImage draw(
      DataSet data,
      FeatureBank train,
      FeatureBank test,
      int rows,
      int k,
      long seed,
      Device device) {
    if (train.size() != data.train().size() || test.size() != data.test().size()) {
      throw new IllegalArgumentException(
          "[neighbor_sheet] needs features of all images; got %s of %d training and %s of %d test images"
              .formatted(train, data.train().size(), test, data.test().size()));
    }
    int[] queries = Picks.spread(test.labels(), rows, seed);
    return draw(
        data,
        queries,
        Neighbors.search(test.select(queries), train, Neighbors.Metric.COSINE, k, device));
  }

  /// Neighbours found already.
  ///
  /// @param queries places in `data.test()`, one per query of `neighbors`
  /// @param neighbors places in `data.train()`
  public static BufferedImage draw(DataSet data, int[] queries, Neighbors neighbors) {
    if (queries.length != neighbors.queries() || queries.length == 0) {
      throw new IllegalArgumentException(
          "[neighbor_sheet] needs one test image per query, and at least one; got %d for %d"
              .formatted(queries.length, neighbors.queries()));
    }
    ContactSheet sheet =
        new ContactSheet(
            List.of("test image", neighbors.k() == 1 ? "nearest" : "nearest training images"));
    for (int q = 0; q < queries.length; q++) {
      int truth = data.test().label(queries[q]);
      List<Cell> cells = new ArrayList<>();
      cells.add(
          new Cell(
              AugmentationGrid.asTested(data, data.test().image(queries[q])),
              AugmentationGrid.name(data, truth),
              Frame.NONE));
      for (int index : neighbors.of(q)) {
        int label = data.train().label(index);
        cells.add(
            new Cell(
                AugmentationGrid.asTested(data, data.train().image(index)),
                AugmentationGrid.name(data, label),
                frame(truth, label)));
      }
      sheet.add("", cells);
    }
    return sheet.draw();
  }

  private static Frame frame(int truth, int label) {
    if (truth < 0 || label < 0) {
      return Frame.NONE;
    }
    return truth == label ? Frame.SAME : Frame.OTHER;
  }
}
