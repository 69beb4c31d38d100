package ibrik.spec;

import static ibrik.spec.ErrorSample.broken;

import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.IntegerOp;
import ibrik.tensor.op.Op;
import ibrik.tensor.op.QuantGrid;
import ibrik.tensor.op.Quantize;
import java.util.List;

/// One broken call per op and rule of [IntegerOp], and of the way into it.
final class ErrorSamplesOfIntegers {
  private static final String CAST = "cast it with cast(DType.I8)";
  private static final String LONG = "sums must not be longer than 65793";

  private ErrorSamplesOfIntegers() {}

  static void add(List<ErrorSample> samples) {
    Op product = new IntegerOp.IntMatMul(0);
    two(samples, product, "x must be i8", "f32[2,3]", "i8[4,3]", CAST);
    two(samples, product, "w must have 2 axes", "i8[2,3]", "i8[3]", "");
    two(samples, product, "x must have at least one axis", "i8[]", "i8[1,1]", "");
    two(samples, product, "the last extents of x and w must be equal", "i8[2,3]", "i8[3,2]", "");
    two(samples, product, LONG, "i8[2,65794]", "i8[1,65794]", "");
    Op conv = new IntegerOp.IntConv2d(Conv2dGeometry.of(1, 0), 0);
    two(samples, conv, "w must be i8", "i8[1,4,4,2]", "u8[3,3,3,2]", CAST);
    two(samples, conv, "x must have 4 axes", "i8[4,4,2]", "i8[3,3,3,2]", "");
    two(samples, conv, "channels of x must be those of w", "i8[1,4,4,2]", "i8[3,3,3,1]", "");
    two(samples, conv, LONG, "i8[1,4,4,7400]", "i8[1,3,3,7400]", "");
    String fix = "add padding or use a smaller kernel";
    String small = "padded image must not be smaller than the dilated kernel";
    two(samples, conv, small, "i8[1,2,4,2]", "i8[3,3,3,2]", fix);
    Op grouped = new IntegerOp.IntConv2d(Conv2dGeometry.of(1, 0).grouped(2), 0);
    two(samples, grouped, "groups must be 1", "i8[1,4,4,2]", "i8[2,3,3,1]", "");
    Op back = new IntegerOp.Requantize(0, -128, 127);
    String got = "sum: i32[2,3], bias: i32[3], multiplier: i32[2], shift: i32[3]";
    String rule = "bias, multiplier and shift must be i32[3], the last axis of sum";
    samples.add(broken(back, rule, got, "", "i32[2,3]", "i32[3]", "i32[2]", "i32[3]"));
    got = "sum: i8[3], bias: i32[3], multiplier: i32[3], shift: i32[3]";
    samples.add(
        broken(
            back,
            "sum must be i32",
            got,
            "cast it with cast(DType.I32)",
            "i8[3]",
            "i32[3]",
            "i32[3]",
            "i32[3]"));
    Op pack = new IntegerOp.PackInt4();
    samples.add(broken(pack, "x must be i8", "x: u8[3]", CAST, "u8[3]"));
    samples.add(broken(pack, "x must have at least one axis", "x: i8[]", "", "i8[]"));
    Op unpack = new IntegerOp.UnpackInt4(9);
    rule = "words must have 2 along the last axis for 9 integers";
    samples.add(broken(unpack, rule, "words: i32[3,1]", "", "i32[3,1]"));
    Op into = new Quantize.QuantizeInt8(QuantGrid.signed(8), 0);
    got = "x: f32[2,3], scale: f32[3], zero: f32[]";
    rule = "scale and zero must each be 0-d or [2], axis 0 of x";
    samples.add(broken(into, rule, got, "", "f32[2,3]", "f32[3]", "f32[]"));
  }

  private static void two(
      List<ErrorSample> samples, Op op, String rule, String x, String w, String fix) {
    samples.add(broken(op, rule, "x: " + x + ", w: " + w, fix, x, w));
  }
}
