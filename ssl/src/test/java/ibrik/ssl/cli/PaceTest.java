package ibrik.ssl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void theFirstStepsAreForgottenAfterAnEpoch() {
    Pace pace = new Pace(20, 5 * SECOND);
    assertEquals(0, pace.stepsPerSecond());
    long now = 5 * SECOND;
    for (int i = 1; i <= 20; i++) {
      now += 2 * SECOND;
      pace.step(now);
      assertEquals(0.5, pace.stepsPerSecond(), 1e-9, "step " + i);
    }
    for (int i = 1; i <= 20; i++) {
      now += SECOND / 10;
      pace.step(now);
      assertEquals(20 / ((20 - i) * 2 + i * 0.1), pace.stepsPerSecond(), 1e-9, "step " + i);
    }
    assertEquals(10, pace.stepsPerSecond(), 1e-9);
  }

  @Test
  void shortEpochsAreTakenTogether() {
    Pace pace = new Pace(1, 0);
    pace.step(SECOND);
    pace.step(3 * SECOND);
    assertEquals(2 / 3.0, pace.stepsPerSecond(), 1e-9);
  }
}
