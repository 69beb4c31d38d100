package ibrik.kernels.cpu;

import java.util.ArrayList;
import java.util.List;

/// Cuts `columns` columns into panels of one to three vectors, as even as possible, so that no
/// panel is much narrower than the others: 4 vectors become 2 + 2, not 3 + 1.
///
/// @param start first column
/// @param columns columns that exist; the last panel may end inside a vector
/// @param vectors width in vectors
record Panel(int start, int columns, int vectors) {
  static List<Panel> of(int columns) {
    int total = Math.ceilDiv(columns, Lanes.COUNT);
    int panels = Math.ceilDiv(total, Tiles.MAX_VECTORS);
    List<Panel> result = new ArrayList<>(panels);
    int vector = 0;
    for (int i = 0; i < panels; i++) {
      int width = (total - vector) / (panels - i);
      width += (total - vector) % (panels - i) > 0 ? 1 : 0;
      int start = vector * Lanes.COUNT;
      result.add(new Panel(start, Math.min(width * Lanes.COUNT, columns - start), width));
      vector += width;
    }
    return result;
  }

  /// Columns of all panels including the padding to whole vectors.
  static long padded(List<Panel> panels) {
    return (long) panels.getLast().start() + panels.getLast().paddedColumns();
  }

  /// Columns including the padding to whole vectors.
  int paddedColumns() {
    return vectors * Lanes.COUNT;
  }

  /// Whether every lane is a real column.
  boolean full() {
    return columns == paddedColumns();
  }
}
