package ibrik.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeSet;

/// Peers as a Markdown table: a row per work, a column per library with its time and the ratio.
final class PeersMarkdown {
  private PeersMarkdown() {}

  /// Of the newest file with peers; empty where there is none.
  static String of(List<ResultFile> files) {
    for (ResultFile file : files.reversed()) {
      if (file.json().path("rows").size() > 0) {
        return table(file);
      }
    }
    return "";
  }

  private static String table(ResultFile file) {
    // Libraries whose work is composed of several ops carry that in their name.
    TreeSet<String> peers = new TreeSet<>();
    Map<String, Map<String, JsonNode>> works = new LinkedHashMap<>();
    for (JsonNode row : file.json().path("rows")) {
      String peer = row.path("peer").asText().replaceFirst(",.*", "");
      peers.add(peer);
      works
          .computeIfAbsent(
              row.path("bench").asText() + ", " + row.path("size").asText(),
              _ -> new LinkedHashMap<>())
          .put(peer, row);
    }
    StringBuilder text = new StringBuilder("| work | Ibrik, ms |");
    peers.forEach(peer -> text.append(' ').append(peer).append(", ms (ratio) |"));
    text.append("\n|---|---|").append("---|".repeat(peers.size())).append('\n');
    int threads = 0;
    for (Map.Entry<String, Map<String, JsonNode>> work : works.entrySet()) {
      JsonNode any = work.getValue().values().iterator().next();
      threads = any.path("threads").asInt();
      StringJoiner row = new StringJoiner(" | ", "| ", " |\n");
      row.add(work.getKey()).add(digits(any.path("ours_ms").asDouble()));
      for (String peer : peers) {
        row.add(cell(work.getValue().get(peer)));
      }
      text.append(row);
    }
    return text.append("\nMedians of runs by turns, ")
        .append(threads)
        .append(threads == 1 ? " thread" : " threads")
        .append(" each; ratio above 1: Ibrik is faster; *: composed of several ops. ")
        .append(file.machine())
        .append(", ")
        .append(file.date())
        .append("; ")
        .append(file.json().path("peers").asText())
        .append(file.note().isBlank() ? ".\n" : ". " + file.note() + "\n")
        .toString();
  }

  private static String cell(@org.jspecify.annotations.Nullable JsonNode row) {
    if (row == null) {
      return "-";
    }
    return digits(row.path("peer_ms").asDouble())
        + (row.path("peer").asText().contains("composed") ? "*" : "")
        + " ("
        + String.format(Locale.ROOT, "%.2f", row.path("ratio").asDouble())
        + ")";
  }

  private static String digits(double millis) {
    return String.format(
        Locale.ROOT, millis < 10 ? "%.2f" : millis < 100 ? "%.1f" : "%.0f", millis);
  }
}
