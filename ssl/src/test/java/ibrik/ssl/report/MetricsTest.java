package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final double NAN = Double.NaN;

  @Test
  void columnsHaveGaps() {
    Metrics metrics =
        Metrics.parse(
            """
            {"epoch":1,"loss":2.5,"knn":0.5}
            {"epoch":2,"loss":null}

            {"epoch":3,"loss":"NaN","tau":0.9,"note":"text"}
            """);
    assertArrayEquals(new double[] {1, 2, 3}, metrics.epochs());
    assertArrayEquals(new double[] {2.5, NAN, NAN}, metrics.column("loss"));
    assertArrayEquals(new double[] {.5, NAN, NAN}, metrics.column("knn"));
    assertArrayEquals(new double[] {NAN, NAN, .9}, metrics.column("tau"));
    assertEquals(List.of(), metrics.problems());
    assertEquals(.5, metrics.latest("knn"));
    assertEquals(NAN, metrics.latest("nothing"));
    assertTrue(metrics.has("tau"));
    assertFalse(metrics.has("note") || metrics.has("epoch") || metrics.has("nothing"));
    assertEquals(3, metrics.lastEpoch());
  }

  @Test
  void aLineCutOffIsIgnored() {
    Metrics metrics = Metrics.parse("{\"epoch\":1,\"loss\":1}\n{\"epoch\":2,\"lo");
    assertArrayEquals(new double[] {1}, metrics.epochs());
    assertEquals(List.of(), metrics.problems());
    // Cut off inside a number it may still be no valid line; without the end it counts when whole.
    assertEquals(2, Metrics.parse("{\"epoch\":1}\n{\"epoch\":2}").lastEpoch());
  }

  @Test
  void aBrokenLineInTheMiddleIsNamed() {
    Metrics metrics = Metrics.parse("{\"epoch\":1}\nrubbish\n[]\n{\"loss\":3}\n{\"epoch\":2}\n");
    assertArrayEquals(new double[] {1, 2}, metrics.epochs());
    assertEquals(
        List.of(
            "metrics.jsonl: line 2 is no JSON object with an epoch",
            "metrics.jsonl: line 3 is no JSON object with an epoch",
            "metrics.jsonl: line 4 is no JSON object with an epoch"),
        metrics.problems());
  }

  /// A resumed run repeats epochs.
  @Test
  void theLaterLineOfAnEpochCounts() {
    Metrics metrics =
        Metrics.parse(
            """
            {"epoch":1,"loss":1}
            {"epoch":2,"loss":2}
            {"epoch":3,"loss":3}
            {"epoch":2,"loss":20}
            """);
    assertArrayEquals(new double[] {1, 2, 3}, metrics.epochs());
    assertArrayEquals(new double[] {1, 20, 3}, metrics.column("loss"));
  }

  @Test
  void nothing() {
    Metrics metrics = Metrics.parse("");
    assertTrue(metrics.isEmpty());
    assertEquals(0, metrics.lastEpoch());
    assertEquals(NAN, metrics.latest("loss"));
  }
}
