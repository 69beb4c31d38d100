package ibrik.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Conv3dGeometry;
import ibrik.tensor.op.CustomOp;
import ibrik.tensor.op.Elementwise;
import ibrik.tensor.op.IntegerOp;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.Update;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/// What an op says when a rule is broken.
class ErrorSamplesTest {
  private static Stream<Class<?>> leaves(Class<?> type) {
    return type == CustomOp.class
        ? Stream.of()
        : type.isSealed()
            ? Stream.of(type.getPermittedSubclasses()).flatMap(ErrorSamplesTest::leaves)
            : Stream.of(type);
  }

  @TestFactory
  Stream<DynamicTest> everyRuleHasItsText() {
    return ErrorSamples.all().stream()
        .map(
            sample ->
                DynamicTest.dynamicTest(
                    sample.op() + " " + sample.in(),
                    () -> refused(sample.message(), () -> sample.op().infer(sample.in()))));
  }

  @Test
  void everyOpHasASample() {
    Set<String> missing =
        leaves(Op.class).map(Class::getSimpleName).collect(Collectors.toCollection(TreeSet::new));
    ErrorSamples.all().forEach(s -> missing.remove(s.op().getClass().getSimpleName()));
    assertEquals(Set.of(), missing);
  }

  @Test
  void attributesAreCheckedWhenTheOpIsMade() {
    refused("[clamp] low must not exceed high; got 2.0 and 1.0", () -> new Elementwise.Clamp(2, 1));
    refused("[l2_normalize] eps must be positive; got 0.0", () -> new Normalize.L2Normalize(0));
    refused(
        "[batch_norm] eps must be positive; got NaN", () -> new Normalize.BatchNorm(Double.NaN));
    refused(
        "[int_mat_mul] zero must be in -128 ... 127; got 128", () -> new IntegerOp.IntMatMul(128));
    refused(
        "[requantize] low must not exceed high; got 1 and 0",
        () -> new IntegerOp.Requantize(0, 1, 0));
    refused(
        "[augment] views must have 1 to 32768 rows and columns; got 0x1",
        () -> ImageSpecs.augment(0, 1, 1, 3));
    refused("[augment] taps must be odd; got 2", () -> ImageSpecs.augment(1, 1, 2, 3));
    refused(
        "[augment] 1 or 3 channels must have a finite mean and a std above 0 each; got mean [0.4,"
            + " 0.4], std [0.25, 0.25]",
        () -> ImageSpecs.augment(1, 1, 1, 2));
    refused("[layer_norm] eps must be positive; got 0.0", () -> new Normalize.LayerNorm(0));
    refused(
        "[attention] scale must be positive; got Infinity",
        () -> new Attend.Attention(Double.POSITIVE_INFINITY));
    refused(
        "[adam_w] beta2 must be in [0, 1); got 1.0", () -> new Update.AdamW(0, 1, 1, List.of()));
    refused(
        "[lars] weightDecay and adapt must have one length; got 1 and 0",
        () -> new Update.Lars(0, 1, false, List.of(0.0), List.of()));
    refused(
        "[conv2d] stride, dilation and groups must be at least 1, padding at least 0; got stride"
            + " 0x0, pad 1x1, dilation 1x1, groups 1",
        () -> Conv2dGeometry.of(0, 1));
    refused(
        "[conv3d] stride and dilation must be at least 1, padding at least 0; got stride 1, pad -1,"
            + " dilation 1",
        () -> new Conv3dGeometry(1, -1, 1, Conv2dGeometry.of(1, 1)));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
