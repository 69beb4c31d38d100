package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.data.Image;
import ibrik.ssl.report.ContactSheet.Cell;
import ibrik.ssl.report.ContactSheet.Frame;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
  private static final int GREEN = 0xFF009E73;
  private static final int RED = 0xFFD55E00;

  private static Image grey(int height, int width, int... values) {
    byte[] pixels = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      pixels[i] = (byte) values[i];
    }
    return new Image(height, width, values.length / height / width, pixels);
  }

  private static BufferedImage draw(Cell... cells) {
    ContactSheet sheet = new ContactSheet(List.of());
    sheet.add("", List.of(cells));
    return sheet.draw();
  }

  /// 2x2 pixels become 48x48 squares each inside a border of 3.
  @Test
  void greyPixelsAreSquares() {
    BufferedImage sheet = draw(Cell.of(grey(2, 2, 0, 100, 200, 255)));
    assertEquals(102, sheet.getWidth());
    assertEquals(102, sheet.getHeight());
    assertEquals(0, sheet.getRGB(2, 2), "border is transparent");
    assertEquals(0xFF000000, sheet.getRGB(3, 3));
    assertEquals(0xFF000000, sheet.getRGB(50, 50));
    assertEquals(0xFF646464, sheet.getRGB(51, 50));
    assertEquals(0xFFC8C8C8, sheet.getRGB(50, 51));
    assertEquals(0xFFFFFFFF, sheet.getRGB(98, 98));
    assertEquals(0, sheet.getRGB(99, 99));
  }

  @Test
  void coloursKeepTheirOrder() {
    BufferedImage sheet = draw(Cell.of(grey(1, 2, 255, 10, 20, 30, 40, 250)));
    assertEquals(102, sheet.getWidth());
    assertEquals(54, sheet.getHeight());
    assertEquals(0xFFFF0A14, sheet.getRGB(3, 3));
    assertEquals(0xFF1E28FA, sheet.getRGB(98, 50));
  }

  /// 40x30 is doubled, not more; 100x100 stays.
  @Test
  void enlargedByWholeFactors() {
    assertEquals(66, draw(Cell.of(grey(40, 30, new int[1200]))).getWidth());
    assertEquals(86, draw(Cell.of(grey(40, 30, new int[1200]))).getHeight());
    assertEquals(106, draw(Cell.of(grey(100, 100, new int[10000]))).getWidth());
  }

  @Test
  void framesAreSolidOrDashed() {
    Image black = grey(1, 1, 0);
    BufferedImage sheet =
        draw(
            new Cell(black, "", Frame.SAME),
            new Cell(black, "", Frame.OTHER),
            new Cell(black, "", Frame.NONE));
    int second = 102 + 8;
    for (int i = 0; i < 102; i++) {
      assertEquals(GREEN, sheet.getRGB(i, 0));
      assertEquals(GREEN, sheet.getRGB(0, i));
      assertEquals(GREEN, sheet.getRGB(101, i));
      assertEquals(GREEN, sheet.getRGB(i, 99));
      assertEquals(i / 6 % 2 == 0 ? RED : 0, sheet.getRGB(second + i, 1), "dash at " + i);
      assertEquals(i / 6 % 2 == 0 ? RED : 0, sheet.getRGB(second + 1, i), "dash at " + i);
      assertEquals(0, sheet.getRGB(2 * second + i, 0));
    }
    assertEquals(0, sheet.getRGB(105, 50), "nothing between");
    assertEquals(0xFF000000, sheet.getRGB(3, 3));
  }

  @Test
  void rowsLieBelowEachOther() {
    ContactSheet sheet = new ContactSheet(List.of());
    sheet.add("", List.of(Cell.of(grey(1, 1, 10)), Cell.of(grey(1, 1, 20))));
    sheet.add("", List.of(Cell.of(grey(1, 1, 30))));
    BufferedImage drawn = sheet.draw();
    assertEquals(102 + 8 + 102, drawn.getWidth());
    assertEquals(102 + 8 + 102, drawn.getHeight());
    assertEquals(0xFF0A0A0A, drawn.getRGB(50, 50));
    assertEquals(0xFF141414, drawn.getRGB(160, 50));
    assertEquals(0xFF1E1E1E, drawn.getRGB(50, 160));
    assertEquals(0, drawn.getRGB(160, 160));
  }

  /// Lettering takes room of its own, leaves marks there, and none on pictures.
  @Test
  void lettering() {
    Image black = grey(1, 1, 0);
    ContactSheet sheet = new ContactSheet(List.of("title"));
    sheet.add("label", List.of(new Cell(black, "caption", Frame.NONE)));
    BufferedImage drawn = sheet.draw();
    int left = drawn.getWidth() - 102;
    assertTrue(left > 20, "room for the label");
    assertEquals(20 + 102 + 16, drawn.getHeight());
    assertTrue(inked(drawn, 0, 20, left - 8, 122) > 20, "label");
    assertTrue(inked(drawn, left, 0, left + 102, 20) > 20, "title");
    assertTrue(inked(drawn, left, 122, left + 102, 138) > 20, "caption");
    for (int y = 23; y < 119; y++) {
      for (int x = left + 3; x < left + 99; x++) {
        assertEquals(0xFF000000, drawn.getRGB(x, y));
      }
    }
  }

  @Test
  void longLabelsAreCut() {
    ContactSheet sheet = new ContactSheet(List.of());
    sheet.add("M".repeat(500), List.of(Cell.of(grey(1, 1, 0))));
    BufferedImage drawn = sheet.draw();
    assertEquals(150 + 8 + 102, drawn.getWidth());
    assertEquals(0, inked(drawn, 150, 0, 158, 102), "nothing reaches into the gap");
  }

  private static int inked(BufferedImage image, int left, int top, int right, int bottom) {
    int count = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        count += image.getRGB(x, y) == 0 ? 0 : 1;
      }
    }
    return count;
  }

  @Test
  void wrongUseIsNamed() {
    ContactSheet sheet = new ContactSheet(List.of());
    assertThrows(IllegalStateException.class, sheet::draw);
    sheet.add("", List.of(Cell.of(grey(1, 1, 0))));
    assertEquals(
        "[contact_sheet] pictures must have one size; got 1x2 beside 1x1; resize them first",
        assertThrows(
                IllegalArgumentException.class,
                () -> sheet.add("", List.of(Cell.of(grey(1, 2, 0, 0)))))
            .getMessage());
    assertNotEquals(0, sheet.draw().getWidth());
  }
}
