package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.augment.Augmenter;
import ibrik.ssl.augment.View;
import ibrik.ssl.augment.Views;
import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.EmbeddedSets;
import ibrik.ssl.data.Image;
import ibrik.ssl.eval.FeatureBank;
import ibrik.ssl.eval.Neighbors;
import ibrik.tensor.Device;
import ibrik.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Augmentation grids, neighbour sheets, and what they are made with.
class SheetsTest {
  private static final int GREEN = 0xFF009E73;
  private static final DataSet FASHION = EmbeddedSets.fashion();
  private static final DataSet CELLS = EmbeddedSets.cells();

  @Test
  void viewsBecomeBytesAgain() {
    for (DataSet data : List.of(FASHION, CELLS)) {
      for (int i = 0; i < 20; i++) {
        Image image = data.train().image(i);
        assertArrayEquals(image.pixels(), AugmentationGrid.asTested(data, image).pixels());
      }
    }
    float[] far = new float[28 * 28];
    far[0] = 100;
    far[1] = -100;
    byte[] cut = Pictures.ofView(far, FASHION).pixels();
    assertEquals((byte) 255, cut[0]);
    assertEquals(0, cut[1]);
    assertEquals(Math.round(255 * 0.2860f), cut[2]);
  }

  @Test
  void picksSpreadOverClasses() {
    int[] labels = {0, 0, 0, 0, 2, 2, 1, -1};
    int[] five = Picks.spread(labels, 5, 0);
    assertArrayEquals(
        new int[] {-1, 0, 1, 2},
        Arrays.stream(five).map(i -> labels[i]).distinct().toArray(),
        "each class, in order");
    assertEquals(5, five.length);
    assertEquals(8, Picks.spread(labels, 100, 0).length);
    assertArrayEquals(five, Picks.spread(labels, 5, 0));
    boolean other = false;
    for (int seed = 1; seed < 10; seed++) {
      other |= !Arrays.equals(five, Picks.spread(labels, 5, seed));
    }
    assertTrue(other, "the seed draws");
  }

  /// Where the column of tiles `column` starts, given the sheet's width and its columns.
  private static int left(BufferedImage sheet, int columns, int column, int tile) {
    return sheet.getWidth() - (columns - column) * (tile + 6 + 8) + 8;
  }

