package ibrik.ssl.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Rows of text under headings, for terminals and for Markdown. The first column holds names, the
/// others numbers.
public final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();
  private final int columns;

  /// A table with these headings.
  public TextTable(List<String> headings) {
    columns = headings.size();
    rows.add(List.copyOf(headings));
  }

  /// Adds a row.
  ///
  /// @throws IllegalArgumentException unless there is one text per heading
  public void add(List<String> row) {
    if (row.size() != columns) {
      throw new IllegalArgumentException(
          "[table] a row must have " + columns + " cells; got " + row.size());
    }
    rows.add(List.copyOf(row));
  }

  /// Columns under one another; numbers end in one place.
  public String text() {
    int[] width = new int[columns];
    for (List<String> row : rows) {
      for (int c = 0; c < columns; c++) {
        width[c] = Math.max(width[c], row.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        String pad = " ".repeat(width[c] - row.get(c).length());
        line.append(c == 0 ? row.get(c) + pad : "  " + pad + row.get(c));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /// As Markdown.
  public String markdown() {
    String rule = "|---".repeat(columns) + "|\n";
    return line(rows.getFirst())
        + rule
        + rows.stream().skip(1).map(TextTable::line).collect(Collectors.joining());
  }

  private static String line(List<String> row) {
    return row.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
