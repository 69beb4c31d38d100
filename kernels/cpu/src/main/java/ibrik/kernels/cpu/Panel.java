package ibrik.kernels.cpu;

import java.util.ArrayList;
import java.util.List;

/// Cuts `columns` columns into panels of [Tile#MAX_VECTORS] vectors; the last may be narrower.
///
/// @param start first column
/// @param columns columns that exist; the last panel may end inside a vector
/// @param vectors width in vectors
record Panel(int start, int columns, int vectors) {
  static List<Panel> of(int columns) {
    int width = Tile.MAX_VECTORS * Lanes.COUNT;
    List<Panel> result = new ArrayList<>(Math.ceilDiv(columns, width));
    for (int start = 0; start < columns; start += width) {
      int count = Math.min(width, columns - start);
      result.add(new Panel(start, count, Math.ceilDiv(count, Lanes.COUNT)));
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
