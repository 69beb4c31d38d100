package ibrik.ssl.report;

import ibrik.ssl.data.Image;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/// Small pictures in rows and columns, enlarged by a whole factor so that their pixels stay square,
/// with lettering. The ground is transparent and the lettering mid-grey: readable on white and on
/// black.
public final class ContactSheet {
  /// Pictures are enlarged to at most this many pixels; larger ones keep their size.
  private static final int TILE = 96;

  private static final int GAP = 8;
  private static final int FRAME = 3;
  private static final int DASH = 6;
  private static final int LETTERS = 16; // height of a line
  private static final int WIDEST_LABEL = 150;
  private static final int GREY = 0xFF7A7A7A;
  private static final int GREEN = 0xFF009E73;
  private static final int RED = 0xFFD55E00;

  /// What the border of a picture says.
  public enum Frame {
    /// Nothing.
    NONE,
    /// Of the same class: solid green.
    SAME,
    /// Of another class: dashed red.
    OTHER
  }

  /// One picture.
  ///
  /// @param image what is shown
  /// @param caption below it; empty for none
  /// @param frame around it
  public record Cell(Image image, String caption, Frame frame) {
    /// Without caption and frame.
    public static Cell of(Image image) {
      return new Cell(image, "", Frame.NONE);
    }
  }

  private record Row(String label, List<Cell> cells) {}

  private final List<String> titles;
  private final List<Row> rows = new ArrayList<>();

  /// @param titles above the columns; one may reach across columns without a title after it
  public ContactSheet(List<String> titles) {
    this.titles = List.copyOf(titles);
  }

  /// Adds a row below.
  ///
  /// @param label left of it; empty for none
  /// @throws IllegalArgumentException if pictures of a sheet differ in size
  public void add(String label, List<Cell> cells) {
    for (Cell cell : cells) {
      Image first =
          rows.isEmpty() ? cells.getFirst().image : rows.getFirst().cells.getFirst().image;
      Image image = cell.image;
      if (image.height() != first.height() || image.width() != first.width()) {
        throw new IllegalArgumentException(
            "[contact_sheet] pictures must have one size; got %dx%d beside %dx%d; resize them first"
                .formatted(image.height(), image.width(), first.height(), first.width()));
      }
    }
    if (!cells.isEmpty()) {
      rows.add(new Row(label, List.copyOf(cells)));
    }
  }

  /// Draws it.
  ///
  /// @throws IllegalStateException if there is no row, or Java finds no font
  public BufferedImage draw() {
    if (rows.isEmpty()) {
      throw new IllegalStateException("[contact_sheet] needs at least one row; got none");
    }
    Layout layout = layout();
    BufferedImage sheet =
        new BufferedImage(layout.width(), layout.height(), BufferedImage.TYPE_INT_ARGB);
    for (int r = 0; r < rows.size(); r++) {
      List<Cell> cells = rows.get(r).cells;
      for (int c = 0; c < cells.size(); c++) {
        tile(sheet, cells.get(c), layout.x(c), layout.y(r), layout);
      }
    }
    letter(sheet, layout);
    return sheet;
  }

  /// Where things are.
  ///
  /// @param factor by which pictures are enlarged
  /// @param tileWidth of an enlarged picture without its frame
  /// @param tileHeight of the same
  /// @param left pixels for row labels
  /// @param top pixels for column titles
  /// @param below pixels for captions
  /// @param columns number of columns
  /// @param rows number of rows
  private record Layout(
      int factor,
      int tileWidth,
      int tileHeight,
      int left,
      int top,
      int below,
      int columns,
      int rows) {
    int x(int column) {
      return left + column * (tileWidth + 2 * FRAME + GAP);
    }

    int y(int row) {
      return top + row * (tileHeight + 2 * FRAME + below + GAP);
    }

    int width() {
      return x(columns) - GAP;
    }

    int height() {
      return y(rows) - GAP;
    }
  }

