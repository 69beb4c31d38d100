package ibrik.spec;

import static ibrik.spec.ErrorSample.broken;

import ibrik.tensor.op.Activation;
import ibrik.tensor.op.Attend;
import ibrik.tensor.op.Normalize;
import ibrik.tensor.op.Op;
import java.util.List;

/// One broken call per op and rule of layer norm, [Activation] and [Attend].
final class ErrorSamplesOfTransformers {
  private static final String CAST = "cast it with cast(DType.F32)";
  private static final String ALIKE = "x and dy must have one type and shape";

  private ErrorSamplesOfTransformers() {}

  static void add(List<ErrorSample> samples) {
    layerNorm(samples);
    Op gelu = new Activation.GeluBackward();
    samples.add(broken(gelu, ALIKE, "x: f32[2], dy: f32[3]", "", "f32[2]", "f32[3]"));
    attention(samples);
  }

  private static void layerNorm(List<ErrorSample> samples) {
    Op norm = new Normalize.LayerNorm(1e-5);
    samples.add(broken(norm, "x must be floating point", "x: i32[2,3]", CAST, "i32[2,3]"));
    samples.add(broken(norm, "x must have at least one axis", "x: f32[]", "", "f32[]"));
    String two = "needs 3 inputs (x, gamma, beta)";
    String got = "x: f32[2,3], gamma: f32[3]";
    samples.add(broken(norm, two, got, "", "f32[2,3]", "f32[3]"));
    got = "x: f32[2,3], gamma: f32[3], beta: f32[2]";
    String width = "gamma and beta must be f32[3], the last axis of x";
    samples.add(broken(norm, width, got, "", "f32[2,3]", "f32[3]", "f32[2]"));
    Op backward = new Normalize.LayerNormBackward(1e-5);
    samples.add(broken(backward, ALIKE, "x: f32[2], dy: f32[3]", "", "f32[2]", "f32[3]"));
    got = "x: f32[2,3], dy: f32[2,3], gamma: f64[3]";
    width = "gamma must be f32[3], the last axis of x";
    samples.add(broken(backward, width, got, "", "f32[2,3]", "f32[2,3]", "f64[3]"));
  }

  private static void attention(List<ErrorSample> samples) {
    Op op = new Attend.Attention(0.5);
    String q = "f32[2,3,4,5]";
    add(samples, op, "v must have 4 axes", q, q, "f32[2,3,4]");
    add(samples, op, "q, k and v must have one number of batches and heads", q, q, "f32[1,3,4,5]");
    add(samples, op, "q, k and v must have one number of batches and heads", q, "f32[2,1,4,5]", q);
    add(samples, op, "q and k must have one head size", q, "f32[2,3,4,6]", q);
    add(samples, op, "k and v must have one number of tokens", q, q, "f32[2,3,6,5]");
    String none = "f32[2,3,0,5]";
    add(samples, op, "k needs at least one token: no softmax over nothing", q, none, none);
    Op backward = new Attend.AttentionBackward(0.5);
    String got = "q: %s, k: %s, v: %s, lse: f32[2,3,4], dy: %s, slope: f32[2,3]";
    String rows = "lse and slope must be f32[2,3,4]";
    samples.add(
        broken(
            backward, rows, got.formatted(q, q, q, q), "", q, q, q, "f32[2,3,4]", q, "f32[2,3]"));
    got = "q: %s, k: %s, v: f32[2,3,4,7], lse: f32[2,3,4], dy: %s, slope: f32[2,3,4]";
    samples.add(
        broken(
            backward,
            "dy must be f32[2,3,4,7]",
            got.formatted(q, q, q),
            "",
            q,
            q,
            "f32[2,3,4,7]",
            "f32[2,3,4]",
            q,
            "f32[2,3,4]"));
  }

  private static void add(
      List<ErrorSample> samples, Op op, String rule, String q, String k, String v) {
    String got = "q: " + q + ", k: " + k + ", v: " + v;
    samples.add(broken(op, rule, got, "", q, k, v));
  }
}
