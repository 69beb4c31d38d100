package ibrik.ssl.report;

import ibrik.ssl.augment.Augmenter;
import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.Image;
import ibrik.ssl.report.ContactSheet.Cell;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// Training images beside random views of them: what training sees.
public final class AugmentationGrid {
  private AugmentationGrid() {}

  /// One row per image: the image as it is tested, then views of it.
  ///
  /// The views are those that training with this seed makes in its first epochs.
  ///
  /// @param views recipes of the method; equal ones are shown once
  /// @param seed of the run; also draws the images
  /// @param rows images, of as many classes as possible
  /// @param columns views per recipe
  /// @throws IllegalArgumentException if there is no image, recipe, row or column
  public static BufferedImage draw(
      DataSet data, List<View> views, long seed, int rows, int columns) {
    if (views.isEmpty() || rows < 1 || columns < 1 || data.train().size() == 0) {
      throw new IllegalArgumentException(
          "[augmentation_grid] needs at least one image, recipe, row and column; got %d, %d, %d, %d"
              .formatted(data.train().size(), views.size(), rows, columns));
    }
    List<View> recipes = views.stream().distinct().toList();
    List<String> titles = new ArrayList<>(List.of("original"));
    for (View recipe : recipes) {
      titles.add(recipes.size() == 1 ? "views" : "view " + (views.indexOf(recipe) + 1));
      titles.addAll(Collections.nCopies(columns - 1, ""));
    }
    ContactSheet sheet = new ContactSheet(titles);
    int[] labels = new int[data.train().size()];
    Arrays.setAll(labels, data.train()::label);
    for (int index : Picks.spread(labels, rows, seed)) {
      sheet.add(name(data, labels[index]), row(data, views, recipes, seed, index, columns));
    }
    return sheet.draw();
  }

  private static List<Cell> row(
      DataSet data, List<View> views, List<View> recipes, long seed, int index, int columns) {
    Image image = data.train().image(index);
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of(asTested(data, image)));
    for (View recipe : recipes) {
      Augmenter maker = augmenter(data, recipe);
      float[] out = new float[maker.size()];
      for (int epoch = 0; epoch < columns; epoch++) {
        maker.apply(image, Augmenter.stream(seed, epoch, index, views.indexOf(recipe)), out);
        cells.add(Cell.of(Pictures.ofView(out, data)));
      }
    }
    return cells;
  }

  /// `image` at the size of `data`, as evaluations see it.
  static Image asTested(DataSet data, Image image) {
    Augmenter maker = augmenter(data, Views.supervised().getFirst());
    float[] out = new float[maker.size()];
    maker.test(image, out);
    return Pictures.ofView(out, data);
  }

  private static Augmenter augmenter(DataSet data, View view) {
    return new Augmenter(
        view, data.height(), data.width(), data.channels(), data.mean(), data.std());
  }

  /// Name of a class; empty without label.
  static String name(DataSet data, int label) {
    if (label < 0) {
      return "";
    }
    List<String> names = data.classNames();
    return label < names.size() ? names.get(label) : "class " + label;
  }
}