  private static void assertShows(Image image, BufferedImage sheet, int left, int top, int factor) {
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int at = (y * image.width() + x) * image.channels();
        int last = at + image.channels() - 1;
        int rgb = sheet.getRGB(left + 3 + x * factor, top + 3 + y * factor);
        assertEquals(image.pixels()[at] & 0xFF, rgb >> 16 & 0xFF, "red at " + x + ", " + y);
        assertEquals(image.pixels()[last] & 0xFF, rgb & 0xFF, "blue at " + x + ", " + y);
      }
    }
  }

  /// The first column is the image, the others are the views that training makes.
  @Test
  void theGridShowsWhatTrainingSees() {
    List<View> views = Views.byolCifar();
    BufferedImage sheet = AugmentationGrid.draw(CELLS, views, 5, 3, 2);
    int[] labels = new int[CELLS.train().size()];
    Arrays.setAll(labels, CELLS.train()::label);
    int[] picks = Picks.spread(labels, 3, 5);
    assertEquals(20 + 3 * 102 + 2 * 8, sheet.getHeight());
    for (int row = 0; row < 3; row++) {
      int top = 20 + row * (102 + 8);
      Image image = CELLS.train().image(picks[row]);
      assertShows(image, sheet, left(sheet, 5, 0, 96), top, 3);
      for (int v = 0; v < 2; v++) {
        for (int epoch = 0; epoch < 2; epoch++) {
          Augmenter maker = new Augmenter(views.get(v), 32, 32, 3, CELLS.mean(), CELLS.std());
          float[] out = new float[maker.size()];
          maker.apply(image, Augmenter.stream(5, epoch, picks[row], v), out);
          int column = 1 + 2 * v + epoch;
          assertShows(Pictures.ofView(out, CELLS), sheet, left(sheet, 5, column, 96), top, 3);
        }
      }
    }
  }

  /// A small crop keeps its scale, in the middle of a white tile.
  @Test
  void smallCropsKeepTheirScale() {
    View small = Views.byolCifar().getFirst().cropped(0.1, 0.5).sized(16);
    BufferedImage sheet = AugmentationGrid.draw(CELLS, List.of(small), 5, 1, 1);
    int[] labels = new int[CELLS.train().size()];
    Arrays.setAll(labels, CELLS.train()::label);
    int index = Picks.spread(labels, 1, 5)[0];
    Augmenter maker = new Augmenter(small, 16, 16, 3, CELLS.mean(), CELLS.std());
    float[] out = new float[maker.size()];
    maker.apply(CELLS.train().image(index), Augmenter.stream(5, 0, index, 0), out);
    Image view = Pictures.ofView(out, 16, 16, CELLS);
    byte[] tile = new byte[32 * 32 * 3];
    Arrays.fill(tile, (byte) 255);
    for (int y = 0; y < 16; y++) {
      System.arraycopy(view.pixels(), y * 48, tile, ((8 + y) * 32 + 8) * 3, 48);
    }
    assertShows(new Image(32, 32, 3, tile), sheet, left(sheet, 2, 1, 96), 20, 3);
  }

  @Test
  void equalRecipesAreShownOnce() {
    BufferedImage one = AugmentationGrid.draw(FASHION, Views.gentle(), 0, 2, 4);
    BufferedImage single = AugmentationGrid.draw(FASHION, Views.gentle().subList(0, 1), 0, 2, 4);
    assertEquals(single.getWidth(), one.getWidth());
    assertThrows(
        IllegalArgumentException.class, () -> AugmentationGrid.draw(FASHION, List.of(), 0, 2, 4));
  }

  private static long liveBytes() {
    return Backends.all().stream().mapToLong(backend -> backend.memory(0).liveBytes()).sum();
  }

  @Test
  void neighboursAreFramedByClass() {
    FeatureBank train = FeatureBank.pixels(FASHION.train());
    FeatureBank test = FeatureBank.pixels(FASHION.test());
    int rows = 6;
    long before = liveBytes();
    int k = 5;
    BufferedImage sheet = NeighborSheet.draw(FASHION, train, test, rows, k, 3, Device.CPU);
    int[] queries = Picks.spread(test.labels(), rows, 3);
    Neighbors found =
        Neighbors.search(test.select(queries), train, Neighbors.Metric.COSINE, k, Device.CPU);
    int right = 0;
    for (int q = 0; q < rows; q++) {
      int top = 20 + q * (84 + 6 + 16 + 8);
      assertShows(FASHION.test().image(queries[q]), sheet, 0, top, 3);
      for (int j = 0; j < k; j++) {
        int index = found.of(q)[j];
        int left = (j + 1) * (84 + 6 + 8);
        assertShows(FASHION.train().image(index), sheet, left, top, 3);
        boolean same = FASHION.train().label(index) == FASHION.test().label(queries[q]);
        assertEquals(same, sheet.getRGB(left + 7, top) == GREEN, "row " + q + ", place " + j);
        right += same ? 1 : 0;
      }
    }
    assertTrue(right > 0 && right < rows * k, "both frames occur: " + right);
    assertEquals(before, liveBytes(), "bytes leaked");
  }

  @Test
  void banksMustBelongToTheData() {
    FeatureBank part = FeatureBank.pixels(FASHION.train().first(10));
    assertThrows(
        IllegalArgumentException.class,
        () -> NeighborSheet.draw(FASHION, part, part, 1, 1, 0, Device.CPU));
    Neighbors one = new Neighbors(Neighbors.Metric.COSINE, 1, new int[] {0}, new double[] {1});
    assertThrows(
        IllegalArgumentException.class, () -> NeighborSheet.draw(FASHION, new int[] {0, 1}, one));
  }

  @Test
  void picturesAreWrittenWhole(@TempDir Path folder) throws IOException {
    BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_ARGB);
    picture.setRGB(1, 1, 0x80FF8040);
    Path file = folder.resolve("pictures/a.png");
    Pictures.write(picture, file);
    byte[] bytes = Files.readAllBytes(file);
    Pictures.write(picture, file);
    assertArrayEquals(bytes, Files.readAllBytes(file));
    BufferedImage read = ImageIO.read(file.toFile());
    assertEquals(0x80FF8040, read.getRGB(1, 1));
    assertEquals(0, read.getRGB(0, 0));
    try (var files = Files.list(file.getParent())) {
      assertEquals(1, files.count());
    }
    assertFalse(Arrays.equals(bytes, Pictures.png(new BufferedImage(3, 2, 2))));
  }
}
