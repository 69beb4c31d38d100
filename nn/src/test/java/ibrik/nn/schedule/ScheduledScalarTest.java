package ibrik.nn.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ibrik.nn.NoLeaks;
import ibrik.tensor.Device;
import ibrik.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ScheduledScalarTest {
  @Test
  void theVariableFollowsTheSchedule() {
    try (ScheduledScalar lr = new ScheduledScalar("lr", Schedule.linear(1, 2, 4), Device.CPU)) {
      Tensor value = lr.variable().value();
      assertEquals("lr", lr.variable().name());
      assertEquals(1, value.item());
      lr.moveTo(2);
      assertEquals(1.5, value.item());
      assertSame(value, lr.variable().value(), "kernels keep reading the same handle");
      lr.moveTo(1);
      assertEquals(1.25, value.item());
      assertEquals(2, lr.at(9));
    }
  }
}
