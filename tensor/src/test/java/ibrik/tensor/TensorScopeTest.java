package ibrik.tensor;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ibrik.tensor.backend.Backends;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(NoLeaks.class)
class TensorScopeTest {
  private static long liveBytes() {
    return Backends.of(Device.CPU).memory(0).liveBytes();
  }

  private static Tensor floats(int count) {
    return Tensor.of(new float[count], count);
  }

  private static String refused(Executable call) {
    return assertThrows(IllegalStateException.class, call).getMessage();
  }

  @Test
  void freesWhatItOwns() {
    Tensor x;
    try (TensorScope scope = TensorScope.open()) {
      x = floats(3);
      assertEquals(12, scope.liveBytes());
      assertEquals(1, scope.liveTensors());
      assertEquals(12, liveBytes());
    }
    assertTrue(x.isClosed());
    assertEquals(0, liveBytes());
  }

  @Test
  void resultsBelongToTheInnermostScope() {
    try (TensorScope outer = TensorScope.open()) {
      Tensor x = floats(2);
      Tensor y;
      try (TensorScope _ = TensorScope.open()) {
        y = x.add(1);
        assertEquals(16, outer.liveBytes(), "bytes inside count for the outer scope too");
        assertEquals(1, outer.liveTensors());
      }
      assertTrue(y.isClosed());
      assertFalse(x.isClosed());
      assertEquals(8, outer.liveBytes());
    }
  }

  @Test
  void keepMovesToTheParent() {
    try (TensorScope outer = TensorScope.open()) {
      Tensor kept;
      try (TensorScope inner = TensorScope.open()) {
        kept = inner.keep(floats(2));
        assertEquals(0, inner.liveTensors());
        assertEquals(0, inner.liveBytes());
        assertSame(kept, inner.keep(kept), "what is not owned stays where it is");
      }
      assertFalse(kept.isClosed());
      assertEquals(1, outer.liveTensors());
    }
  }

  @Test
  void keepsSeveral() {
    try (TensorScope outer = TensorScope.open()) {
      try (TensorScope inner = TensorScope.open()) {
        assertEquals(2, inner.keep(List.of(floats(1), floats(2))).size());
      }
      assertEquals(2, outer.liveTensors());
    }
  }

  @Test
  void theOutermostScopeHasNobodyToKeepFor() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = floats(2);
      assertEquals(
          "[scope] the outermost scope has no parent to keep f32[2]; open one more scope around it,"
              + " or copy the value into a Variable",
          refused(() -> scope.keep(x)));
      assertFalse(x.isClosed());
    }
  }

  @Test
  void closingATensorEarlyGivesItsBytesBack() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = floats(4);
      x.close();
      x.close();
      assertEquals(0, scope.liveBytes());
      assertEquals(0, scope.liveTensors());
      assertEquals(0, liveBytes());
    }
  }

  @Test
  void aCapIsForTheScopeAndThoseInside() {
    try (TensorScope scope = TensorScope.open()) {
      scope.cap(16);
      Tensor x = floats(2);
      try (TensorScope inner = TensorScope.open()) {
        Tensor y = x.add(1);
        assertEquals(
            """
            [scope] cap of 16 B exceeded by upload f32[1]; 1 tensors, 16 B in this scope and inside it
              8 B  1 x upload f32[2]""",
            refused(() -> floats(1)));
        assertEquals(8, inner.liveBytes(), "the refused tensor leaves no trace");
        assertEquals(16, liveBytes());
        y.close();
        assertDoesNotThrow(() -> floats(2));
      }
    }
  }

  @Test
  void viewsPassAnyCap() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = floats(6);
      scope.cap(1);
      assertEquals(Shape.of(2, 3), x.reshape(2, 3).shape());
    }
  }

  @Test
  void reportsTheLargestFirst() {
    try (TensorScope scope = TensorScope.open()) {
      assertEquals("0 tensors, 0 B in this scope and inside it", scope.report());
      Tensor small = floats(1);
      small.add(1);
      small.add(2);
      floats(100);
      assertEquals(
          """
          4 tensors, 412 B in this scope and inside it
            400 B  1 x upload f32[100]
            8 B  2 x offset f32[1]
            4 B  1 x upload f32[1]""",
          scope.report());
    }
  }

  @Test
  void onFailureFreesOnlyWhatAnExceptionLeaves() {
    try (TensorScope outer = TensorScope.open()) {
      assertThrows(
          ArithmeticException.class,
          () -> {
            try (TensorScope _ = TensorScope.onFailure()) {
              floats(3);
              throw new ArithmeticException();
            }
          });
      assertEquals(0, outer.liveTensors());
      try (TensorScope scope = TensorScope.onFailure()) {
        floats(3);
        scope.succeed();
      }
      assertEquals(1, outer.liveTensors());
      assertEquals(12, outer.liveBytes());
    }
  }

  @Test
  void useAfterCloseNamesTheTensorAndTheRemedy() {
    Tensor x;
    try (TensorScope _ = TensorScope.open()) {
      x = floats(2).add(1);
    }
    assertEquals(
        "[tensor] used after its scope closed: f32[2] made by offset; keep it with scope.keep(...)",
        refused(x::toFloats)
            .replace(" (run with -Dibrik.debug=true to see where it was made)", ""));
    assertEquals("f32[2] (closed)", x.toString());
    assertThrows(IllegalStateException.class, x::data);
    assertThrows(IllegalStateException.class, x::item);
    try (TensorScope _ = TensorScope.open()) {
      assertThrows(IllegalStateException.class, () -> x.add(1));
      assertThrows(IllegalStateException.class, () -> x.reshape(2, 1));
    }
  }

  @Test
  void withoutAScopeNothingIsMade() {
    assertEquals(
        "[scope] no TensorScope is open on this thread; wrap the code in try (var scope ="
            + " TensorScope.open()) { ... }",
        refused(() -> floats(1)));
  }

  @Test
  void aViewMadeWithoutAScopeHoldsNothing() {
    Tensor shared;
    try (Variable v = Variable.zeros("v", new TensorSpec(DType.F32, Shape.of(4)), Device.CPU)) {
      shared = v.value();
      assertThrows(IllegalStateException.class, () -> shared.viewOf(shared.spec(), 0, "by hand"));
    }
    assertEquals(0, liveBytes());
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // closed by hand on purpose
  void scopesCloseInReverseOrder() {
    TensorScope outer = TensorScope.open();
    TensorScope inner = TensorScope.open();
    assertEquals(
        "[scope] scopes close in reverse order of opening; use try-with-resources",
        refused(outer::close));
    inner.close();
    outer.close();
    outer.close(); // a second close does nothing
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker") // closed by hand on purpose
  void aClosedScopeKeepsNothing() {
    try (TensorScope _ = TensorScope.open()) {
      TensorScope inner = TensorScope.open();
      inner.close();
      assertEquals("[scope] this scope is closed", refused(() -> inner.keep(floats(1))));
    }
  }

  @Test
  @SuppressWarnings("try") // closed by hand on purpose
  void belongsToOneThread() throws InterruptedException {
    try (TensorScope scope = TensorScope.open()) {
      AtomicReference<Throwable> seen = new AtomicReference<>();
      Thread other =
          new Thread(
              () -> {
                try {
                  scope.close();
                } catch (IllegalStateException refused) {
                  seen.set(refused);
                }
              },
              "other");
      other.start();
      other.join();
      assertEquals(
          "[scope] belongs to thread " + Thread.currentThread().getName() + ", not to other",
          seen.get().getMessage());
    }
  }
}
