package ibrik.tensor.op;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.DType;
import ibrik.tensor.Shape;
import ibrik.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckTest {
  private static final TensorSpec X = new TensorSpec(DType.F32, Shape.of(2, 3));
  private static final TensorSpec INTS = new TensorSpec(DType.I32, Shape.of(2));

  private static Check check() {
    return Check.of(new Elementwise.Add(), List.of(X, INTS), "x", "w");
  }

  private static String message(Check check) {
    return assertThrows(IllegalArgumentException.class, check::done).getMessage();
  }

  @Test
  void allRulesHold() {
    assertDoesNotThrow(check().rank(0, 2).floating(0).type(1, DType.I32)::done);
  }

  @Test
  void listsEveryBrokenRuleAndEachFixOnce() {
    assertEquals(
        "[add] x must have 1 axes; w must be floating point; x and w must have one element type; no"
            + " luck; got x: f32[2,3], w: i32[2]; cast it with cast(DType.F32); cast one of them;"
            + " try again",
        message(
            check()
                .rank(0, 1)
                .floating()
                .sameType(0, 1)
                .rule(false, "no luck", "try again")
                .rule(true, "never seen", "never given")));
    assertEquals(
        "[add] one; two; got x: f32[2,3], w: i32[2]; the same",
        message(check().rule(false, "one", "the same").rule(false, "two", "the same")));
  }

  @Test
  void theNumberOfInputsComesFirst() {
    assertEquals(
        "[add] needs 3 inputs (x, w, b); got x: f32[2,3], w: i32[2]",
        assertThrows(
                IllegalArgumentException.class,
                () -> Check.of(new Elementwise.Add(), List.of(X, INTS), "x", "w", "b"))
            .getMessage());
    assertEquals(
        "[add] needs 1 inputs (x); got x: f32[2,3], input 1: i32[2]",
        assertThrows(
                IllegalArgumentException.class,
                () -> Check.of(new Elementwise.Add(), List.of(X, INTS), "x"))
            .getMessage());
  }

  @Test
  void tagsAreNamesInSnakeCase() {
    assertEquals(
        "conv2d_backward_data", new Linear.Conv2dBackwardData(Conv2dGeometry.of(1, 0), 1, 1).tag());
    assertEquals("l2_normalize", new Normalize.L2Normalize(1).tag());
    assertEquals("adam_w", new Update.AdamW(0, 0, 1, List.of()).tag());
  }
}