  private Layout layout() {
    Image image = rows.getFirst().cells.getFirst().image;
    int factor = Math.max(1, TILE / Math.max(image.height(), image.width()));
    boolean captions =
        rows.stream().flatMap(row -> row.cells.stream()).anyMatch(c -> !c.caption.isEmpty());
    return new Layout(
        factor,
        image.width() * factor,
        image.height() * factor,
        labelWidth(),
        titles.stream().allMatch(String::isEmpty) ? 0 : LETTERS + 4,
        captions ? LETTERS : 0,
        rows.stream().mapToInt(row -> row.cells.size()).max().orElseThrow(),
        rows.size());
  }

  private int labelWidth() {
    FontMetrics metrics =
        pen(new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB)).getFontMetrics();
    int widest = rows.stream().mapToInt(row -> metrics.stringWidth(row.label)).max().orElse(0);
    return widest == 0 ? 0 : Math.min(widest, WIDEST_LABEL) + GAP;
  }

  /// One picture with its frame, its corner at (`left`, `top`).
  private static void tile(BufferedImage sheet, Cell cell, int left, int top, Layout layout) {
    int width = layout.tileWidth + 2 * FRAME;
    int height = layout.tileHeight + 2 * FRAME;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean inside = x >= FRAME && x < width - FRAME && y >= FRAME && y < height - FRAME;
        int argb =
            inside
                ? pixel(cell.image, (y - FRAME) / layout.factor, (x - FRAME) / layout.factor)
                : border(cell.frame, x, y);
        sheet.setRGB(left + x, top + y, argb);
      }
    }
  }

  private static int pixel(Image image, int y, int x) {
    int at = (y * image.width() + x) * image.channels();
    byte[] pixels = image.pixels();
    int step = image.channels() == 3 ? 1 : 0; // grey: three times the same
    int red = pixels[at] & 0xFF;
    int green = pixels[at + step] & 0xFF;
    int blue = pixels[at + 2 * step] & 0xFF;
    return 0xFF000000 | red << 16 | green << 8 | blue;
  }

  /// Colour of the border at (x, y): dashes run along both edges from the corner.
  private static int border(Frame frame, int x, int y) {
    return switch (frame) {
      case NONE -> 0;
      case SAME -> GREEN;
      case OTHER -> (x / DASH + y / DASH) % 2 == 0 ? RED : 0;
    };
  }

  private void letter(BufferedImage sheet, Layout layout) {
    Graphics2D pen = pen(sheet);
    for (int c = 0; c < Math.min(titles.size(), layout.columns); c++) {
      int end = c + 1;
      while (end < layout.columns && (end >= titles.size() || titles.get(end).isEmpty())) {
        end++;
      }
      write(pen, titles.get(c), layout.x(c) + FRAME, 12, layout.x(end) - layout.x(c) - GAP);
    }
    for (int r = 0; r < rows.size(); r++) {
      Row row = rows.get(r);
      int middle = layout.y(r) + FRAME + layout.tileHeight / 2 + 4;
      write(pen, row.label, 0, middle, WIDEST_LABEL);
      for (int c = 0; c < row.cells.size(); c++) {
        int baseline = layout.y(r) + layout.tileHeight + 2 * FRAME + 12;
        write(pen, row.cells.get(c).caption, layout.x(c) + FRAME, baseline, layout.tileWidth);
      }
    }
    pen.dispose();
  }

  private static Graphics2D pen(BufferedImage sheet) {
    try {
      Graphics2D pen = sheet.createGraphics();
      pen.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
      pen.setColor(new Color(GREY));
      pen.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      pen.getFontMetrics(); // the first use of a font is where one is looked for
      return pen;
    } catch (RuntimeException | LinkageError | InternalError failed) {
      throw new IllegalStateException(
          "[contact_sheet] lettering needs a font; Java found none; install fontconfig and a"
              + " TrueType font such as DejaVu Sans",
          failed);
    }
  }

  /// Writes what fits into `width` pixels.
  private static void write(Graphics2D pen, String text, int x, int baseline, int width) {
    FontMetrics metrics = pen.getFontMetrics();
    String fitting = text;
    int length = text.length();
    while (metrics.stringWidth(fitting) > width && length > 0) {
      length--;
      fitting = text.substring(0, length).stripTrailing() + "…";
    }
    pen.drawString(fitting, x, baseline);
  }
}
