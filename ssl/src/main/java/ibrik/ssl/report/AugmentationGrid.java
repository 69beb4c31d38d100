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
      DataSet data, List<View> views, List<View> recipes, long seed, int index, int count) {
    Image image = data.train().image(index);
    int rows = recipes.stream().mapToInt(view -> view.side(data.height())).max().orElseThrow();
    int columns = recipes.stream().mapToInt(view -> view.side(data.width())).max().orElseThrow();
    int tileHeight = Math.max(rows, data.height());
    int tileWidth = Math.max(columns, data.width());
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of(onTile(asTested(data, image), tileHeight, tileWidth)));
    for (View recipe : recipes) {
      Augmenter maker = augmenter(data, recipe);
      float[] out = new float[maker.size()];
      for (int epoch = 0; epoch < count; epoch++) {
        maker.apply(
            image,
            data.train().name(index),
            Augmenter.stream(seed, epoch, index, views.indexOf(recipe)),
            out);
        int height = recipe.side(data.height());
        int width = recipe.side(data.width());
        Image shown = Pictures.ofView(out, height, width, data);
        cells.add(Cell.of(onTile(shown, tileHeight, tileWidth)));
      }
    }
    return cells;
  }

  /// Small crops keep their scale: each pixel is as large as those beside it, on white.
  private static Image onTile(Image image, int height, int width) {
    if (image.height() == height && image.width() == width) {
      return image;
    }
    int channels = image.channels();
    byte[] pixels = new byte[height * width * channels];
    Arrays.fill(pixels, (byte) 255);
    int top = (height - image.height()) / 2;
    int left = (width - image.width()) / 2;
    for (int y = 0; y < image.height(); y++) {
      int line = image.width() * channels;
      int to = ((top + y) * width + left) * channels;
      System.arraycopy(image.pixels(), y * line, pixels, to, line);
    }
    return new Image(height, width, channels, pixels);
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
        view,
        view.side(data.height()),
        view.side(data.width()),
        data.channels(),
        data.mean(),
        data.std(),
        data.saliency());
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
