package ibrik.tensor.reference;

import static ibrik.tensor.reference.Values.check;
import static ibrik.tensor.reference.Values.vector;

import ibrik.tensor.Device;
import ibrik.tensor.NoLeaks;
import ibrik.tensor.Tensor;
import ibrik.tensor.TensorScope;
import ibrik.tensor.Variable;
import ibrik.tensor.exec.Interpreter;
import ibrik.tensor.op.Update;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// One step of each update op, worked out by hand with numbers that leave no digits behind.
@ExtendWith(NoLeaks.class)
class UpdateReferenceTest {
  private static void apply(Update op, Tensor... in) {
    Interpreter.current().apply(op, List.of(in));
  }

  @Test
  void ema() {
    try (TensorScope _ = TensorScope.open();
        Variable a = Variable.of("a", vector(8, 0));
        Variable b = Variable.of("b", vector(4));
        Variable tau = Variable.scalar("tau", 0.75, Device.CPU)) {
      apply(new Update.Ema(2), a.value(), b.value(), vector(0, 4), vector(8), tau.value());
      check(a.value(), 6, 1);
      check(b.value(), 5);
    }
  }

  /// g = 1 + 0.5 * 2 = 2; m = 0.5 * 4 + 2 = 4; p = 2 - 0.25 * 4 = 1, or with the look ahead 2 -
  /// 0.25 * (2 + 0.5 * 4) = 1 as well; so the second element has m = 0: 2 - 0.25 * 2 and 2 - 0.25 *
  /// 3.
  @Test
  void sgdPlainAndNesterov() {
    for (boolean nesterov : new boolean[] {false, true}) {
      try (TensorScope _ = TensorScope.open();
          Variable p = Variable.of("p", vector(2, 2));
          Variable m = Variable.of("m", vector(4, 0));
          Variable lr = Variable.scalar("lr", 0.25, Device.CPU)) {
        Update.Sgd op = new Update.Sgd(0.5, nesterov, List.of(0.5));
        apply(op, p.value(), vector(1, 1), m.value(), lr.value());
        check(m.value(), 4, 2);
        check(p.value(), 1, nesterov ? 1.25 : 1.5);
      }
    }
  }

  /// |p| = 5; g = grad + p = (6, 8), |g| = 10; trust = 0.5 * 5 / 10 = 0.25; g = (1.5, 2); m = 0.5 *
  /// (1, 2) + g = (2, 3); p = (3, 4) - 0.5 m. The bias is neither decayed nor scaled.
  @Test
  void larsDecaysThenScalesThenGathersMomentum() {
    try (TensorScope _ = TensorScope.open();
        Variable w = Variable.of("w", vector(3, 4));
        Variable b = Variable.of("b", vector(1));
        Variable mw = Variable.of("mw", vector(1, 2));
        Variable mb = Variable.of("mb", vector(2));
        Variable lr = Variable.scalar("lr", 0.5, Device.CPU)) {
      Update.Lars op = new Update.Lars(0.5, 0.5, false, List.of(1.0, 1.0), List.of(true, false));
      apply(op, w.value(), b.value(), vector(3, 4), vector(3), mw.value(), mb.value(), lr.value());
      check(mw.value(), 2, 3);
      check(w.value(), 2, 2.5);
      check(mb.value(), 4);
      check(b.value(), -1);
    }
  }

  @Test
  void larsIsPlainWhereANormIsZeroAndBoundedWhereClipped() {
    try (TensorScope _ = TensorScope.open();
        Variable w = Variable.of("w", vector(0, 0));
        Variable m = Variable.of("m", vector(0, 0));
        Variable lr = Variable.scalar("lr", 0.5, Device.CPU)) {
      Update.Lars plain = new Update.Lars(0, 0.001, false, List.of(0.0), List.of(true));
      apply(plain, w.value(), vector(2, 0), m.value(), lr.value());
      check(w.value(), -1, 0);
      // trust = 100 * 1 / 4 = 25, over lr = 50, clipped to 1
      Update.Lars clipped = new Update.Lars(0, 100, true, List.of(0.0), List.of(true));
      apply(clipped, w.value(), vector(4, 0), m.value(), lr.value());
      check(w.value(), -3, 0);
      // trust = 0.1 * 3 / 6 = 0.05, over lr = 0.1
      Update.Lars below = new Update.Lars(0, 0.1, true, List.of(0.0), List.of(true));
      apply(below, w.value(), vector(6, 0), m.value(), lr.value());
      check(w.value(), -3.3, 0);
    }
  }

  /// Step 2 with b1 = b2 = 0.5: corrections are 1 - 0.25 = 0.75. m = 0.5 * 1 + 0.5 * 2 = 1.5, over
  /// 0.75 = 2; v = 0.5 * 2 + 0.5 * 4 = 3, over 0.75 = 4; p = 8 - 0.5 * (2 / (2 + 2) + 0.25 * 8).
  @Test
  void adamWCorrectsItsMomentsAndDecaysApart() {
    try (TensorScope _ = TensorScope.open();
        Variable p = Variable.of("p", vector(8));
        Variable m = Variable.of("m", vector(1));
        Variable v = Variable.of("v", vector(2));
        Variable lr = Variable.scalar("lr", 0.5, Device.CPU);
        Variable step = Variable.scalar("step", 2, Device.CPU)) {
      Update.AdamW op = new Update.AdamW(0.5, 0.5, 2, List.of(0.25));
      apply(op, p.value(), vector(2), m.value(), v.value(), lr.value(), step.value());
      check(m.value(), 1.5);
      check(v.value(), 3);
      check(p.value(), 6.75);
    }
  }

  @Test
  void emptyListsChangeNothing() {
    try (Variable rate = Variable.scalar("rate", 1, Device.CPU)) {
      apply(new Update.Ema(0), rate.value());
      apply(new Update.Sgd(0, false, List.of()), rate.value());
      apply(new Update.Lars(0, 1, false, List.of(), List.of()), rate.value());
      apply(new Update.AdamW(0, 0, 1, List.of()), rate.value(), rate.value());
      check(rate.value(), 1);
    }
  }
}
