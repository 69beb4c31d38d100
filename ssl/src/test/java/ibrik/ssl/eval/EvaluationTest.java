package ibrik.ssl.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.data.DataSet;
import ibrik.ssl.data.EmbeddedSets;
import ibrik.tensor.Device;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationTest extends EvalTest {
  /// Pixels of clothes: all scores in their ranges, above chance, and the same twice.
  @Test
  void allOfIt() {
    DataSet fashion = EmbeddedSets.fashion();
    FeatureBank train = FeatureBank.pixels(fashion.train().first(300));
    FeatureBank test = FeatureBank.pixels(fashion.test().first(150));
    Evaluation.Plan plan =
        new Evaluation.Plan(
            KnnClassifier.weighted(0.07, List.of(5, 20)),
            new LogisticRegression.Config(Scaler.Kind.NONE, List.of(1.0, 0.1), .2, 40, 1e-3, 0),
            0);
    Evaluation result = Evaluation.of(train, test, plan, Device.CPU);
    Map<String, Double> all = result.toMap();
    assertEquals(result.knn().getFirst().accuracy(), all.get("knn_5"));
    for (String name : List.of("knn_5", "knn_20", "linear", "kmeans_accuracy", "kmeans_nmi")) {
      assertTrue(all.get(name) > .3 && all.get(name) < 1, name + " " + all.get(name));
    }
    assertTrue(all.get("linear_top5") > all.get("linear"));
    assertTrue(all.values().stream().allMatch(Double::isFinite), all::toString);
    assertEquals(all, Evaluation.of(train, test, plan, Device.CPU).toMap());
  }

  /// Collapsed features: bad numbers, but numbers.
  @Test
  void collapsedFeatures() {
    double[][] same = new double[40][3];
    int[] labels = new int[40];
    for (int i = 0; i < 40; i++) {
      same[i] = new double[] {1, 2, 3};
      labels[i] = i % 4;
    }
    FeatureBank flat = bank(same, labels);
    Evaluation result = Evaluation.of(flat, flat, Evaluation.Plan.small(), Device.CPU);
    assertTrue(result.health().collapsed());
    assertTrue(
        result.toMap().values().stream().allMatch(Double::isFinite), () -> "" + result.toMap());
    assertEquals(.25, result.logistic().accuracy(), 1e-12);
  }
}
