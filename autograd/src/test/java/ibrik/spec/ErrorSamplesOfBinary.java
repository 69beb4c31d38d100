package ibrik.spec;

import static ibrik.spec.ErrorSample.broken;

import ibrik.tensor.DType;
import ibrik.tensor.op.Binary;
import ibrik.tensor.op.Binary.Outside;
import ibrik.tensor.op.Binary.Signs;
import ibrik.tensor.op.Binary.Surrogate;
import ibrik.tensor.op.Binary.WeightGradient;
import ibrik.tensor.op.Conv2dGeometry;
import ibrik.tensor.op.Op;
import java.util.List;

/// One broken call per op and rule of [Binary].
final class ErrorSamplesOfBinary {
  private static final String CAST = "cast it with cast(DType.F32)";
  private static final String TO_INT = "cast it with cast(DType.I32)";
  private static final String X_ALIKE = "x and dy must have one type and shape";
  private static final String AXIS = "x must have at least one axis";

  private ErrorSamplesOfBinary() {}

  static void add(List<ErrorSample> samples) {
    signs(samples);
    rectifier(samples);
    weights(samples);
    bits(samples);
    convolution(samples);
  }

  private static void signs(List<ErrorSample> samples) {
    Op sign = new Binary.SignBinarize(Signs.SIGN2, Surrogate.CLIP);
    samples.add(broken(sign, "x must be floating point", "x: i32[2]", CAST, "i32[2]"));
    Op signBackward = new Binary.SignBinarizeBackward(Surrogate.CLIP);
    samples.add(broken(signBackward, X_ALIKE, "x: f32[2], dy: f32[3]", "", "f32[2]", "f32[3]"));
    Op shifted = new Binary.RSign(Signs.SIGN2, Surrogate.CLIP);
    samples.add(
        broken(
            shifted,
            "shift must be f32[3], as the last axis of x",
            "x: f32[2,3], shift: f32[2]",
            "",
            "f32[2,3]",
            "f32[2]"));
    samples.add(broken(shifted, AXIS, "x: f32[], shift: f32[1]", "", "f32[]", "f32[1]"));
    Op backward = new Binary.RSignBackward(Surrogate.CLIP);
    samples.add(
        broken(
            backward,
            "shift must be f32[3], as the last axis of x",
            "x: f32[2,3], shift: f64[3], dy: f32[2,3]",
            "",
            "f32[2,3]",
            "f64[3]",
            "f32[2,3]"));
    samples.add(
        broken(
            backward,
            X_ALIKE,
            "x: f32[2,3], shift: f32[3], dy: f32[3]",
            "",
            "f32[2,3]",
            "f32[3]",
            "f32[3]"));
  }

  private static void rectifier(List<ErrorSample> samples) {
    Op forward = new Binary.RPRelu();
    samples.add(
        broken(
            forward,
            "before, slope and after must be f32[3], as the last axis of x",
            "x: f32[2,3], before: f32[3], slope: f32[3], after: f32[1]",
            "",
            "f32[2,3]",
            "f32[3]",
            "f32[3]",
            "f32[1]"));
    samples.add(
        broken(
            forward,
            AXIS,
            "x: f32[], before: f32[1], slope: f32[1], after: f32[1]",
            "",
            "f32[]",
            "f32[1]",
            "f32[1]",
            "f32[1]"));
    Op backward = new Binary.RPReluBackward();
    samples.add(
        broken(
            backward,
            "before and slope must be f32[3], as the last axis of x",
            "x: f32[2,3], before: f32[3], slope: f32[2], dy: f32[2,3]",
            "",
            "f32[2,3]",
            "f32[3]",
            "f32[2]",
            "f32[2,3]"));
    samples.add(
        broken(
            backward,
            X_ALIKE,
            "x: f32[2,3], before: f32[3], slope: f32[3], dy: f32[3,2]",
            "",
            "f32[2,3]",
            "f32[3]",
            "f32[3]",
            "f32[3,2]"));
  }

  private static void weights(List<ErrorSample> samples) {
    String axes = "w must have at least 2 axes, the first one the filters";
    String empty = "w must not be empty: no mean over no elements";
    Op forward = new Binary.BinarizeWeights(Signs.SIGN2, WeightGradient.EXACT);
    samples.add(broken(forward, axes, "w: f32[3]", "", "f32[3]"));
    samples.add(broken(forward, empty, "w: f32[3,0]", "", "f32[3,0]"));
    Op backward = new Binary.BinarizeWeightsBackward(Signs.SIGN2, WeightGradient.EXACT);
    samples.add(broken(backward, empty, "w: f32[0,3], dy: f32[0,3]", "", "f32[0,3]", "f32[0,3]"));
    samples.add(
        broken(
            backward,
            "w and dy must have one type and shape",
            "w: f32[2,3], dy: f32[3,2]",
            "",
            "f32[2,3]",
            "f32[3,2]"));
  }

  private static void bits(List<ErrorSample> samples) {
    Op pack = new Binary.PackSigns();
    samples.add(broken(pack, "x must be floating point", "x: i32[2,3]", CAST, "i32[2,3]"));
    samples.add(broken(pack, AXIS, "x: f32[]", "", "f32[]"));
    Op unpack = new Binary.UnpackSigns(33, DType.F32);
    samples.add(broken(unpack, "words must be i32", "words: i64[3,2]", TO_INT, "i64[3,2]"));
    String words = "the last axis must have 2 words for 33 channels";
    samples.add(broken(unpack, words, "words: i32[2,3]", "", "i32[2,3]"));
    samples.add(
        broken(
            new Binary.UnpackSigns(33, DType.I32),
            "the signs must be floating point, not i32",
            "words: i32[3,2]",
            "",
            "i32[3,2]"));
  }

  private static void convolution(List<ErrorSample> samples) {
    Op op = new Binary.XnorConv2d(Conv2dGeometry.of(1, 0), 33, Outside.ZERO);
    conv(samples, op, "x must be i32", TO_INT, "i64[1,4,4,2]", "i32[3,3,3,2]", "f32[3]");
    conv(samples, op, "x must have 4 axes", "", "i32[4,4,2]", "i32[3,3,3,2]", "f32[3]");
    String words = "x and w must have 2 words for 33 channels";
    conv(samples, op, words, "", "i32[1,4,4,33]", "i32[3,3,3,2]", "f32[3]");
    String alpha = "alpha must have one number per filter of w";
    conv(samples, op, alpha, "", "i32[1,4,4,2]", "i32[3,3,3,2]", "f32[2]");
    String small = "padded image must not be smaller than the dilated kernel";
    String pad = "add padding or use a smaller kernel";
    conv(samples, op, small, pad, "i32[1,2,4,2]", "i32[3,3,3,2]", "f32[3]");
    Op grouped = new Binary.XnorConv2d(new Conv2dGeometry(1, 1, 0, 0, 1, 1, 2), 33, Outside.ZERO);
    conv(samples, grouped, "groups must be 1", "", "i32[1,4,4,2]", "i32[4,3,3,2]", "f32[4]");
    Op many = new Binary.XnorConv2d(Conv2dGeometry.of(1, 0), 1 << 24, Outside.ZERO);
    String sum = "channels times taps must not exceed 16777216";
    conv(samples, many, sum, "", "i32[1,1,2,524288]", "i32[1,1,2,524288]", "f32[1]");
  }

  private static void conv(
      List<ErrorSample> samples, Op op, String rule, String fix, String x, String w, String alpha) {
    samples.add(broken(op, rule, "x: " + x + ", w: " + w + ", alpha: " + alpha, fix, x, w, alpha));
  }
}
