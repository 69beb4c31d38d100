package ibrik.ssl.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ibrik.ssl.config.Json;
import ibrik.ssl.eval.PairedAccuracy;
import ibrik.ssl.eval.Predictions;
import ibrik.ssl.report.Findings.Role;
import ibrik.ssl.report.Findings.Row;
import java.util.BitSet;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Which test images are classified rightly on one kind of features.
///
/// @param images of the test
/// @param knn those that nearest neighbours get right
/// @param linear those that a linear probe does; null where none was trained
record Judged(int images, BitSet knn, @Nullable BitSet linear) {
  static Judged of(Predictions knn, @Nullable Predictions linear) {
    return new Judged(knn.size(), right(knn), linear == null ? null : right(linear));
  }

  private static BitSet right(Predictions predictions) {
    BitSet right = new BitSet(predictions.size());
    for (int i = 0; i < predictions.size(); i++) {
      right.set(i, predictions.predicted(i) == predictions.labels()[i]);
    }
    return right;
  }

  /// Accuracies, and how much of their distance to those of `method` may be chance.
  Row row(String name, Role role, Judged method) {
    return new Row(
        name,
        role,
        accuracy(knn),
        linear == null ? null : accuracy(linear),
        Map.of(),
        margin(method.knn, knn),
        linear == null || method.linear == null ? null : margin(method.linear, linear));
  }

  private double accuracy(BitSet right) {
    return (double) right.cardinality() / images;
  }

  private double margin(BitSet first, BitSet second) {
    BitSet both = (BitSet) first.clone();
    both.and(second);
    int shared = both.cardinality();
    return new PairedAccuracy(first.cardinality() - shared, second.cardinality() - shared, images)
        .margin();
  }

  /// One letter per image: 1 where it is right.
  ObjectNode toJson() {
    ObjectNode tree = Json.object();
    tree.put("knn", text(knn));
    tree.put("linear", linear == null ? null : text(linear));
    return tree;
  }

  /// Reads what [#toJson()] wrote.
  static Judged of(JsonNode tree) {
    String knn = tree.path("knn").asText();
    JsonNode linear = tree.path("linear");
    return new Judged(
        knn.length(), bits(knn), linear.isTextual() ? bits(linear.textValue()) : null);
  }

  private String text(BitSet right) {
    return IntStream.range(0, images)
        .mapToObj(i -> right.get(i) ? "1" : "0")
        .collect(Collectors.joining());
  }

  private static BitSet bits(String text) {
    BitSet right = new BitSet(text.length());
    IntStream.range(0, text.length()).filter(i -> text.charAt(i) == '1').forEach(right::set);
    return right;
  }
}
