package ibrik.spec;

import static ibrik.spec.ErrorSample.broken;

import ibrik.tensor.op.Op;
import java.util.List;

/// One broken call per rule of [ImageOp].
final class ErrorSamplesOfImages {
  private ErrorSamplesOfImages() {}

  static void add(List<ErrorSample> samples) {
    Op op = ImageSpecs.augment(4, 5, 3, 3);
    two(
        samples,
        op,
        "images must be u8",
        "f32[2,3,3,3]",
        "f32[2,13]",
        "cast it with cast(DType.U8)");
    two(
        samples,
        op,
        "parameters must be f32",
        "u8[2,3,3,3]",
        "f64[2,13]",
        "cast it with cast(DType.F32)");
    two(samples, op, "images must have 4 axes", "u8[3,3,3]", "f32[3,13]", "");
    two(samples, op, "images must have 1 or 3 channels", "u8[2,3,3,2]", "f32[2,13]", "");
    two(samples, op, "images must have at least one pixel", "u8[2,0,3,3]", "f32[2,13]", "");
    String rows = "parameters must be [2,13], a row per image";
    two(samples, op, rows, "u8[2,3,3,3]", "f32[3,13]", "");
    two(samples, op, rows, "u8[2,3,3,3]", "f32[2,12]", "");
    three(samples, op, "subject must be bool", "u8[2,3,4]", "cast it with cast(DType.BOOL)");
    three(samples, op, "subject must be images without their last axis", "bool[2,4,3]", "");
  }

  private static void two(
      List<ErrorSample> samples, Op op, String rule, String images, String parameters, String fix) {
    String got = "images: " + images + ", parameters: " + parameters;
    samples.add(broken(op, rule, got, fix, images, parameters));
  }

  private static void three(
      List<ErrorSample> samples, Op op, String rule, String subject, String fix) {
    String got = "images: u8[2,3,4,1], parameters: f32[2,13], subject: " + subject;
    samples.add(broken(op, rule, got, fix, "u8[2,3,4,1]", "f32[2,13]", subject));
  }
}
