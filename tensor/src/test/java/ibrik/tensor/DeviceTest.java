package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference", "cuda", "cuda:1"})
  void printsWhatItReads(String text) {
    assertEquals(text, Device.parse(text).toString());
  }

  @Test
  void deviceZeroNeedsNoNumber() {
    assertEquals(Device.CPU, Device.parse("cpu:0"));
    assertEquals(new Device("cuda", 3), Device.parse("cuda:3"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":1", "cuda:", "cuda:x", "cuda:-1"})
  void refusesOtherText(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Device.parse(text)).getMessage();
    assertTrue(message.startsWith("[device] ") && message.contains("; got '"), message);
  }
}
