package ibrik.ssl.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/// Means of an epoch, and how they survive a checkpoint.
class EpochMeterTest {
  private final EpochMeter meter = new EpochMeter();

  @Test
  void nothingBeforeTheFirstStep() {
    assertEquals(Map.of(), meter.means());
    assertEquals("0", meter.toText());
  }

  /// A batch without labels leaves the probe out.
  @Test
  void meansAreOverTheStepsThatToldTheNumber() {
    meter.add(Map.of("loss", 1.0));
    meter.addLate(Map.of("probe", 4.0));
    meter.add(Map.of("loss", 2.0));
    meter.add(Map.of("loss", 6.0));
    assertEquals(Map.of("loss", 3.0, "probe", 4.0), meter.means());
  }

  @Test
  void goesOnFromItsText() {
    meter.add(Map.of("loss", 0.1));
    meter.add(Map.of("loss", 0.2));
    meter.addLate(Map.of("probe", 0.7));
    assertEquals("2 loss=0x1.3333333333334p-2 probe=0x1.6666666666666p-1/1", meter.toText());
    EpochMeter other = new EpochMeter();
    other.fromText(meter.toText());
    for (EpochMeter each : new EpochMeter[] {meter, other}) {
      each.add(Map.of("loss", 0.3));
      each.addLate(Map.of("probe", 0.9));
    }
    assertEquals(meter.toText(), other.toText());
    assertEquals(meter.means(), other.means());
  }

  /// Each sum that stands alone is one of every step.
  @Test
  void readsSumsOfEveryStep() {
    meter.fromText("4 loss=0x1.8p1 probe=0x1p1");
    assertEquals(Map.of("loss", 0.75, "probe", 0.5), meter.means());
    assertEquals("4 loss=0x1.8p1 probe=0x1.0p1", meter.toText());
  }
}
