package ibrik.ssl.eval;

import java.util.Arrays;

/// The one-to-one assignment of rows to columns with the largest sum: the Hungarian method with
/// potentials, `O(n^3)`.
///
/// **Source** Kuhn 1955; shortest augmenting paths as in Jonker and Volgenant 1987.
final class Assignment {
  private Assignment() {}

  /// For each row its column, or -1 where there are more rows than columns and it gets none.
  static int[] maximize(long[][] value) {
    int rows = value.length;
    int columns = rows == 0 ? 0 : value[0].length;
    int n = Math.max(rows, columns);
    long[][] cost = new long[n][n]; // padded with zeros
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        cost[i][j] = -value[i][j];
      }
    }
    int[] rowOf = minimize(cost);
    int[] columnOf = new int[rows];
    Arrays.fill(columnOf, -1);
    for (int j = 0; j < columns; j++) {
      if (rowOf[j] < rows) {
        columnOf[rowOf[j]] = j;
      }
    }
    return columnOf;
  }

  /// For each column of a square matrix its row. Each row in turn enters by a shortest path of
  /// reduced costs to a free column, along which the assignments before it move over.
  private static int[] minimize(long[][] cost) {
    int n = cost.length;
    long[] rowPotential = new long[n];
    long[] columnPotential = new long[n + 1];
    int[] rowOf = new int[n + 1]; // the last, spare column holds the row that enters
    Arrays.fill(rowOf, -1);
    for (int row = 0; row < n; row++) {
      rowOf[n] = row;
      int at = n;
      long[] distance = new long[n];
      int[] from = new int[n];
      boolean[] done = new boolean[n + 1];
      Arrays.fill(distance, Long.MAX_VALUE);
      while (rowOf[at] >= 0) {
        done[at] = true;
        int current = rowOf[at];
        int next = -1;
        long step = Long.MAX_VALUE;
        for (int j = 0; j < n; j++) {
          if (done[j]) {
            continue;
          }
          long reduced = cost[current][j] - rowPotential[current] - columnPotential[j];
          if (reduced < distance[j]) {
            distance[j] = reduced;
            from[j] = at;
          }
          if (distance[j] < step) {
            step = distance[j];
            next = j;
          }
        }
        for (int j = 0; j <= n; j++) {
          if (done[j]) {
            rowPotential[rowOf[j]] += step;
            columnPotential[j] -= step;
          } else {
            distance[j] -= step;
          }
        }
        at = next;
      }
      while (at != n) {
        rowOf[at] = rowOf[from[at]];
        at = from[at];
      }
    }
    return Arrays.copyOf(rowOf, n);
  }
}
