package ibrik.nn.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ScheduleTest {
  private static void values(Schedule schedule, double... wantFromStepZero) {
    for (int step = 0; step < wantFromStepZero.length; step++) {
      assertEquals(wantFromStepZero[step], schedule.at(step), 1e-12, "step " + step);
    }
  }

  @Test
  void constant() {
    values(Schedule.constant(3), 3, 3, 3);
  }

  @Test
  void linear() {
    values(Schedule.linear(1, 3, 4), 1, 1.5, 2, 2.5, 3, 3);
    values(Schedule.linear(1, 3, 0), 3, 3);
  }

  @Test
  void cosine() {
    double root = Math.sqrt(0.5);
    values(Schedule.cosine(2, 0, 4), 2, 1 + root, 1, 1 - root, 0, 0);
    values(Schedule.cosine(0, 1, 2), 0, 0.5, 1);
  }

  @Test
  void steps() {
    values(Schedule.steps(8, 0.5, List.of(3L, 1L)), 8, 4, 4, 2, 2);
    values(Schedule.steps(8, 0.5, List.of()), 8, 8);
  }

  @Test
  void aWarmUpEndsWhereTheScheduleBegins() {
    values(Schedule.cosine(2, 0, 2).warmUp(0.5, 3), 0.5, 1, 1.5, 2, 1, 0, 0);
    values(Schedule.constant(4).warmUp(0, 2), 0, 2, 4, 4);
    values(Schedule.constant(4).warmUp(0, 0), 4);
  }

  @Test
  void warmUpThenCosineOverTheWholeRun() {
    values(Schedule.warmUpCosine(4, 2, 4), 0, 2, 4, 2, 0, 0);
    values(Schedule.warmUpCosine(4, 0, 2), 4, 2, 0);
    values(Schedule.warmUpCosine(4, 4, 4), 0, 1, 2, 3, 0);
    values(Schedule.warmUpCosine(4, 1, 2, 4), 0, 2, 4, 2.5, 1, 1);
  }

  @Test
  void oneAfterTheOther() {
    values(Schedule.linear(0, 2, 2).then(3, Schedule.linear(10, 12, 2)), 0, 1, 2, 10, 11, 12, 12);
    values(Schedule.constant(3).times(-2), -6);
  }

  @Test
  void byolTauClimbsFromTheBaseToOne() {
    Schedule tau = Schedule.byolTau(0.99, 100);
    assertEquals(0.99, tau.at(0), 1e-15);
    assertEquals(0.995, tau.at(50), 1e-15);
    assertEquals(1, tau.at(100));
    assertEquals(1 - 0.01 * (Math.cos(Math.PI * 0.3) + 1) / 2, tau.at(30), 1e-15);
    for (int step = 0; step < 100; step++) {
      assertTrue(tau.at(step) < tau.at(step + 1));
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    refused("[schedule] start must be finite; got NaN", () -> Schedule.cosine(Double.NaN, 0, 1));
    refused("[schedule] total must be at least 0 steps; got -1", () -> Schedule.linear(0, 1, -1));
    refused(
        "[schedule] warm-up must fit in the run; got 5 of 4 steps",
        () -> Schedule.warmUpCosine(1, 5, 4));
    refused(
        "[schedule] length must be at least 0 steps; got -2",
        () -> Schedule.constant(1).then(-2, Schedule.constant(2)));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
