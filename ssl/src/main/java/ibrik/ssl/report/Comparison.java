package ibrik.ssl.report;

import com.fasterxml.jackson.databind.JsonNode;
import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Findings.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The method beside what it must beat and what it may hope for.
///
/// @param rows the method, then floors, then ceilings
/// @param k neighbours that vote, null if unknown
/// @param testImages behind each accuracy, 0 if unknown
record Comparison(List<Row> rows, @Nullable Integer k, long testImages) {
  /// From the findings, or, where those have no rows, from the final numbers.
  static Comparison of(RunContents run) {
    Findings findings = run.findings();
    List<Row> rows = findings.rows().isEmpty() ? fromResult(run) : findings.rows();
    return new Comparison(
        rows.stream().sorted(Comparator.comparing(Row::role)).toList(),
        findings.k(),
        findings.confusion() == null ? 0 : findings.confusion().total());
  }

  private static List<Row> fromResult(RunContents run) {
    JsonNode result = run.result();
    List<Row> rows = new ArrayList<>();
    add(rows, run.method(), Role.METHOD, result.path("knn"), result.path("linear"));
    add(rows, "random weights", Role.FLOOR, result.path("random_init_knn"), result.path(""));
    add(rows, "raw pixels", Role.FLOOR, result.path("pixel_knn"), result.path(""));
    return rows;
  }

  private static void add(List<Row> rows, String name, Role role, JsonNode knn, JsonNode linear) {
    if (knn.isNumber() || linear.isNumber()) {
      rows.add(new Row(name, role, number(knn), number(linear), Map.of()));
    }
  }

  private static @Nullable Double number(JsonNode node) {
    return node.isNumber() ? node.doubleValue() : null;
  }

  /// Rows of one role.
  List<Row> of(Role role) {
    return rows.stream().filter(row -> row.role() == role).toList();
  }

  /// How the nearest neighbours voted.
  String knnName() {
    return k == null ? "k-NN" : "k-NN, k = " + k;
  }
}
