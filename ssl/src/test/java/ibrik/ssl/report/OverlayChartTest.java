package ibrik.ssl.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.ssl.report.OverlayChart.Across;
import ibrik.ssl.report.OverlayChart.Level;
import ibrik.ssl.report.OverlayChart.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OverlayChartTest {
  private static final Pattern NAME =
      Pattern.compile("<text x=\"[\\d.]+\" y=\"([\\d.]+)\"[^>]*class=\"name");

  private static Trace trace(int number, double... values) {
    double[] x = new double[values.length];
    java.util.Arrays.setAll(x, i -> i + 1);
    return new Trace("trial " + number, number, new Trial.Course(x, values, values, values), null);
  }

  private static String draw(List<Trace> traces, List<Level> levels) {
    return new OverlayChart("Title", new Across("epoch", true), "%", traces, levels)
        .draw(500, 300)
        .render();
  }

  @Test
  void namesNeverOverlapAndStayInside() {
    List<Trace> traces = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      traces.add(trace(i, 1, 50 + 0.01 * i)); // all end in one place
    }
    String svg = draw(traces, List.of(new Level("raw pixels", 50), new Level("random", 1)));
    List<Double> places = new ArrayList<>();
    Matcher name = NAME.matcher(svg);
    while (name.find()) {
      places.add(Double.valueOf(name.group(1)));
    }
    assertEquals(19, places.size());
    places.sort(null);
    for (int i = 1; i < places.size(); i++) {
      assertTrue(places.get(i) - places.get(i - 1) > 11, places.toString());
    }
    assertTrue(places.getFirst() > 0 && places.getLast() < 300, places.toString());
  }

  @Test
  void oneEpochIsADot() {
    String svg = draw(List.of(trace(0, 42)), List.of());
    assertTrue(svg.contains("class=\"dot\""), svg);
    assertTrue(svg.contains("trial 0, epoch 1: 42"), svg);
  }

  @Test
  void theEndHasARingAndItsWhisker() {
    Trial.Course none =
        new Trial.Course(new double[0], new double[0], new double[0], new double[0]);
    String svg =
        draw(
            List.of(
                new Trace("a trial", 0, none, new OverlayChart.Ring(6, 40, 2)), trace(1, 10, 20)),
            List.of());
    assertTrue(svg.contains("class=\"ring\""), svg);
    assertTrue(svg.contains("a trial, at the end, epoch 6: 40 ± 2"), svg);
    assertTrue(svg.contains(">6</text>") || svg.contains(">5</text>"), "the axis reaches it");
  }

  @Test
  void theEleventhTrialIsDashed() {
    assertTrue(draw(List.of(trace(9, 1, 2)), List.of()).contains("class=\"line t9\""));
    assertTrue(draw(List.of(trace(10, 1, 2)), List.of()).contains("class=\"line t0 dashed\""));
  }
}
